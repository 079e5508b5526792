package dev.patchbay.model.graph;

/**
 * A matrix {@code [tokens, width]} that flows through a graph, written by exactly one step.
 *
 * @param id its number in the graph
 * @param width elements per token
 */
public record Value(int id, int width) {}
