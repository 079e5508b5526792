package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Digests;
import dev.patchbay.model.input.Names;
import dev.patchbay.model.input.StableFile;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One safetensors file, opened and checked: header, every byte range, total size. Values are read when asked for and never
 * mapped. Safe for use by several threads; an interrupt of a reading thread closes the file.
 */
public final class SafetensorsFile implements AutoCloseable {
    private static final long LONGEST_HEADER = 100_000_000;
    private static final int LENGTH_BYTES = 8;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final StableFile file;
    private final SafetensorsHeader header;
    private final long dataStart;

    private SafetensorsFile(StableFile file, SafetensorsHeader header, long dataStart) {
        this.file = file;
        this.header = header;
        this.dataStart = dataStart;
    }

    /**
     * Opens a file and checks its format. The caller closes it.
     *
     * @throws InputException where it is absent, no regular file, or not a correct safetensors file
     */
    public static SafetensorsFile open(Path path) {
        return open(path, CheckpointOptions.STRICT);
    }

    /** As {@link #open(Path)}, under {@code options}, of which only {@code strictFormat} is about one file. */
    public static SafetensorsFile open(Path path, CheckpointOptions options) {
        var file = StableFile.open(path);
        try {
            var opened = read(file);
            if (options.strictFormat() && !opened.warnings().isEmpty()) {
                throw InputCode.ST_JSON.refusal(opened.warnings().getFirst() + ": refused, as --strict-format asks");
            }
            return opened;
        } catch (RuntimeException refused) {
            file.close();
            throw refused;
        }
    }

    private static SafetensorsFile read(StableFile file) {
        var where = file.toString();
        if (file.size() < LENGTH_BYTES) {
            throw InputCode.ST_SHORT.refusal(where + ": " + file.size()
                    + " bytes is too short for a safetensors file: expected at least " + LENGTH_BYTES);
        }
        var prefix = new byte[LENGTH_BYTES];
        file.read(0, LENGTH_BYTES, (chunk, _) -> chunk.get(0, prefix));
        long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (Long.compareUnsigned(length, LONGEST_HEADER) > 0) {
            throw InputCode.ST_HEADER.refusal(where + ": the header length is " + Long.toUnsignedString(length)
                    + ", expected at most " + LONGEST_HEADER + ": not a safetensors file, or damaged");
        }
        long dataStart = LENGTH_BYTES + length;
        if (dataStart > file.size()) {
            throw InputCode.ST_HEADER.refusal(where + ": the header should end at byte " + dataStart + ", the file has "
                    + file.size() + ": truncated, or not a safetensors file");
        }
        var json = new byte[Math.toIntExact(length)];
        file.read(LENGTH_BYTES, length, (chunk, at) -> chunk.get(0, json, Math.toIntExact(at), chunk.limit()));
        long dataLength = file.size() - dataStart;
        return new SafetensorsFile(
                file, InputCode.ST_JSON.reasonOf(() -> SafetensorsHeader.parse(json, dataLength, where)), dataStart);
    }

    /**
     * Reads elements {@code [begin, begin + count)} in order, as float32, in pieces.
     *
     * @throws InputException where the tensor is absent, smaller, or of another type
     */
    void read(String name, long begin, long count, TensorStore.Pieces pieces) {
        var tensor = weight(name);
        Objects.checkFromIndexSize(begin, count, tensor.elements());
        long size = tensor.type().bits() / 8;
        try (var arena = Arena.ofConfined()) {
            var widened = arena.allocate(Math.clamp(count, 1, StableFile.CHUNK / size) * Float.BYTES, 64)
                    .asByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN);
            file.read(dataStart + tensor.begin() + begin * size, count * size, (chunk, at) -> {
                pieces.accept(
                        tensor.type() == StoredType.F32 ? chunk : Elements.widen(tensor.type(), chunk, widened),
                        at / size);
            });
        }
    }

    private StoredTensor weight(String name) {
        var tensor = tensor(name);
        if (!tensor.type().isWeight()) {
            throw wrongType(tensor, "floating-point numbers", StoredType::isWeight);
        }
        return tensor;
    }

    /** The file. */
    public Path path() {
        return file.path();
    }

    /** The tensors by name, in the order of their data. */
    public SequencedMap<String, StoredTensor> tensors() {
        return header.tensors();
    }

    /** The file's own notes. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /** What was tolerated, one line each. */
    public List<String> warnings() {
        return header.warnings();
    }

    /**
     * The tensor of that name.
     *
     * @throws InputException where there is none
     */
    public StoredTensor tensor(String name) {
        var tensor = header.tensors().get(name);
        if (tensor == null) {
            throw new InputException(file + ": no tensor " + Names.quote(name) + ": the file has "
                    + Names.list(header.tensors().keySet()));
        }
        return tensor;
    }

    /**
     * The elements as float32, row by row: F32 as they are, F16 and BF16 exactly, F64 rounded to nearest. NaN and infinity are
     * passed on.
     *
     * @throws InputException where the tensor is absent or of another type
     */
    public float[] floats(String name) {
        var tensor = weight(name);
        var values = new float[arrayLength(tensor, tensor.elements())];
        read(
                name,
                0,
                values.length,
                (floats, at) ->
                        floats.asFloatBuffer().get(values, Math.toIntExact(at), floats.remaining() / Float.BYTES));
        return values;
    }

    /**
     * The elements as integers, row by row; truth values are 0 and 1, U64 is taken as signed.
     *
     * @throws InputException where the tensor is absent, of another type, or a truth value is neither 0 nor 1
     */
    public long[] integers(String name) {
        var tensor = tensor(name);
        if (!tensor.type().isInteger()) {
            throw wrongType(tensor, "integers", StoredType::isInteger);
        }
        var values = new long[arrayLength(tensor, tensor.elements())];
        int size = tensor.type().bits() / 8;
        stream(tensor, (chunk, at) -> Elements.integers(tensor.type(), chunk, values, Math.toIntExact(at / size)));
        return values;
    }

    /**
     * The bytes of a tensor of any type.
     *
     * @throws InputException where the tensor is absent or a truth value is neither 0 nor 1
     */
    public byte[] bytes(String name) {
        return bytes(name, 0, tensor(name).bytes());
    }

    /** As {@link #bytes(String)}, of the bytes {@code [begin, begin + count)} alone. */
    public byte[] bytes(String name, long begin, long count) {
        var tensor = tensor(name);
        Objects.checkFromIndexSize(begin, count, tensor.bytes());
        var bytes = new byte[arrayLength(tensor, count)];
        stream(tensor, begin, count, (chunk, at) -> chunk.get(0, bytes, Math.toIntExact(at), chunk.limit()));
        return bytes;
    }

    /**
     * Reads every value of a tensor of any type and counts those that are no finite numbers.
     *
     * @throws InputException where the tensor is absent or a truth value is neither 0 nor 1
     */
    public ValueCounts count(String name) {
        var tensor = tensor(name);
        var found = new long[2];
        stream(tensor, (chunk, _) -> {
            var counts = Elements.count(tensor.type(), chunk);
            found[0] += counts.notNumbers();
            found[1] += counts.infinities();
        });
        return new ValueCounts(tensor.elements(), found[0], found[1]);
    }

    /** SHA-256 of the whole file, read anew, 32 bytes. */
    byte[] sha256() {
        var digest = Digests.sha256();
        file.read(0, file.size(), (chunk, _) -> digest.update(chunk));
        return digest.digest();
    }

    private void stream(StoredTensor tensor, StableFile.Chunks chunks) {
        stream(tensor, 0, tensor.bytes(), chunks);
    }

    private void stream(StoredTensor tensor, long begin, long length, StableFile.Chunks chunks) {
        boolean truth = tensor.type() == StoredType.BOOL;
        file.read(dataStart + tensor.begin() + begin, length, (chunk, at) -> {
            int bad = truth ? Elements.firstNotBoolean(chunk) : -1;
            if (bad >= 0) {
                throw InputCode.ST_VALUE.refusal(
                        file + ": tensor " + Names.quote(tensor.name()) + ": BOOL element " + (begin + at + bad)
                                + ": expected 0 or 1, found " + (chunk.get(bad) & 0xff) + ": the file is damaged");
            }
            chunks.accept(chunk, at);
        });
    }

    private int arrayLength(StoredTensor tensor, long length) {
        if (length > LARGEST_ARRAY) {
            throw InputCode.ST_SHAPE.refusal(file + ": tensor " + Names.quote(tensor.name()) + ": " + length
                    + " elements, at most " + LARGEST_ARRAY + " can be read as one array");
        }
        return (int) length;
    }

    private InputException wrongType(StoredTensor tensor, String wanted, Predicate<StoredType> accepted) {
        return InputCode.ST_DTYPE.refusal(
                file + ": tensor " + Names.quote(tensor.name()) + ": expected " + wanted + " ("
                        + Stream.of(StoredType.values())
                                .filter(accepted)
                                .map(StoredType::name)
                                .collect(Collectors.joining(", "))
                        + "), found " + tensor.type());
    }

    @Override
    public void close() {
        file.close();
    }
}
