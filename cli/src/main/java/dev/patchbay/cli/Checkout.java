package dev.patchbay.cli;

import dev.patchbay.model.InputException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds files that are part of a checkout of Patchbay, from where its classes are. */
final class Checkout {
    private Checkout() {}

    /**
     * A file or folder of the checkout.
     *
     * @throws InputException where it is not there
     */
    static Path find(String relative) {
        try {
            Path place = Path.of(Checkout.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (Path folder = place.getParent(); folder != null; folder = folder.getParent()) {
                if (Files.exists(folder.resolve(relative))) {
                    return folder.resolve(relative);
                }
            }
            throw new InputException(relative + ": not found above " + place + "; run this in a checkout of Patchbay");
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
