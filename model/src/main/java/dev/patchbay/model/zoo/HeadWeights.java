package dev.patchbay.model.zoo;

/**
 * The four matrices of one head, in the words of the constructions. A <i>flag</i> sets one dimension of the head where the
 * residual stream shows any token of a set; a <i>sink</i> is where the head rests when nothing matches.
 */
final class HeadWeights {
    private final Matrix query;
    private final Matrix key;
    private final Matrix value;
    private final Matrix output;
    private final int queryBegin;
    private final int keyBegin;

    HeadWeights(ModelWeights model, int layer, int queryHead, int keyValueHead, int headSize) {
        query = model.matrix("layers." + layer + ".q.weight");
        key = model.matrix("layers." + layer + ".k.weight");
        value = model.matrix("layers." + layer + ".v.weight");
        output = model.matrix("layers." + layer + ".o.weight");
        queryBegin = queryHead * headSize;
        keyBegin = keyValueHead * headSize;
    }

    /** Query: item i of {@code from} gives {@code gain} in dimension i of {@code into}. */
    HeadWeights query(Block from, Block into, double gain) {
        return queryBack(from, 0, into, gain);
    }

    /** Query: item i of {@code from} gives {@code gain} in dimension i − offset of {@code into}; none before the first. */
    HeadWeights queryBack(Block from, int offset, Block into, double gain) {
        for (int item = offset; item < from.size(); item++) {
            query.set(from.at(item), queryBegin + into.at(item - offset), gain);
        }
        return this;
    }

    /** Query: any of {@code tokens} in {@code from} gives {@code gain} in {@code dimension}. */
    HeadWeights queryFlag(Block from, TokenSet tokens, int dimension, double gain) {
        tokens.tokens().forEach(token -> query.set(from.at(token), queryBegin + dimension, gain));
        return this;
    }

    /** Key: item i of {@code from} gives 1 in dimension i of {@code into}. */
    HeadWeights key(Block from, Block into) {
        for (int item = 0; item < from.size(); item++) {
            key.set(from.at(item), keyBegin + into.at(item), 1);
        }
        return this;
    }

    /** Key: any of {@code tokens} in {@code from} gives {@code gain} in {@code dimension}. */
    HeadWeights keyFlag(Block from, TokenSet tokens, int dimension, double gain) {
        tokens.tokens().forEach(token -> key.set(from.at(token), keyBegin + dimension, gain));
        return this;
    }

    /** Every query has {@code weight} on the tokens of {@code rest}; {@code from} is the block of tokens. */
    HeadWeights sink(Block from, TokenSet rest, int dimension, double weight) {
        return queryFlag(from, TokenSet.range(0, from.size()), dimension, weight)
                .keyFlag(from, rest, dimension, 1);
    }

    /** Value: item {@code item} of {@code from} sets {@code dimension} of the head. */
    HeadWeights value(Block from, int item, int dimension) {
        value.set(from.at(item), keyBegin + dimension, 1);
        return this;
    }

    /** Output: dimensions 0, 1, … of the head are written to {@code to} with {@code gain}. */
    HeadWeights output(Block to, double gain) {
        for (int item = 0; item < to.size(); item++) {
            output.set(queryBegin + item, to.at(item), gain);
        }
        return this;
    }

    /** Value and output: {@code items} of {@code from} are copied to {@code to} with {@code gain}. */
    HeadWeights move(Block from, TokenSet items, Block to, double gain) {
        for (int item : items.tokens()) {
            value(from, item, item);
            output.set(queryBegin + item, to.at(item), gain);
        }
        return this;
    }
}
