package dev.patchbay.bench.border;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.cuda.CudaFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code cuLaunchKernel} of the empty driver, eleven arguments: called from C, and from Java by way of the bindings. What is
 * timed is a batch of calls, short enough that most batches run undisturbed on a busy machine, and long enough that reading
 * the clock does not count. A call is never inlined into the loop around it: nothing is left out or done once for all.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 1, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LaunchBench {
    private static final int REPETITIONS = 500;

    private static final SymbolLookup DRIVER = EmptyDriver.open().symbols();
    private static final MethodHandle LOOP = ForeignAccess.function(
            DRIVER,
            "cuBenchLaunchRepeatedly",
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    // Shared, as in the provider: confined memory would be quicker to check.
    private final Arena arena = Arena.ofShared();
    private final StructWriter writer = new StructWriter(arena.allocate(4096, 64));
    private final MemorySegment arguments = arena.allocate(JAVA_LONG);
    private final CudaFunctions functions = new CudaFunctions(DRIVER);
    private long kernel = 64;
    private long stream = 128;
    private long address = 4096;
    private int rows = 8;
    private float factor = 0.5f;

    /** The time of the function itself and of a call by pointer; the one call from Java into the loop hardly counts. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS)
    public int fromC() {
        try {
            return (int) LOOP.invokeExact(kernel, stream, arguments.address(), (long) REPETITIONS);
        } catch (Throwable thrown) {
            throw ForeignAccess.unexpected(thrown);
        }
    }

    /** The downcall alone. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS)
    public int downcall() {
        int sum = 0;
        for (int i = 0; i < REPETITIONS; i++) {
            sum += launch();
        }
        return sum;
    }

    /** The downcall with the kernel's struct of ten fields written before it, every field checked. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS)
    public int packedDowncall() {
        int sum = 0;
        for (int i = 0; i < REPETITIONS; i++) {
            sum += packAndLaunch();
        }
        return sum;
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private int launch() {
        return functions.cuLaunchKernel(kernel, rows, 1, 1, 256, 1, 1, 0, stream, arguments.address(), 0);
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private int packAndLaunch() {
        arguments.set(JAVA_LONG, 0, CombineStruct.write(writer, address, rows, factor));
        return functions.cuLaunchKernel(kernel, rows, 1, 1, 256, 1, 1, 0, stream, arguments.address(), 0);
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        arena.close();
    }
}
