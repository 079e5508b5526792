package dev.patchbay.model.run;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Runs golden families on the engine with one fault in its source. A fault of this module is compiled alone and loaded
 * with the rest of the module by a loader of its own; one of the CPU device is built in a copy of its sources and loaded
 * by a process of its own.
 */
final class FaultyEngine {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path TEST_CLASSES = Path.of("target", "test-classes");

    private FaultyEngine() {}

    /** What {@link GoldenFamily#worst} says of each family. */
    static List<String> run(Fault fault, Path scratch) throws IOException, InterruptedException {
        return fault.isNative() ? inAProcess(fault, scratch) : inALoader(fault, scratch);
    }

    private static List<String> inALoader(Fault fault, Path scratch) throws IOException {
        Path source = scratch.resolve(fault.path().getFileName());
        Files.writeString(source, fault.source());
        Path classes = Files.createDirectory(scratch.resolve("classes"));
        compile(source, classes);
        try (var loader = new Loader(classes, CLASSES, TEST_CLASSES)) {
            var worst = loader.loadClass(GoldenFamily.class.getName()).getMethod("worst", String.class, String.class);
            var found = new ArrayList<String>();
            for (var family : fault.families()) {
                found.add((String) worst.invoke(null, "cpu", family));
            }
            return found;
        } catch (ReflectiveOperationException failed) {
            throw new IllegalStateException(fault + ": does not run, so no number has shown it", failed);
        }
    }

    private static void compile(Path source, Path classes) {
        var said = new StringWriter();
        var out = new PrintWriter(said);
        var path = String.join(File.pathSeparator, CLASSES.toString(), libraries());
        int status = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(out, out, "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", path, source.toString());
        if (status != 0) {
            throw new IllegalStateException(source + " does not compile: " + said);
        }
    }

    private static String libraries() {
        return System.getProperty("java.class.path") + File.pathSeparator + System.getProperty("jdk.module.path", "");
    }

    private static List<String> inAProcess(Fault fault, Path scratch) throws IOException, InterruptedException {
        Path built = Path.of("build", "native", "cpu");
        copy(Path.of("..", "native"), scratch.resolve("native"));
        copy(Path.of("..").resolve(built), scratch.resolve(built));
        Files.writeString(scratch.resolve(fault.file()), fault.source());
        String library = "../build/native/libpatchbay_cpu.so";
        output(List.of("make", "-s", "-C", scratch.resolve("native").toString(), "BUILD=../build/native", library));
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-DPATCHBAY_NATIVE_PATH=" + scratch.resolve("build/native"),
                "-cp",
                String.join(File.pathSeparator, CLASSES.toString(), TEST_CLASSES.toString(), libraries()),
                GoldenFamily.class.getName(),
                "cpu"));
        command.addAll(fault.families());
        return Arrays.asList(output(command).strip().split("\n"));
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        // What make itself was told is not for the copy.
        builder.environment().keySet().removeAll(List.of("MAKEFLAGS", "MAKELEVEL", "MFLAGS"));
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + said);
        }
        return said;
    }

    /** Copies a folder with its times, so that make builds only what depends on the fault. */
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (var paths = Files.walk(from)) {
            for (var path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Loads this module's classes anew, all else as ever. */
    private static final class Loader extends URLClassLoader {
        Loader(Path... folders) throws IOException {
            super(urls(folders), FaultyEngine.class.getClassLoader());
        }

        private static URL[] urls(Path[] folders) throws MalformedURLException {
            var urls = new URL[folders.length];
            for (int i = 0; i < urls.length; i++) {
                urls[i] = folders[i].toUri().toURL();
            }
            return urls;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                var known = findLoadedClass(name);
                if (known != null) {
                    return known;
                }
                return name.startsWith("dev.patchbay.model.") ? findClass(name) : super.loadClass(name, resolve);
            }
        }
    }
}
