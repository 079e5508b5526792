package dev.patchbay.model.zoo;

/** A run of dimensions that holds a one-hot code: in the residual stream, or inside a head. */
record Block(int begin, int size) {
    int at(int item) {
        if (item < 0 || item >= size) {
            throw new IllegalArgumentException("item " + item + " in a block of " + size);
        }
        return begin + item;
    }

    /** The block of {@code length} dimensions that follows this one. */
    Block next(int length) {
        return new Block(begin + size, length);
    }

    /** One past the last dimension. */
    int end() {
        return begin + size;
    }
}
