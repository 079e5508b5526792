/* The groups of stories, one a file. */
#ifndef PATCHBAY_CPU_STORIES_H
#define PATCHBAY_CPU_STORIES_H

void border_stories();
void elementary_stories();
void gemm_stories();
void row_stories();
void expert_stories();
void edit_stories();
void attention_stories();
void attention_edit_stories();

#endif
