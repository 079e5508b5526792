package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.StableFile;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The index of a sharded checkpoint, {@code model.safetensors.index.json}.
 *
 * @param shardOf the shard that holds a tensor, by the tensor's name
 * @param totalSize bytes of all tensors, where the index says so
 */
record ShardIndex(Map<String, String> shardOf, OptionalLong totalSize) {
    static final String FILE = "model.safetensors.index.json";
    private static final int LARGEST = 32 << 20;
    private static final int MOST_SHARDS = 1000;

    static ShardIndex read(CheckpointFolder folder) {
        var path = folder.file(FILE);
        return parse(StableFile.readAll(path, LARGEST, "an index"), path.toString());
    }

    /**
     * Reads the bytes of an index.
     *
     * @param where the file, for messages
     */
    static ShardIndex parse(byte[] json, String where) {
        return InputCode.IDX_JSON.reasonOf(() -> checked(json, where));
    }

    private static ShardIndex checked(byte[] json, String where) {
        if (!(Json.parse(json, where) instanceof Json.Members index)) {
            throw new InputException(where + ": expected an object with weight_map");
        }
        if (!(index.find("weight_map").orElse(new Json.Null()) instanceof Json.Members entries)) {
            throw new InputException(where + ": weight_map: expected an object from tensor to shard");
        }
        var shardOf = new TreeMap<String, String>();
        entries.members().forEach((tensor, shard) -> {
            if (!(shard instanceof Json.Text(String file))) {
                throw new InputException(where + ": weight_map: " + Names.quote(tensor)
                        + ": expected a file name, found " + shard.kind());
            }
            shardOf.put(tensor, file);
        });
        var read = new ShardIndex(shardOf, totalSize(index, where));
        if (read.shards().size() > MOST_SHARDS) {
            throw new InputException(where + ": " + read.shards().size() + " shards, expected at most " + MOST_SHARDS);
        }
        return read;
    }

    private static OptionalLong totalSize(Json.Members index, String where) {
        if (!(index.find("metadata").orElse(new Json.Null()) instanceof Json.Members metadata)) {
            return OptionalLong.empty();
        }
        var size = metadata.find("total_size");
        if (size.isEmpty()) {
            return OptionalLong.empty();
        }
        // Some writers make it a float; above 2^53 that would no longer be exact.
        if (size.get() instanceof Json.Numeral number
                && number.value() >= 0
                && number.value() < 0x1p53
                && number.value() == Math.rint(number.value())) {
            return OptionalLong.of((long) number.value());
        }
        throw new InputException(where + ": metadata.total_size: expected a number of bytes, found "
                + size.get().kind());
    }

    /** The names of the shards, in order. */
    SequencedSet<String> shards() {
        return new TreeSet<>(shardOf.values());
    }
}
