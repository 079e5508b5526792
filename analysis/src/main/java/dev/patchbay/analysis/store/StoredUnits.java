package dev.patchbay.analysis.store;

import dev.patchbay.analysis.sweep.SweepUnit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;

/** The numbers of a unit as bytes, float64 little-endian, and their checksum. */
final class StoredUnits {
    private StoredUnits() {}

    private static byte[] bytes(double[] values) {
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

    /** SHA-256 over the id and the arrays: a flipped bit or a swapped row shows. */
    static String checksum(String id, byte[]... arrays) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(id.getBytes(StandardCharsets.US_ASCII));
            for (byte[] each : arrays) {
                digest.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(each.length).array());
                digest.update(each);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Writes a unit with its checksum. */
    static void insert(Connection connection, String id, SweepUnit unit) throws SQLException {
        byte[] base = bytes(unit.base());
        byte[] other = bytes(unit.other());
        byte[] patched = bytes(unit.patched());
        byte[] direct = bytes(unit.direct());
        try (var insert = connection.prepareStatement(
                        "INSERT INTO units (id, first_pair, pairs, draw, checksum) VALUES (?, ?, ?, ?, ?)");
                var effects = connection.prepareStatement(
                        "INSERT INTO effects (unit, base, other, patched, direct) VALUES (?, ?, ?, ?, ?)")) {
            insert.setString(1, id);
            insert.setInt(2, unit.firstPair());
            insert.setInt(3, unit.pairs());
            insert.setInt(4, unit.draw());
            insert.setString(5, checksum(id, base, other, patched, direct));
            insert.executeUpdate();
            effects.setString(1, id);
            effects.setBytes(2, base);
            effects.setBytes(3, other);
            effects.setBytes(4, patched);
            effects.setBytes(5, direct);
            effects.executeUpdate();
        }
    }

    /** Whether arrays of these sizes can be a unit's. */
    static boolean fits(
            int pairs, int cells, boolean hasDirect, byte[] base, byte[] other, byte[] patched, byte[] direct) {
        long each = (long) pairs * Double.BYTES;
        return base.length == each
                && (other.length == 0 || other.length == each)
                && patched.length == each * cells
                && direct.length == (hasDirect ? patched.length : 0);
    }
}
