package dev.patchbay.model.checkpoint;

/** Indices of sharded checkpoints, and the names of shards in them. */
public final class IndexFuzz {
    private IndexFuzz() {}

    /** One run. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzTarget.refused(() -> {
            var index = ShardIndex.parse(input, "an index");
            for (var shard : index.shards()) {
                boolean refused = FuzzTarget.refused(() -> CheckpointFolder.checkShardName(shard, "a folder"));
                boolean path = shard.contains("/") || shard.contains("\\") || shard.indexOf('\0') >= 0;
                FuzzTarget.holds(refused || (!path && shard.endsWith(".safetensors")), "a shard's name is a path");
            }
        });
    }
}
