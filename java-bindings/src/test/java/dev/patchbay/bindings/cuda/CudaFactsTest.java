package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.patchbay.bindings.CompiledFacts;
import dev.patchbay.bindings.NativeCodes;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Java repeats of C++: constants of the toolkit's header, kernels, and launches. */
class CudaFactsTest {
    private static final Path KERNELS = Path.of("..", "cuda-kernels");

    @TempDir
    private Path work = Path.of("");

    private void compare(List<Path> folders, List<String> headers, Map<String, Long> facts)
            throws IOException, InterruptedException {
        List<String> expressions = List.copyOf(facts.keySet());
        List<Long> values = CompiledFacts.evaluate(work, folders, headers, expressions);
        assertEquals(expressions.size(), values.size());
        Map<String, Long> found = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            found.put(expressions.get(i), values.get(i));
        }
        assertEquals(facts, found);
    }

    @Test
    void resultsAndConstantsAreThoseOfTheToolkitsHeader() throws IOException, InterruptedException {
        Optional<Path> folder = toolkit();
        assumeTrue(folder.isPresent(), "not run: no cuda.h on this machine");
        Map<String, Long> facts = new LinkedHashMap<>();
        for (CudaResult result : CudaResult.values()) {
            facts.put(result.constant(), (long) result.code());
        }
        for (CudaConstant constant : CudaConstant.values()) {
            facts.put(constant.name(), (long) constant.value());
        }
        compare(List.of(folder.get()), List.of("cuda.h"), facts);
    }

    /** The header maps plain names to the symbols that it means: ours must be those. */
    @Test
    void everySymbolWeBindIsTheOneTheToolkitsHeaderMeans() throws IOException {
        Optional<Path> folder = toolkit();
        assumeTrue(folder.isPresent(), "not run: no cuda.h on this machine");
        String header = Files.readString(folder.get().resolve("cuda.h"));
        Map<String, String> meant = new LinkedHashMap<>();
        Pattern.compile("#\\s*define\\s+(cu\\w+)\\s+(?:__CUDA_API_PT\\w+\\()?(cu\\w+)")
                .matcher(header)
                .results()
                .forEach(define -> meant.putIfAbsent(define.group(1), define.group(2)));
        List<String> symbols = Arrays.stream(CudaFunctions.class.getDeclaredFields())
                .map(java.lang.reflect.Field::getName)
                .filter(name -> name.startsWith("cu"))
                .toList();
        assertTrue(symbols.size() > 30, symbols::toString);
        for (String symbol : symbols) {
            String plain = symbol.replaceFirst("_v\\d+$", "");
            assertEquals(meant.getOrDefault(plain, plain), symbol);
            assertTrue(header.contains("CUDAAPI " + plain + "("), plain);
        }
    }

    /** What a call through the ABI sees: number, order and sizes of the parameters, none of them floating, and the result. */
    @Test
    void everySignatureIsThatOfTheToolkitsHeader() throws IOException, InterruptedException {
        Optional<Path> folder = toolkit();
        assumeTrue(folder.isPresent(), "not run: no cuda.h on this machine");
        compareSignatures(CudaFunctions.class, List.of(folder.get()), "cuda.h", "::");
    }

    @Test
    void everySignatureOfCublasLtIsThatOfItsDocumentation() throws IOException, InterruptedException {
        compareSignatures(BlasFunctions.class, List.of(), "../native/emulator/blas/abi.h", "pb::blas::");
    }

    private void compareSignatures(Class<?> functions, List<Path> folders, String header, String space)
            throws IOException, InterruptedException {
        Files.writeString(work.resolve("signature.h"), """
                #include <type_traits>
                template <class F> struct Signature;
                template <class R, class... A> struct Signature<R (*)(A...)> {
                    static_assert(((std::is_integral_v<A> || std::is_pointer_v<A> || std::is_enum_v<A>) && ...));
                    static constexpr long long sizes() {
                        long long all = sizeof(R);
                        ((all = all * 10 + static_cast<long long>(sizeof(A))), ...);
                        return all;
                    }
                };
                """);
        Map<String, Long> facts = new LinkedHashMap<>();
        for (Method method : functions.getDeclaredMethods()) {
            if (!Modifier.isStatic(method.getModifiers()) && method.getName().startsWith("cu")) {
                long sizes = bytes(method.getReturnType());
                for (Class<?> parameter : method.getParameterTypes()) {
                    sizes = sizes * 10 + bytes(parameter);
                }
                facts.put("Signature<decltype(&%s%s)>::sizes()".formatted(space, method.getName()), sizes);
            }
        }
        assertTrue(facts.size() > 10, facts::toString);
        List<Path> all = new ArrayList<>(folders);
        all.add(work);
        compare(all, List.of(header, "signature.h"), facts);
    }

    private static int bytes(Class<?> type) {
        if (type == int.class) {
            return Integer.BYTES;
        }
        assertEquals(long.class, type);
        return Long.BYTES;
    }

    /** What {@code make jextract-bindings} asks for is what we bind. */
    @Test
    void theListForJextractIsWhatWeBind() throws IOException {
        List<String> bound = new ArrayList<>();
        Arrays.stream(CudaFunctions.class.getDeclaredFields())
                .map(java.lang.reflect.Field::getName)
                .filter(name -> name.startsWith("cu"))
                .forEach(name -> bound.add("--include-function " + name));
        Arrays.stream(CudaConstant.values()).forEach(constant -> bound.add("--include-constant " + constant.name()));
        Arrays.stream(CudaResult.values()).forEach(result -> bound.add("--include-constant " + result.constant()));
        List<String> listed = Files.readAllLines(Path.of("src", "jextract", "cuda.symbols"));
        assertEquals(bound.stream().sorted().toList(), listed.stream().sorted().toList());
    }

    private static Optional<Path> toolkit() throws IOException {
        return folderOf("cuda.h");
    }

    private static Optional<Path> folderOf(String header) throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/local"))) {
            return Stream.concat(
                            folders.filter(folder ->
                                            folder.getFileName().toString().startsWith("cuda"))
                                    .map(folder -> folder.resolve("include"))
                                    .sorted(),
                            Stream.of(Path.of("/usr/include")))
                    .filter(folder -> Files.isRegularFile(folder.resolve(header)))
                    .findFirst();
        }
    }

    @Test
    void constantsOfProductsAreThoseOfTheEmulator() throws IOException, InterruptedException {
        Map<String, Long> facts = new LinkedHashMap<>();
        for (BlasConstant constant : BlasConstant.values()) {
            facts.put("pb::blas::" + constant.name(), (long) constant.value());
        }
        compare(List.of(Path.of("..", "native").toAbsolutePath()), List.of("emulator/blas/abi.h"), facts);
    }

    @Test
    void constantsOfProductsAreThoseOfTheToolkitsHeader() throws IOException, InterruptedException {
        Optional<Path> folder = folderOf("cublasLt.h");
        assumeTrue(folder.isPresent(), "not run: no cublasLt.h on this machine");
        Map<String, Long> facts = new LinkedHashMap<>();
        for (BlasConstant constant : BlasConstant.values()) {
            facts.put(constant.name(), (long) constant.value());
        }
        facts.put("sizeof(cublasLtMatmulAlgo_t)", PanamaBlas.ALGORITHM_BYTES);
        facts.put("sizeof(cublasLtMatmulHeuristicResult_t)", PanamaBlas.RESULT_BYTES);
        facts.put("offsetof(cublasLtMatmulHeuristicResult_t, state)", PanamaBlas.RESULT_STATE);
        compare(List.of(folder.get()), List.of("cublasLt.h"), facts);
    }

    @Test
    void kindsOfConversionsAreThoseOfTheKernelsHeader() throws IOException, InterruptedException {
        Map<String, Long> facts = new LinkedHashMap<>();
        for (BfloatConversion.Kind kind : BfloatConversion.Kind.values()) {
            facts.put("PB_CONVERT_" + kind.name(), (long) NativeCodes.code(kind));
        }
        compare(List.of(), List.of("patchbay/cuda.h"), facts);
    }

    @Test
    void theKernelsAreThoseOfTheListOfInstances() throws IOException {
        List<String> listed = Pattern.compile("^PB_INSTANCE\\((\\w+), \\w+, (\\d+)\\)", Pattern.MULTILINE)
                .matcher(Files.readString(KERNELS.resolve("instances.def")))
                .results()
                .map(instance -> "pb_" + instance.group(1) + " " + instance.group(2))
                .sorted()
                .toList();
        List<String> ours = Arrays.stream(CudaKernel.values())
                .map(kernel -> kernel.symbol() + " " + kernel.threads())
                .sorted()
                .toList();
        assertEquals(listed, ours);
    }

    @Test
    void everyLaunchIsThatOfTheKernelsHeader() throws IOException, InterruptedException {
        Map<String, Long> facts = new LinkedHashMap<>();
        Random random = new Random(1);
        List<Integer> sizes = new ArrayList<>(List.of(1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1024, 1025, 50_257));
        for (int i = 0; i < 40; i++) {
            sizes.add(1 + random.nextInt(20_000));
        }
        for (int i = 0; i < 300; i++) {
            int a = sizes.get(random.nextInt(sizes.size()));
            int b = sizes.get(random.nextInt(sizes.size()));
            int c = sizes.get(random.nextInt(sizes.size()));
            int labels = random.nextInt(9);
            put(facts, "gemm(pb::gemm_tile_of(%s, %s), %s, %s)".formatted(a, b, a, b), CudaLaunches.gemm(a, b));
            facts.put("pb::gemm_tile_of(%s, %s).threads()".formatted(a, b), (long)
                    CudaLaunches.gemmKernel(a, b).threads());
            put(facts, "convert(%s, %s)".formatted(a, b), CudaLaunches.convert(a, b));
            put(facts, "gemm_chosen(%s)".formatted(a), CudaLaunches.gemmChosen(a));
            put(facts, "norm(%s, %s, %s)".formatted(a, b, c), CudaLaunches.norm(a, b, c));
            put(facts, "elementwise(%s, %s)".formatted(a, b), CudaLaunches.elementwise(a, b));
            int rotary = c - c % 2;
            put(facts, "rope(%s, %s, %s, %s)".formatted(a, b, c, rotary), CudaLaunches.rope(a, b, c, rotary));
            put(facts, "edit(%s)".formatted(a), CudaLaunches.edit(a));
            put(facts, "log_softmax(%s)".formatted(a), CudaLaunches.logSoftmax(a));
            put(facts, "route(%s)".formatted(a), CudaLaunches.route(a));
            put(facts, "expert_rows(%s)".formatted(a), CudaLaunches.expertRows(a));
            int experts = 1 + b % 200;
            String tile = "gemm_experts_tile_of(%s, %s)".formatted(a, experts);
            put(
                    facts,
                    "gemm_experts(pb::%s, %s, %s, %s)".formatted(tile, a, experts, c),
                    CudaLaunches.gemmExperts(a, experts, c));
            facts.put(
                    "pb::%s.rows".formatted(tile),
                    CudaLaunches.gemmExpertsKernel(a, experts) == CudaKernel.GEMM_EXPERTS_F32 ? 64L : 16L);
            put(
                    facts,
                    "attention(%s, %s, %s, %s, %s)".formatted(a, b, c, labels, 64 * labels),
                    CudaLaunches.attention(a, b, c, labels, 64 * labels));
            put(
                    facts,
                    "attention_tiny(%s, %s, %s, %s)".formatted(a, b, c, labels),
                    CudaLaunches.attentionTiny(a, b, c, labels));
            int weights = random.nextInt(5);
            facts.put("pb::attention_state_fields(%s, %s, %s)".formatted(labels, weights, a > b), (long)
                    CudaLaunches.attentionStateFields(labels, weights, a > b));
            put(
                    facts,
                    "attention_received(%s, %s, %s, %s)".formatted(a, b, labels, c),
                    CudaLaunches.attentionReceived(a, b, labels, c));
            int window = random.nextBoolean() ? 0 : b;
            facts.put(
                    "pb::attention_score_capacity(%s, %s)".formatted(a, window), CudaLaunches.scoreCapacity(a, window));
        }
        for (int tiles = 1; tiles < 80; tiles++) {
            putGemm(facts, 128 * 12, 64 * tiles);
            putGemm(facts, 128 * 12 - 127, 64 * tiles + 1);
        }
        for (int headSize = 1; headSize <= 272; headSize++) {
            Optional<CudaKernel> kernel = CudaLaunches.attentionBf16Kernel(headSize);
            long instance =
                    kernel.map(CudaLaunches::attentionBf16Instance).orElse(0).longValue();
            facts.put("pb::attention_bf16_instance(%s)".formatted(headSize), instance);
            if (kernel.isPresent()) {
                assertEquals("ATTENTION_BF16_D" + instance, kernel.get().name());
                put(
                        facts,
                        "attention_bf16(17, 3, %s)".formatted(headSize),
                        CudaLaunches.attentionBf16(kernel.get(), 17, 3));
            }
        }
        facts.put("pb::kAttentionBf16Queries", (long) CudaLaunches.ATTENTION_BF16_QUERIES);
        facts.put("pb::kAttentionQueries", (long) CudaLaunches.ATTENTION_QUERIES);
        facts.put("pb::kAttentionKeys", (long) AttentionPlan.TINY_POSITIONS);
        compare(List.of(), List.of("launch.h"), facts);
    }

    private static void putGemm(Map<String, Long> facts, int rows, int columns) {
        String tile = "gemm_tile_of(%s, %s)".formatted(rows, columns);
        put(facts, "gemm(pb::%s, %s, %s)".formatted(tile, rows, columns), CudaLaunches.gemm(rows, columns));
        List<CudaKernel> kernels = List.of(CudaKernel.GEMM_F32, CudaKernel.GEMM_F32_MEDIUM, CudaKernel.GEMM_F32_SMALL);
        facts.put("pb::%s.rows == 128 ? 0 : pb::%s.rows == 64 ? 1 : 2".formatted(tile, tile), (long)
                kernels.indexOf(CudaLaunches.gemmKernel(rows, columns)));
    }

    private static void put(Map<String, Long> facts, String call, CudaLaunch launch) {
        facts.put("pb::launch_" + call + ".grid_x", launch.gridX());
        facts.put("pb::launch_" + call + ".grid_y", launch.gridY());
        facts.put("pb::launch_" + call + ".shared_bytes", launch.sharedBytes());
    }

    @Test
    void scoresTakeTheSharedMemoryThereIsAndNeverLessThanATile() {
        assertEquals(64, CudaLaunches.scoreCapacity(1, 0, 64, 0, 232_448));
        assertEquals(1024, CudaLaunches.scoreCapacity(1000, 0, 64, 0, 232_448));
        int most = CudaLaunches.scoreCapacity(1 << 20, 0, 64, 8, 232_448);
        assertTrue(CudaLaunches.attention(1, 1, 64, 8, most).sharedBytes() <= 232_448);
        assertTrue(CudaLaunches.attention(1, 1, 64, 8, most + 64).sharedBytes() > 232_448);
        assertEquals(64, CudaLaunches.scoreCapacity(1 << 20, 0, 512, 8, 49_152));
    }
}
