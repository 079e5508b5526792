package dev.patchbay.bench.border;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.StructWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
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

/** {@code cuLaunchKernel} of the empty driver through JCuda, as {@link LaunchBench} calls it through the bindings. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 1, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class JCudaBench {
    private static final int REPETITIONS = 500;

    /** The list of parameters at an address, made once. */
    private static final class List extends Pointer {
        List(long address) {
            super(address);
        }
    }

    private final Arena arena = Arena.ofShared();
    private final StructWriter writer = new StructWriter(arena.allocate(4096, 64));
    private final MemorySegment arguments = arena.allocate(JAVA_LONG);
    private final Pointer list = new List(arguments.address());
    private final CUfunction kernel = new CUfunction();
    private final CUstream stream = new CUstream();
    private long address = 4096;
    private int rows = 8;
    private float factor = 0.5f;

    /** The call with the kernel's struct of ten fields written before it. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS)
    public int packedJCudaCall() {
        int sum = 0;
        for (int i = 0; i < REPETITIONS; i++) {
            sum += packAndLaunch();
        }
        return sum;
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private int packAndLaunch() {
        arguments.set(JAVA_LONG, 0, CombineStruct.write(writer, address, rows, factor));
        return JCudaDriver.cuLaunchKernel(kernel, rows, 1, 1, 256, 1, 1, 0, stream, list, null);
    }

    /** Gives the memory back. */
    @TearDown
    public void close() {
        arena.close();
    }
}
