package dev.patchbay.model.checkpoint;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.TreeMap;

/** Headers of safetensors files; the first byte of the input times 16 is the length of the data behind the header. */
public final class HeaderFuzz {
    private HeaderFuzz() {}

    /** One run. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var json = Arrays.copyOfRange(input, 1, input.length);
        long dataLength = 16L * (input[0] & 0xff);
        FuzzTarget.refused(() -> holdsTogether(SafetensorsHeader.parse(json, dataLength, "a file"), dataLength));
    }

    /** Checks again, in another way, what an accepted header promises to those who read by it. */
    private static void holdsTogether(SafetensorsHeader header, long dataLength) {
        var ends = new TreeMap<Long, Long>();
        header.tensors().forEach((name, tensor) -> {
            FuzzTarget.holds(name.equals(tensor.name()), "a tensor has two names");
            var bits = tensor.shape().stream()
                    .map(BigInteger::valueOf)
                    .reduce(BigInteger.valueOf(tensor.type().bits()), BigInteger::multiply);
            FuzzTarget.holds(
                    bits.equals(BigInteger.valueOf(tensor.bytes()).shiftLeft(3)), "a range is not that of its shape");
            if (tensor.bytes() > 0) {
                FuzzTarget.holds(ends.put(tensor.begin(), tensor.end()) == null, "two tensors share a range");
            }
        });
        long end = 0;
        for (var range : ends.entrySet()) {
            FuzzTarget.holds(range.getKey() == end, "tensors overlap or leave a hole");
            end = range.getValue();
        }
        FuzzTarget.holds(end == dataLength, "the data has another length");
    }
}
