package dev.patchbay.analysis.store;

import dev.patchbay.analysis.sweep.SweepUnit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The numbers of a unit as bytes, float64 little-endian, and their checksum. */
final class StoredUnits {
    private StoredUnits() {}

    static byte[] bytes(double[] values) {
        var bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return bytes.array();
    }

    static double[] values(byte[] bytes) {
        var values = new double[bytes.length / Double.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    /** SHA-256 over the id and the three arrays: a flipped bit or a swapped row shows. */
    static String checksum(String id, byte[] base, byte[] other, byte[] patched) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(id.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            for (byte[] each : new byte[][] {base, other, patched}) {
                digest.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(each.length).array());
                digest.update(each);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Whether arrays of these sizes can be a unit's. */
    static boolean fits(int pairs, int cells, byte[] base, byte[] other, byte[] patched) {
        long each = (long) pairs * Double.BYTES;
        return base.length == each && (other.length == 0 || other.length == each) && patched.length == each * cells;
    }

    static SweepUnit unit(int firstPair, int pairs, int draw, byte[] base, byte[] other, byte[] patched) {
        return new SweepUnit(firstPair, pairs, draw, values(base), values(other), values(patched));
    }
}
