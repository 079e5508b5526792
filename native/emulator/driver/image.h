/* The names in a kernel image: which of the emulator's kernels a real build has too. */
#ifndef PATCHBAY_EMULATOR_IMAGE_H
#define PATCHBAY_EMULATOR_IMAGE_H

#include <string_view>

namespace pb::emulated {

/*
 * The bytes of a fatbin, cubin or PTX text in which kernels can be sought by name. Empty for other images and for a
 * compressed fatbin: their kernels are not checked.
 */
std::string_view searchable_image(const void *image);

/* Whether the name stands in the bytes as a whole word. */
bool names_kernel(std::string_view image, std::string_view name);

} // namespace pb::emulated

#endif
