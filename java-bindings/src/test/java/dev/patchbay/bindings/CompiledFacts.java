package dev.patchbay.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a C++ compiler says of our headers: it compiles a program that prints the values of expressions. */
public final class CompiledFacts {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private CompiledFacts() {}

    /** The values of constant integer expressions, with the headers of this checkout and of {@code folders} in reach. */
    public static List<Long> evaluate(Path work, List<Path> folders, List<String> headers, List<String> expressions)
            throws IOException, InterruptedException {
        String source = Stream.of("cstddef", "cstdio")
                        .map(name -> "#include <" + name + ">\n")
                        .collect(Collectors.joining())
                + headers.stream().map(name -> "#include \"" + name + "\"\n").collect(Collectors.joining())
                + "int main() {\n"
                + expressions.stream()
                        .map(expression -> "std::printf(\"%lld\\n\", static_cast<long long>(" + expression + "));\n")
                        .collect(Collectors.joining())
                + "}\n";
        Path file = Files.writeString(work.resolve("facts.cpp"), source);
        Path program = work.resolve("facts");
        List<String> compile = new ArrayList<>(List.of(
                Optional.ofNullable(System.getenv("CXX")).orElse("g++"),
                "-std=c++20",
                "-I" + ROOT.resolve("native/include"),
                "-I" + ROOT.resolve("cuda-kernels")));
        folders.forEach(folder -> compile.add("-I" + folder));
        compile.addAll(List.of("-o", program.toString(), file.toString()));
        run(compile);
        return run(List.of(program.toString())).lines().map(Long::parseLong).toList();
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + "\n" + output);
        }
        return output;
    }
}
