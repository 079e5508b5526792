package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process of its own for {@link SmallHeapTest}: opens files and folders again and again and prints, for each, how many
 * microseconds the fastest of the later rounds took and the one line it was refused with.
 */
final class SmallHeap {
    private static final int WARM_ROUNDS = 3;
    private static final int ROUNDS = 6;

    private SmallHeap() {}

    /** Reads the golden bad files below {@code arguments[0]}, or the files that are named after it. */
    @SuppressWarnings("SystemOut") // What it prints is what the test reads.
    public static void main(String[] arguments) throws Exception {
        var bad = Path.of(arguments[0]);
        List<Path> paths;
        if (arguments.length > 1) {
            paths = Stream.of(arguments).skip(1).map(Path::of).toList();
        } else {
            try (var files = Files.list(bad);
                    var folders = Files.list(bad.resolve("models"))) {
                paths = Stream.concat(files.filter(file -> file.toString().endsWith(".safetensors")), folders)
                        .sorted()
                        .toList();
            }
        }
        int first = arguments.length > 1 ? ROUNDS - 1 : WARM_ROUNDS;
        for (int round = 0; round < WARM_ROUNDS && first == WARM_ROUNDS; round++) {
            paths.forEach(SmallHeap::attempt);
        }
        for (var path : paths) {
            long best = Long.MAX_VALUE;
            var said = "";
            for (int round = first; round < ROUNDS; round++) {
                long begin = System.nanoTime();
                said = attempt(path);
                best = Math.min(best, System.nanoTime() - begin);
            }
            System.out.println(path.getFileName() + "\t" + best / 1000 + "\t" + said);
        }
    }

    private static String attempt(Path path) {
        try {
            if (Files.isDirectory(path)) {
                try (var model = ModelFolder.open(path)) {
                    model.verify();
                }
            } else {
                try (var file = SafetensorsFile.open(path)) {
                    file.tensors().keySet().forEach(file::bytes);
                }
            }
            return "accepted";
        } catch (InputException refused) {
            return String.valueOf(refused.getMessage());
        }
    }
}
