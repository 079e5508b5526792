/** What every reader of files needs: files that do not change under it, text, names in messages, digests. Not exported. */
package dev.patchbay.model.input;
