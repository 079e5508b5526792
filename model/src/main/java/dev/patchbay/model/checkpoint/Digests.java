package dev.patchbay.model.checkpoint;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Message digests. */
final class Digests {
    private Digests() {}

    /** A new SHA-256, which every Java platform has. */
    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
