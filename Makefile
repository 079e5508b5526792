# Everything is built into build/. `make help` lists what can be asked for.
SHELL = /bin/sh
scripts = cli/src/main/sh
# A relative folder: make cannot take one whose name has spaces.
THREADS = 1
DEVICE = cuda
STAGES =
# What is measured on an emulator is not kept.
REPORT = $(if $(filter cuda-emulated,$(DEVICE)),,docs/gpu/report)
bench = "$$(sh $(scripts)/find-jdk.sh run)/bin/java" -Xmx4g --module-path build/lib:bench/target/classes:bench/target/jmh \
    --enable-native-access=dev.patchbay.bindings --module dev.patchbay.bench/dev.patchbay.bench
native = $(MAKE) -s -C native BUILD=../build/native

JEXTRACT_INCLUDES = $(firstword $(wildcard /usr/local/cuda*/include))

.PHONY: build test kill-test coverage-test fuzz mutants demo format native bench-cpu bench-forward bench-sweep bench-direct bench-border gpu-check gpu-bundle kernels jextract-bindings clean help

build: ## the patchbay command, without running tests (the default)
	@sh $(scripts)/build.sh package

test: ## everything: all tests, Java and native, and the format check
	@sh $(scripts)/build.sh verify

kill-test: ## 200 sweeps killed at random moments; each goes on and ends with the same bytes
	@JAVA_HOME="$$(sh $(scripts)/find-jdk.sh build)" || exit; export JAVA_HOME; \
	mvn -B -ntp -q -Dstyle.color=never -pl java-bindings,model,analysis,cli test -Djacoco.skip -Dtest=KillTest \
	    -Dsurefire.failIfNoSpecifiedTests=false -Dtest.options=-Dpatchbay.kills=200

mutants: ## plants one-line faults in the engine, one at a time; the golden families must see every one
	@JAVA_HOME="$$(sh $(scripts)/find-jdk.sh build)" || exit; export JAVA_HOME; \
	mvn -B -ntp -q -Dstyle.color=never -pl java-bindings,model test -Djacoco.skip -Dtest=MutantsTest \
	    -Dsurefire.failIfNoSpecifiedTests=false -Dtest.options=-Dpatchbay.mutants=all

fuzz: ## searches for files that break the readers of untrusted ones (MINUTES=10)
	@sh model/src/test/sh/fuzz.sh $(or $(MINUTES),10)

coverage-test: ## how often the intervals over pairs hold the truth, over 10,000 data sets of each kind
	@JAVA_HOME="$$(sh $(scripts)/find-jdk.sh build)" || exit; export JAVA_HOME; \
	mvn -B -ntp -q -Dstyle.color=never -pl java-bindings,model,analysis test -Djacoco.skip -Dtest=CoverageTest \
	    -Dsurefire.failIfNoSpecifiedTests=false -Dtest.options=-Dpatchbay.coverage=10000

demo: ## a first result in a minute, without a GPU or a download
	@./patchbay demo

format: ## puts the Java sources into the one format
	@JAVA_HOME="$$(sh $(scripts)/find-jdk.sh build)" || exit; export JAVA_HOME; \
	mvn -B -ntp -q -Dstyle.color=never spotless:apply

native: ## the CPU device alone
	@$(native) ../build/native/libpatchbay_cpu.so

bench-cpu: ## times the operations of the CPU device
	@$(native) bench

bench-forward: build ## times a forward pass of the GPT-2-small shape (THREADS=1)
	@$(bench).ForwardBench cpu $(THREADS)

bench-sweep: build ## times sweeps of the GPT-2-small shape beside the naive loop (THREADS=1)
	@$(bench).SweepBench cpu $(THREADS)

bench-direct: build ## what direct effects cost beside the total ones (THREADS=1)
	@$(bench).DirectBench cpu $(THREADS)

bench-border: build ## times calls across the native border, on a CUDA driver that does nothing
	@$(native) ../build/native/empty-loader/libcuda.so.1
	@LD_LIBRARY_PATH="$$PWD/build/native/empty-loader" "$$(sh $(scripts)/find-jdk.sh run)/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
	    -cp 'bench/target/classes:build/lib/*:bench/target/jmh/*' dev.patchbay.bench.border.BorderBench \
	    build/native/libpatchbay_empty_driver.so build/bench-border.json

gpu-check: ## checks a GPU and measures it (DEVICE=cuda STAGES= REPORT=docs/gpu/report)
	@sh bench/src/main/sh/gpu-bundle.sh folder
	@sh build/gpu-bundle/gpu-check.sh $(DEVICE) build/gpu-check $(if $(STAGES),--stage $(STAGES)) $(if $(REPORT),--report $(REPORT))

gpu-bundle: ## packs that check for a machine without Java: build/gpu-bundle.tar.gz
	@sh bench/src/main/sh/gpu-bundle.sh pack

kernels: ## the CUDA kernels (needs nvcc)
	@if [ ! -d cuda-kernels ]; then echo "kernels: skipped, there is no cuda-kernels folder yet"; \
	elif ! command -v nvcc >/dev/null; then echo "kernels: skipped, nvcc is not on PATH"; \
	else $(MAKE) -s -C cuda-kernels BUILD=../build/kernels; fi

# Not part of the build: what jextract makes of the header stands beside ours for reading. A test compares ours with the
# header itself, as a C++ compiler sees it.
jextract-bindings: ## what jextract makes of cuda.h, for comparison: build/jextract
	@if ! command -v jextract >/dev/null; then echo "jextract-bindings: skipped, jextract is not on PATH"; \
	elif [ ! -f "$(JEXTRACT_INCLUDES)/cuda.h" ]; then echo "jextract-bindings: skipped, no cuda.h under /usr/local/cuda*"; \
	else rm -rf build/jextract && jextract --output build/jextract --target-package cuda --header-class-name Cuda \
	    @java-bindings/src/jextract/cuda.symbols "$(JEXTRACT_INCLUDES)/cuda.h" && echo "jextract-bindings: build/jextract"; fi

clean: ## removes everything that was built
	@rm -rf build java-bindings/target model/target analysis/target cli/target bench/target

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20
