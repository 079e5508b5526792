/** Weights processed as TransformerLens does by default: the same function of the prompt, other numbers inside. */
package dev.patchbay.model.processed;
