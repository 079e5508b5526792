/**
 * Small models whose weights are written by hand, so that every score, attribution and patching effect is known in closed
 * form: the built-in example and the fixture of most tests. Scores are not scaled, softmax is saturated (sharpness β), and
 * the residual stream is made of one-hot blocks.
 */
package dev.patchbay.model.zoo;
