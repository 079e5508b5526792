/** Named activations and where they are. */
package dev.patchbay.model.site;
