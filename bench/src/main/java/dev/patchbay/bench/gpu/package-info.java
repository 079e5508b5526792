/** The check of a machine with a GPU: correctness, then speed, stage by stage. */
@org.jspecify.annotations.NullMarked
package dev.patchbay.bench.gpu;
