/* What the last lane to come to a matrix collective does for its warp. */
#ifndef PATCHBAY_EMULATOR_MATRIX_H
#define PATCHBAY_EMULATOR_MATRIX_H

namespace pb::emulated {

/* operands[lane]: an LdmatrixOperands. */
void load_matrices(void *const (&operands)[32]);
/* operands[lane]: an MmaOperands. */
void multiply_matrices(void *const (&operands)[32]);

} // namespace pb::emulated

#endif
