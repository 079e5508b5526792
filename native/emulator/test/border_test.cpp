#include "check.h"
#include "stories.h"
void border_stories() { check::ok(check::cuInit(0), "cuInit"); }
