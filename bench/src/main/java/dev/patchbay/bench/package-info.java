/** Measurements: where the time of a forward pass goes. */
package dev.patchbay.bench;
