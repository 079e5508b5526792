package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Digests;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.StableFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a model folder: {@code model.safetensors}, or all shards of its index. Opening reads headers and compares
 * them with the index; values are read and checked when asked for. Safe for use by several threads.
 */
public final class ShardedTensors implements TensorStore {
    private static final String SINGLE = "model.safetensors";

    private final CheckpointFolder folder;
    private final Map<String, SafetensorsFile> fileOf;
    private final List<SafetensorsFile> files;
    private final List<String> notes;
    private final CheckpointOptions options;

    private ShardedTensors(
            CheckpointFolder folder,
            CheckpointOptions options,
            Map<String, SafetensorsFile> fileOf,
            List<SafetensorsFile> files,
            List<String> notes) {
        this.folder = folder;
        this.fileOf = Collections.unmodifiableMap(fileOf);
        this.files = files;
        this.notes = notes;
        this.options = options;
    }

    /**
     * Opens the tensors of a folder. The caller closes them.
     *
     * @throws InputException where the folder has none, or files and index disagree
     */
    static ShardedTensors open(CheckpointFolder folder, CheckpointOptions options) {
        var notes = new ArrayList<String>();
        var files = new LinkedHashMap<String, SafetensorsFile>();
        try {
            var fileOf = folder.has(ShardIndex.FILE)
                    ? indexed(folder, files, notes, options)
                    : single(folder, files, options);
            files.values().forEach(file -> notes.addAll(file.warnings()));
            return new ShardedTensors(folder, options, fileOf, List.copyOf(files.values()), List.copyOf(notes));
        } catch (RuntimeException refused) {
            files.values().forEach(SafetensorsFile::close);
            throw refused;
        }
    }

    private static Map<String, SafetensorsFile> single(
            CheckpointFolder folder, Map<String, SafetensorsFile> files, CheckpointOptions options) {
        var file = SafetensorsFile.open(folder.file(SINGLE), options);
        files.put(SINGLE, file);
        var fileOf = new TreeMap<String, SafetensorsFile>();
        file.tensors().keySet().forEach(name -> fileOf.put(name, file));
        return fileOf;
    }

    private static Map<String, SafetensorsFile> indexed(
            CheckpointFolder folder,
            Map<String, SafetensorsFile> files,
            List<String> notes,
            CheckpointOptions options) {
        var index = ShardIndex.read(folder);
        var paths = new LinkedHashMap<String, Path>();
        // All names first: not one file is opened where one of them is refused.
        index.shards().forEach(shard -> paths.put(shard, folder.shard(shard)));
        if (folder.has(SINGLE) && !paths.containsKey(SINGLE)) {
            notes.add(SINGLE + " is not read: " + ShardIndex.FILE + " names the shards");
        }
        paths.forEach((shard, path) -> files.put(shard, SafetensorsFile.open(path, options)));
        return compared(folder, index, files);
    }

    private static Map<String, SafetensorsFile> compared(
            CheckpointFolder folder, ShardIndex index, Map<String, SafetensorsFile> files) {
        var fileOf = new TreeMap<String, SafetensorsFile>();
        var twice = new TreeSet<String>();
        var unlisted = new TreeSet<String>();
        long bytes = 0;
        for (var shard : files.entrySet()) {
            for (var tensor : shard.getValue().tensors().values()) {
                var name = tensor.name();
                bytes += tensor.bytes();
                if (fileOf.put(name, shard.getValue()) != null) {
                    twice.add(name);
                } else if (!shard.getKey().equals(index.shardOf().get(name))) {
                    unlisted.add(name);
                }
            }
        }
        var ghosts = new TreeSet<>(index.shardOf().keySet());
        ghosts.removeAll(fileOf.keySet());
        refuse(folder, "tensors that are stored in two shards", twice);
        refuse(folder, "tensors that the index lists and no shard has", ghosts);
        refuse(folder, "tensors in a shard that the index does not list there", unlisted);
        if (index.totalSize().isPresent() && index.totalSize().getAsLong() != bytes) {
            throw InputCode.IDX_SET.refusal(folder + ": " + ShardIndex.FILE + ": metadata.total_size: expected " + bytes
                    + ", the bytes of all tensors, found "
                    + index.totalSize().getAsLong() + ": index and shards are not of one checkpoint");
        }
        return fileOf;
    }

    private static void refuse(CheckpointFolder folder, String what, Set<String> names) {
        if (!names.isEmpty()) {
            throw InputCode.IDX_SET.refusal(
                    folder + ": " + what + ": " + Names.list(names) + ": index and shards are not of one checkpoint");
        }
    }

    /** What was tolerated or passed over, one line each. */
    public List<String> notes() {
        return notes;
    }

    @Override
    public Set<String> names() {
        return fileOf.keySet();
    }

    /**
     * The tensor of that name: its type and shape.
     *
     * @throws InputException where there is none
     */
    public StoredTensor tensor(String name) {
        return file(name).tensor(name);
    }

    @Override
    public List<Long> shape(String name) {
        return tensor(name).shape();
    }

    @Override
    public float[] floats(String name) {
        if (tensor(name).elements() > Integer.MAX_VALUE - 8) {
            return file(name).floats(name);
        }
        var values = new float[Math.toIntExact(tensor(name).elements())];
        read(name, 0, values.length, (floats, at) -> copy(floats, values, at));
        return values;
    }

    @Override
    public void read(String name, long begin, long count, Pieces pieces) {
        file(name).read(name, begin, count, (floats, at) -> {
            int bad = options.allowNonfinite() ? -1 : Elements.firstNotFinite(floats);
            if (bad >= 0) {
                throw InputCode.W_NAN.refusal(folder + ": tensor " + Names.quote(name) + ": element "
                        + (begin + at + bad) + " of " + tensor(name).elements() + " is "
                        + floats.getFloat(bad * Float.BYTES)
                        + ", expected finite float32 values: the checkpoint is damaged or diverged; to compute with it all "
                        + "the same use --allow-nonfinite");
            }
            pieces.accept(floats, at);
        });
    }

    @Override
    public byte[] bytes(String name, long begin, long count) {
        return file(name).bytes(name, begin, count);
    }

    /** Reads a tensor for its faults alone. */
    void verify(String name) {
        read(name, 0, tensor(name).elements(), (_, _) -> {});
    }

    /** Whether two tensors have the same elements, bit for bit but for their types. */
    boolean equal(String one, String other) {
        if (!shape(one).equals(shape(other))) {
            return false;
        }
        long elements = tensor(one).elements();
        long step = StableFile.CHUNK / Float.BYTES;
        var mine = new float[Math.toIntExact(Math.min(step, elements))];
        var its = mine.clone();
        for (long begin = 0; begin < elements; begin += step) {
            long count = Math.min(step, elements - begin);
            read(one, begin, count, (floats, at) -> copy(floats, mine, at));
            read(other, begin, count, (floats, at) -> copy(floats, its, at));
            if (Arrays.mismatch(mine, 0, (int) count, its, 0, (int) count) >= 0) {
                return false;
            }
        }
        return true;
    }

    private static void copy(ByteBuffer floats, float[] to, long at) {
        floats.asFloatBuffer().get(to, Math.toIntExact(at), floats.remaining() / Float.BYTES);
    }

    private SafetensorsFile file(String name) {
        var file = fileOf.get(name);
        if (file == null) {
            throw new InputException(folder + ": no tensor " + Names.quote(name) + " in the checkpoint");
        }
        return file;
    }

    /** SHA-256 over the sorted SHA-256 digests of the files; reads all of them. */
    @Override
    public String digest() {
        return HexFormat.of().formatHex(Digests.sha256().digest(sortedDigests()));
    }

    /** The SHA-256 digests of the files, sorted, one after the other. */
    byte[] sortedDigests() {
        var digests = files.stream()
                .map(SafetensorsFile::sha256)
                .sorted(Arrays::compareUnsigned)
                .toList();
        var all = new byte[digests.size() * 32];
        for (int at = 0; at < digests.size(); at++) {
            System.arraycopy(digests.get(at), 0, all, at * 32, 32);
        }
        return all;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
