package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.input.Names;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The rules for where tensors lie in a safetensors file: as large as they say, side by side, and nothing else. */
final class SafetensorsLayout {
    private SafetensorsLayout() {}

    /** Checks that a tensor's range has the size that its shape and type make. */
    static void checkSize(StoredTensor tensor, long dataLength, String where) {
        if (tensor.end() < tensor.begin()) {
            throw fault(
                    InputCode.ST_OFFSET,
                    tensor,
                    where,
                    "data_offsets: end " + tensor.end() + " is before begin " + tensor.begin());
        }
        long bits;
        try {
            // Every dimension counts, so that an overflow cannot hide behind a zero that follows it.
            long product = 1;
            for (long dimension : tensor.shape()) {
                product = Math.multiplyExact(product, dimension);
            }
            bits = Math.multiplyExact(product, (long) tensor.type().bits());
        } catch (ArithmeticException overflow) {
            throw new InputException(
                            message(
                                    tensor,
                                    where,
                                    "shape " + tensor.shape() + " has more elements than 64 bits can count"),
                            overflow)
                    .orFor(InputCode.ST_SHAPE);
        }
        if (bits % 8 != 0) {
            throw fault(
                    InputCode.ST_SHAPE,
                    tensor,
                    where,
                    "shape " + tensor.shape() + " of " + tensor.type() + " does not fill whole bytes");
        }
        if (bits / 8 != tensor.bytes()) {
            throw fault(
                    InputCode.ST_SHAPE,
                    tensor,
                    where,
                    "shape " + tensor.shape() + " of " + tensor.type() + " needs " + bits / 8
                            + " bytes, data_offsets give " + tensor.bytes());
        }
        if (tensor.end() > dataLength) {
            throw fault(
                    InputCode.ST_LENGTH,
                    tensor,
                    where,
                    "ends at byte " + tensor.end() + " of the data, which has " + dataLength
                            + ": the file is truncated, perhaps an incomplete download");
        }
    }

    /** The tensors in the order of their data, which must fill {@code dataLength} bytes without hole or overlap. */
    static List<StoredTensor> inOrder(Collection<StoredTensor> tensors, long dataLength, String where) {
        var ordered = tensors.stream()
                .sorted(Comparator.comparingLong(StoredTensor::begin)
                        .thenComparingLong(StoredTensor::end)
                        .thenComparing(StoredTensor::name))
                .toList();
        long end = 0;
        var before = "the start of the data";
        for (var tensor : ordered) {
            if (tensor.begin() != end) {
                var what = tensor.begin() > end
                        ? "a hole of " + (tensor.begin() - end) + " bytes lies"
                        : "the data overlaps";
                throw fault(
                        InputCode.ST_OFFSET,
                        tensor,
                        where,
                        what + " between it and " + before + ": begin is " + tensor.begin() + ", expected " + end);
            }
            end = tensor.end();
            before = "tensor " + Names.quote(tensor.name());
        }
        if (end != dataLength) {
            throw InputCode.ST_LENGTH.refusal(where + ": expected " + end + " bytes of data, found " + dataLength
                    + ": something is appended, or the header belongs to another file");
        }
        return ordered;
    }

    private static InputException fault(InputCode code, StoredTensor tensor, String where, String what) {
        return code.refusal(message(tensor, where, what));
    }

    private static String message(StoredTensor tensor, String where, String what) {
        return where + ": tensor " + Names.quote(tensor.name()) + ": " + what;
    }
}
