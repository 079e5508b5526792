/** What is kept and changed during a run, as data. */
package dev.patchbay.model.program;
