# A driver of empty functions, for the benchmarks of the border. Included by the Makefile of native/; built on demand only.
$(BUILD)/libpatchbay_empty_driver.so: bench-border/empty_driver.cpp emulator/driver/functions.h emulator/driver/functions.def \
                                      emulator/driver/abi.h emulator/exports.map bench-border/bench-border.mk
	@mkdir -p $(@D)
	@echo "  $(notdir $@)"
	@$(CXX) -shared -O2 -std=c++20 -fPIC -fvisibility=hidden -Wall -Wextra -Wpedantic -Werror \
	       -ffile-prefix-map=$(CURDIR)=native -Wl,--build-id=none -Wl,-z,defs \
	       -Wl,--version-script=emulator/exports.map -o $@ $<

# What a loader finds by its own name, for JCuda.
$(BUILD)/empty-loader/libcuda.so.1: $(BUILD)/libpatchbay_empty_driver.so
	@mkdir -p $(@D)
	@ln -sf ../libpatchbay_empty_driver.so $@
