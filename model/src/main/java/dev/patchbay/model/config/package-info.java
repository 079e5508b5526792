/** The descriptor of a model, and how a configuration fills it in. */
package dev.patchbay.model.config;
