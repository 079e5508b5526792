/** Text to tokens and back: the Hugging Face tokenizer format, spans of text as token positions, answers in context. */
package dev.patchbay.model.tokenizer;
