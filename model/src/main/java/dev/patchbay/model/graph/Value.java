package dev.patchbay.model.graph;

import dev.patchbay.device.DType;

/**
 * A matrix {@code [tokens, width]} that flows through a graph, written by exactly one step.
 *
 * @param id its number in the graph
 * @param width elements per token
 * @param type of the elements
 */
public record Value(int id, int width, DType type) {}
