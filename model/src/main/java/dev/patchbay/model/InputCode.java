package dev.patchbay.model;

import java.util.function.Supplier;

/** Why a checkpoint, a tokenizer or a request is refused: a name that stays the same while messages get better. */
public enum InputCode {
    /** Too short for a safetensors file. */
    ST_SHORT,
    /** The length of a safetensors header is impossible. */
    ST_HEADER,
    /** A safetensors header is not the JSON that the format asks for. */
    ST_JSON,
    /** Two tensors, fields or notes of a safetensors file have one name. */
    ST_DUP,
    /** The tensors of a safetensors file overlap or leave a hole. */
    ST_OFFSET,
    /** A safetensors file is longer or shorter than its tensors. */
    ST_LENGTH,
    /** A shape is impossible, or is not that of its bytes. */
    ST_SHAPE,
    /** A type that is unknown, or that what is asked for cannot be read from. */
    ST_DTYPE,
    /** A name that is too long. */
    ST_NAME,
    /** A truth value that is neither 0 nor 1. */
    ST_VALUE,
    /** An index is not the JSON it should be. */
    IDX_JSON,
    /** A file that lies, or whose name leads, outside of the model folder, or that is no regular file. */
    IDX_PATH,
    /** Index and shards are not of one checkpoint. */
    IDX_SET,
    /** A file changed while it was read. */
    IO_CHANGED,
    /** The file system refuses. */
    IO,
    /** Weights in a format that is not read. */
    FMT_PICKLE,
    /** Tensors are missing, or are more, or of another shape or type than the configuration says. */
    W_SET,
    /** A weight is NaN or infinite. */
    W_NAN,
    /** Another number of layers than the configuration says. */
    W_LAYERS,
    /** A tied head that differs from the embedding. */
    W_TIE,
    /** A value of a configuration is out of bounds or contradicts another. */
    CFG,
    /** A configuration asks for what is not supported. */
    CFG_UNSUPPORTED,
    /** What a configuration says about rotary positions is contradictory. */
    CFG_ROPE,
    /** A tokenizer, a text for it, or a token. */
    TOK,
    /** A weight mode that a model cannot be in. */
    TL;

    /** As messages and scripts spell it: {@code E-ST-SHORT}. */
    public String label() {
        return "E-" + name().replace('_', '-');
    }

    /** A refusal for this reason. */
    public InputException refusal(String message) {
        return new InputException(this, message);
    }

    /** What {@code work} gives; a refusal in it that has no reason of its own has this one. */
    public <T> T reasonOf(Supplier<T> work) {
        try {
            return work.get();
        } catch (InputException refused) {
            throw refused.orFor(this);
        }
    }
}
