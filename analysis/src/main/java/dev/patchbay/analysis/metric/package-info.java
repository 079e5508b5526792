/** Numbers read from a run at END. */
package dev.patchbay.analysis.metric;
