/** The transformer as a list of steps. */
package dev.patchbay.model.graph;
