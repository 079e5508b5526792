/** Files that a single forward pass reads and writes: tokens, edits, captures. */
package dev.patchbay.analysis.io;
