package dev.patchbay.bindings;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NativeStructsTest {
    static Stream<NativeStruct> structs() {
        return NativeStructs.ALL.stream();
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
    @MethodSource("structs")
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
        assertEquals(
                names,
                NativeStructs.ALL.stream().map(NativeStruct::name).sorted().toList());
    }

    private static List<String> declared(String struct) throws IOException {
        var body = Pattern.compile("typedef struct " + struct + " \\{(.*?)\\} " + struct + ";", Pattern.DOTALL)
                .matcher(header());
        assertEquals(true, body.find(), struct);
        return Pattern.compile("(?:const )?(\\w+) (\\*?)(\\w+);")
                .matcher(body.group(1))
                .results()
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
        String text = Files.readString(Path.of("..", "native", "include", "patchbay", "ops.h"));
        return Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL).matcher(text).replaceAll("");
    }
}
