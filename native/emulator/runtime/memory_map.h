/* The runtime asks the driver what lies at an address; without a driver nothing does. */
#ifndef PATCHBAY_EMULATOR_MEMORY_MAP_H
#define PATCHBAY_EMULATOR_MEMORY_MAP_H

#include <cstdint>
#include <string>

namespace pb::emulated {

std::string describe_address(uint64_t address);

} // namespace pb::emulated

#endif
