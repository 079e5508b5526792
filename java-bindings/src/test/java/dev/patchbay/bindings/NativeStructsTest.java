package dev.patchbay.bindings;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NativeStructsTest {
    private static final String FIRST = "attention";

    static Stream<NativeStruct> structs() {
        return NativeStructs.ALL.stream();
    }

    static Stream<NativeStruct> allStructs() {
        return Stream.concat(NativeStructs.ALL.stream(), NativeStructs.ALL_OF_CUDA.stream());
    }

    @Test
    void everySizeAndOffsetOfTheKernelsStructsIsThatOfTheCompiler(@TempDir Path work)
            throws IOException, InterruptedException {
        List<String> expressions = new ArrayList<>();
        List<Long> ours = new ArrayList<>();
        allStructs().forEach(struct -> {
            expressions.add("sizeof(" + struct.name() + ")");
            ours.add(struct.size());
            for (NativeStruct.Field field : struct.fields()) {
                expressions.add("offsetof(" + struct.name() + ", " + field.name() + ")");
                ours.add(field.offset());
            }
        });
        List<Long> compiled = CompiledFacts.evaluate(work, List.of(), List.of("patchbay/cuda.h"), expressions);
        for (int i = 0; i < ours.size(); i++) {
            assertEquals(compiled.get(i), ours.get(i), expressions.get(i));
        }
    }

    @ParameterizedTest
    @MethodSource("structs")
    void everySizeAndOffsetIsThatOfTheCompiledLibrary(NativeStruct struct) {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(struct.name()).address();
            assertEquals(CpuLibrary.pb_cpu_struct_size(name), struct.size(), struct.name());
            assertAll(struct.fields().stream().map(field -> () -> {
                long fieldName = arena.allocateFrom(field.name()).address();
                String what = struct.name() + "." + field.name();
                assertEquals(CpuLibrary.pb_cpu_field_offset(name, fieldName), field.offset(), what);
            }));
        }
    }

    /** Sizes and offsets cannot tell a pointer from an int64 or an int32 from a float; the header's text can. */
    @ParameterizedTest
    @MethodSource("allStructs")
    void everyFieldHasTheNamePlaceAndTypeOfTheHeader(NativeStruct struct) throws IOException {
        assertEquals(
                declared(struct.name()),
                struct.fields().stream()
                        .map(field -> field.type() + " " + field.name())
                        .toList());
    }

    @Test
    void everyStructOfTheHeaderIsDeclared() throws IOException {
        List<String> names = Pattern.compile("typedef struct (pb_\\w+) \\{")
                .matcher(header())
                .results()
                .map(match -> match.group(1))
                .sorted()
                .toList();
        assertEquals(names, allStructs().map(NativeStruct::name).sorted().toList());
    }

    private static List<String> declared(String struct) throws IOException {
        var body = Pattern.compile("typedef struct " + struct + " \\{(.*?)\\} " + struct + ";", Pattern.DOTALL)
                .matcher(header());
        assertEquals(true, body.find(), struct);
        return Pattern.compile("(?:const )?(\\w+) (\\*?)(\\w+);")
                .matcher(body.group(1))
                .results()
                .filter(field -> !field.group(3).equals(FIRST))
                .map(field -> type(field.group(1), field.group(2)) + " " + field.group(3))
                .toList();
    }

    private static NativeStruct.Type type(String name, String star) {
        if (!star.isEmpty()) {
            return NativeStruct.Type.POINTER;
        }
        return switch (name) {
            case "int64_t" -> NativeStruct.Type.INT64;
            case "int32_t" -> NativeStruct.Type.INT32;
            case "float" -> NativeStruct.Type.FLOAT32;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static String header() throws IOException {
        Path folder = Path.of("..", "native", "include", "patchbay");
        String text = Files.readString(folder.resolve("ops.h")) + Files.readString(folder.resolve("cuda.h"));
        return Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL).matcher(text).replaceAll("");
    }
}
