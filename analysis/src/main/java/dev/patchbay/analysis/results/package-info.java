/** What a sweep leaves on disk. */
package dev.patchbay.analysis.results;
