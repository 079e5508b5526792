/* The chapters of the test. */
#ifndef PATCHBAY_EMULATOR_STORIES_H
#define PATCHBAY_EMULATOR_STORIES_H

void launch_stories();
void fault_stories();
void memory_stories();
void stream_stories();
void border_stories();

#endif
