# The emulated CUDA device: the kernels of $(CUDA_KERNELS), compiled for the host, and the driver API in front of them.
# Included by the Makefile of native/.
CUDA_KERNELS ?= ../cuda-kernels
CUDA_HOME ?= /usr/local/cuda
EMULATOR := $(BUILD)/emulator

# Stack-clash protection: a fiber's stack cannot be left without touching its guard page.
EMULATOR_FLAGS := -O2 -std=c++20 -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -mavx2 -mfma \
                  -DPATCHBAY_EMULATED -fstack-clash-protection -Wall -Wextra -Werror -ffile-prefix-map=$(CURDIR)/=native/ \
                  -ffile-prefix-map=$(abspath $(CUDA_KERNELS))=cuda-kernels -Iinclude -Iemulator/include -MMD -MP
EMULATOR_LINK := -pthread -Wl,--build-id=none

EMULATOR_LIBRARY := $(patsubst emulator/%.cpp,$(EMULATOR)/%.o,$(wildcard emulator/runtime/*.cpp emulator/driver/*.cpp)) \
                    $(patsubst $(CUDA_KERNELS)/%.cu,$(EMULATOR)/kernels/%.o,$(wildcard $(CUDA_KERNELS)/*.cu))
EMULATOR_TEST := $(patsubst emulator/%.cpp,$(EMULATOR)/%.o,$(wildcard emulator/test/*.cpp)) $(HARNESS)

# The library stays where it is once loaded: it installs a signal handler and has threads.
$(BUILD)/libpatchbay_cuda_emulator.so: $(EMULATOR_LIBRARY) emulator/exports.map
	@echo "  $(notdir $@)"
	@$(CXX) -shared $(EMULATOR_LINK) -Wl,-z,defs -Wl,-z,nodelete -Wl,--version-script=emulator/exports.map \
	       -o $@ $(EMULATOR_LIBRARY)

# What a loader finds by its own names where LD_LIBRARY_PATH leads to this folder: for JCuda, which looks nowhere else.
$(BUILD)/loader/libcuda.so.1: $(BUILD)/libpatchbay_cuda_emulator.so
	@mkdir -p $(@D)
	@ln -sf ../libpatchbay_cuda_emulator.so $@

# The products of cuBLASLt, on the CPU: beside the driver, whose stream order it keeps.
EMULATOR_BLAS := $(patsubst emulator/%.cpp,$(EMULATOR)/%.o,$(wildcard emulator/blas/*.cpp))
$(BUILD)/libpatchbay_cublaslt_emulator.so: $(EMULATOR_BLAS) $(BUILD)/libpatchbay_cuda_emulator.so emulator/blas/exports.map
	@echo "  $(notdir $@)"
	@$(CXX) -shared $(EMULATOR_LINK) -Wl,-z,defs -Wl,-z,nodelete -Wl,--version-script=emulator/blas/exports.map \
	       -o $@ $(EMULATOR_BLAS) -L$(BUILD) -l:libpatchbay_cuda_emulator.so -Wl,-rpath,'$$ORIGIN'

EMULATOR_CUBLAS := $(EMULATOR)/cublas/cublas.o $(EMULATOR)/blas/product.o
$(BUILD)/loader/libcublas.so.12: $(EMULATOR_CUBLAS) $(BUILD)/loader/libcuda.so.1 emulator/cublas/exports.map
	@echo "  $(notdir $@)"
	@$(CXX) -shared $(EMULATOR_LINK) -Wl,-z,defs -Wl,-z,nodelete -Wl,-soname,libcublas.so.12 \
	       -Wl,--version-script=emulator/cublas/exports.map -o $@ $(EMULATOR_CUBLAS) -L$(@D) -l:libcuda.so.1

# Stands beside the driver's name, where it is looked for. It needs none.
$(BUILD)/loader/libnvidia-ml.so.1: $(EMULATOR)/nvml/nvml.o emulator/nvml/exports.map
	@mkdir -p $(@D)
	@echo "  $(notdir $@)"
	@$(CXX) -shared $(EMULATOR_LINK) -Wl,-z,defs -Wl,--version-script=emulator/nvml/exports.map -o $@ $<

$(BUILD)/patchbay-cuda-emulator-test: $(EMULATOR_TEST) $(EMULATOR_LIBRARY) $(EMULATOR_BLAS) \
                                      $(BUILD)/libpatchbay_cuda_emulator.so
	@echo "  $(notdir $@)"
	@$(CXX) $(EMULATOR_LINK) -o $@ $(EMULATOR_TEST) $(EMULATOR_LIBRARY) $(EMULATOR_BLAS) -ldl

$(BUILD)/patchbay-cuda-emulator-bench: $(EMULATOR)/bench/bench.o $(EMULATOR)/test/check.o $(EMULATOR)/test/test_kernels.o $(HARNESS) \
                                       $(EMULATOR_LIBRARY)
	@echo "  $(notdir $@)"
	@$(CXX) $(EMULATOR_LINK) -o $@ $^

# -O3 unrolls the tiles that nvcc is told to unroll by pragmas: three times as fast here.
$(EMULATOR)/kernels/%.o: $(CUDA_KERNELS)/%.cu Makefile emulator/emulator.mk
	@mkdir -p $(@D)
	@echo "  $(notdir $@)"
	@$(CXX) $(EMULATOR_FLAGS) -O3 -Wno-unknown-pragmas -x c++ -c -o $@ $<

$(EMULATOR)/%.o: emulator/%.cpp Makefile emulator/emulator.mk
	@mkdir -p $(@D)
	@echo "  $(notdir $@)"
	@$(CXX) $(EMULATOR_FLAGS) -Iemulator -c -o $@ $<

# Its loops are products: as above.
$(EMULATOR)/blas/%.o: EMULATOR_FLAGS += -O3

# cuda.h is not needed; where it is, the test compares the emulator's constants with it.
$(EMULATOR)/test/abi_test.o: EMULATOR_FLAGS += $(addprefix -isystem ,$(wildcard $(CUDA_HOME)/include))

-include $(EMULATOR_LIBRARY:.o=.d) $(EMULATOR_BLAS:.o=.d) $(EMULATOR_TEST:.o=.d) $(EMULATOR)/bench/bench.d \
         $(EMULATOR)/cublas/cublas.d $(EMULATOR)/nvml/nvml.d
