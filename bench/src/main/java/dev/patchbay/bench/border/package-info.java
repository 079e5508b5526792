/**
 * What a call across the native border takes, on a CUDA driver of empty functions: {@code make bench-border}. JMH runs
 * the benchmarks in virtual machines of their own, on the class path.
 */
package dev.patchbay.bench.border;
