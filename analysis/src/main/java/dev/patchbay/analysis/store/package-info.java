/** Where a sweep keeps what is finished, so that nothing is lost when it is stopped. */
package dev.patchbay.analysis.store;
