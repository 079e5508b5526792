/* The chapters of the test. */
#ifndef PATCHBAY_EMULATOR_STORIES_H
#define PATCHBAY_EMULATOR_STORIES_H

void launch_stories();
void fault_stories();
void memory_stories();
void stream_stories();
void border_stories();
void abi_stories();
void matrix_stories();
void gemm_stories();
void row_stories();
void expert_stories();
void attention_stories();
void attention_kinds_stories();
void attention_bf16_stories();
void convert_stories();

#endif
