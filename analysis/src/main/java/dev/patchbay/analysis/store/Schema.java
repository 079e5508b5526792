package dev.patchbay.analysis.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The tables; docs/RUN-STORE.md describes them. */
final class Schema {
    /** Meta rows that the numbers depend on. */
    static final String FINGERPRINT = "fingerprint";
    /** Meta rows that are only written with the results. */
    static final String RECORD = "record";

    static final List<String> TABLES = List.of("""
            CREATE TABLE meta (
              part TEXT NOT NULL CHECK (part IN ('fingerprint', 'record')),
              name TEXT NOT NULL,
              value TEXT NOT NULL,
              PRIMARY KEY (part, name)
            ) STRICT""", """
            CREATE TABLE units (
              id TEXT PRIMARY KEY,
              first_pair INTEGER NOT NULL,
              pairs INTEGER NOT NULL,
              draw INTEGER NOT NULL,
              checksum TEXT NOT NULL,
              UNIQUE (draw, first_pair)
            ) STRICT""", """
            CREATE TABLE effects (
              unit TEXT PRIMARY KEY REFERENCES units (id),
              base BLOB NOT NULL,
              other BLOB NOT NULL,
              patched BLOB NOT NULL,
              direct BLOB NOT NULL
            ) STRICT""");

    private Schema() {}

    static void meta(PreparedStatement insert, String name, String value, String part) throws SQLException {
        insert.setString(1, name);
        insert.setString(2, value);
        insert.setString(3, part);
        insert.executeUpdate();
    }

    static Map<String, String> read(Connection connection, String part) throws SQLException {
        var values = new TreeMap<String, String>();
        try (var query = connection.prepareStatement("SELECT name, value FROM meta WHERE part = ?")) {
            query.setString(1, part);
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    values.put(row.getString(1), row.getString(2));
                }
            }
        }
        return values;
    }
}
