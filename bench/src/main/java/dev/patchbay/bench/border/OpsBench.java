package dev.patchbay.bench.border;

import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Tensor;
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
 * Whole operations, as the graph calls them: entering the device, making its context current, every check, the struct,
 * the launch.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
// Whole operations are much code: a busy machine takes its time to compile it.
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 1, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class OpsBench {
    private static final int REPETITIONS = 100;
    private static final int KINDS = 4;

    /** Matrices of a device. */
    abstract static class Matrices {
        final Device device;
        final Tensor a;
        final Tensor out;
        final Tensor scale;
        float factor = 0.5f;

        Matrices(String name, long rows, long columns) {
            device = Devices.open(DeviceOptions.of(name));
            a = device.upload(new float[Math.toIntExact(rows * columns)], rows, columns, "a");
            out = device.upload(new float[Math.toIntExact(rows * columns)], rows, columns, "out");
            scale = device.upload(new float[Math.toIntExact(rows)], rows, 1, "scale");
        }

        /** Gives them and the device back. */
        @TearDown
        public void close() {
            a.buffer().close();
            out.buffer().close();
            scale.buffer().close();
            device.close();
        }
    }

    /** On the empty driver. */
    @State(Scope.Thread)
    public static class OnEmptyDriver extends Matrices {
        /** The size says nothing here. */
        public OnEmptyDriver() {
            super("cuda-emulated", 8, 768);
            if (!device.description().startsWith("empty")) {
                throw new IllegalStateException("not the empty driver: " + device.description());
            }
        }
    }

    /** On the CPU, as little work as can be. */
    @State(Scope.Thread)
    public static class OnCpu extends Matrices {
        /** Sixteen elements. */
        public OnCpu() {
            super("cpu", 1, 16);
        }
    }

    /** One operation over and over. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS)
    public void checkedLaunch(OnEmptyDriver on) {
        for (int i = 0; i < REPETITIONS; i++) {
            scale(on);
        }
    }

    /** The same through JCuda. */
    @Benchmark
    @Fork(value = 1, jvmArgsAppend = "-DPATCHBAY_CUDA_BINDING=jcuda")
    @OperationsPerInvocation(REPETITIONS)
    public void checkedLaunchThroughJCuda(OnEmptyDriver on) {
        if (!on.device.description().contains("JCuda")) {
            throw new IllegalStateException("not through JCuda: " + on.device.description());
        }
        for (int i = 0; i < REPETITIONS; i++) {
            scale(on);
        }
    }

    /** Four kinds in turn: the compiler can take nothing for granted about the operation. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS * KINDS)
    public void checkedLaunchesInTurn(OnEmptyDriver on) {
        for (int i = 0; i < REPETITIONS; i++) {
            four(on);
        }
    }

    /** An operation that runs before it returns. */
    @Benchmark
    @OperationsPerInvocation(REPETITIONS)
    public void cpuOperation(OnCpu on) {
        for (int i = 0; i < REPETITIONS; i++) {
            scale(on);
        }
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static void scale(Matrices on) {
        on.device.ops().scale(on.a, on.factor, on.out);
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static void four(Matrices on) {
        var ops = on.device.ops();
        ops.add(on.a, on.out, on.factor, on.out);
        ops.activation(ActivationKind.GELU_TANH, on.a, null, on.out);
        ops.logSoftmax(on.a, on.out);
        ops.norm(NormKind.RMS, 1e-5f, 0, 1, on.a, null, null, on.scale, on.out);
    }
}
