/** Prompt pairs: clean and corrupted prompts with their answers, read strictly and written canonically. */
package dev.patchbay.analysis.pairs;
