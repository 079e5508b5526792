/** Stored weights: strict readers, weight-name maps. */
package dev.patchbay.model.checkpoint;
