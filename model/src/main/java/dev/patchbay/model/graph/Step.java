package dev.patchbay.model.graph;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Rope;
import java.util.List;
import java.util.Optional;

/**
 * One node of a model's graph: an operation, what it reads, what it writes, and whether its output is linear in its
 * inputs. Weights are named as {@link dev.patchbay.model.checkpoint.WeightMap} names them. All data, no behaviour: running
 * walks the list forward, planning asks it questions, differentiation will walk it backward.
 */
public sealed interface Step {
    /** Values read. */
    List<Value> inputs();

    /** Values written. */
    List<Value> outputs();

    /** Whether the output is affine in the inputs, so that a change may be carried as a difference. */
    boolean linear();

    /** Rows of an embedding: {@code out[t] = table[index(t) + offset]}. */
    record Lookup(String table, Index index, int offset, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of();
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** What a look-up is indexed by. */
    enum Index {
        TOKEN,
        POSITION
    }

    /** {@code out = a + factor · b}. */
    record Add(Value a, Value b, float factor, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(a, b);
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** {@code out = factor · in}. */
    record Scale(Value in, float factor, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(in);
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** Element by element, {@code limit · tanh(in / limit)} or clamped to ±limit. */
    record Limit(LimitKind kind, Value in, float limit, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(in);
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return false;
        }
    }

    /** Kinds of {@link Limit}. */
    enum LimitKind {
        SOFT_CAP,
        CLAMP
    }

    /** A value of its own for one reader, so that an edit there reaches that reader alone. */
    record Branch(Value in, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(in);
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** Normalises each of {@code groups} equal groups; {@code scale} is {@code [tokens, groups]}. */
    record Norm(
            Architecture.Norm norm,
            int groups,
            Value in,
            Optional<String> weight,
            Optional<String> bias,
            Value scale,
            Value out)
            implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(in);
        }

        @Override
        public List<Value> outputs() {
            return List.of(scale, out);
        }

        @Override
        public boolean linear() {
            return false;
        }
    }

    /** {@code out = in · W + b}. */
    record Project(Value in, String weight, Optional<String> bias, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(in);
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** Rotary positions over {@code heads} heads. */
    record Rotate(Rope rope, int heads, Value in, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(in);
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return true;
        }
    }

    /** Attention of one layer: the only step in which positions meet. */
    record Attend(int layer, Value q, Value k, Value v, Optional<String> sinks, Value logSumExp, Value z)
            implements Step {
        @Override
        public List<Value> inputs() {
            return List.of(q, k, v);
        }

        @Override
        public List<Value> outputs() {
            return List.of(logSumExp, z);
        }

        @Override
        public boolean linear() {
            return false;
        }
    }

    /** {@code out = f(in)}, times {@code linearBranch} in gated layers. */
    record Activate(ActivationKind kind, Value in, Optional<Value> linearBranch, Value out) implements Step {
        @Override
        public List<Value> inputs() {
            return linearBranch.map(branch -> List.of(in, branch)).orElseGet(() -> List.of(in));
        }

        @Override
        public List<Value> outputs() {
            return List.of(out);
        }

        @Override
        public boolean linear() {
            return false;
        }
    }
}
