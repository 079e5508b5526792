/** Tasks that make prompt pairs. */
package dev.patchbay.analysis.data;
