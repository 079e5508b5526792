/* Every operation against a float64 reference, and bit for bit against itself on every device. */
#include "check.h"
#include "stories.h"

int main() {
    border_stories();
    elementary_stories();
    gemm_stories();
    row_stories();
    expert_stories();
    edit_stories();
    attention_stories();
    attention_edit_stories();
    for (pb_cpu_device *device : check::devices()) {
        pb_cpu_destroy(device);
    }
    return check::summary();
}
