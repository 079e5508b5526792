/** Running a model: rows and batches, the forward pass, what it keeps, generation. */
package dev.patchbay.model.run;
