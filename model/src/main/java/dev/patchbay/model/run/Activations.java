package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Workspace;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;
import dev.patchbay.model.graph.Value;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the values of a pass live: views of a workspace in which values that are never alive together share memory. */
final class Activations implements AutoCloseable {
    private static final String HEAD_RESIDUAL = "head residual";

    private final Graph graph;
    private final Pool pool;
    private final Workspace workspace;
    private final @Nullable Tensor[] tensors;
    private final long capacity;
    private final Optional<Tensor> logits;
    private int headTokens;
    private int active;

    private Activations(
            Graph graph,
            Pool pool,
            Workspace workspace,
            long capacity,
            int tokens,
            EditPlan edits,
            Optional<Tensor> logits) {
        this.graph = graph;
        this.pool = pool;
        this.workspace = workspace;
        this.capacity = capacity;
        this.logits = logits;
        headTokens = tokens;
        active = tokens;
        tensors = new Tensor[graph.valueCount()];
        for (int index = 0; index < graph.headBegin(); index++) {
            Step step = graph.steps().get(index);
            for (Value out : step.outputs()) {
                tensors[out.id()] = step instanceof Step.Branch branch && !edited(branch.out(), edits)
                        ? tensors[branch.in().id()]
                        : slot(out).rows(0, tokens);
            }
        }
    }

    private boolean edited(Value value, EditPlan edits) {
        return graph.points(value).stream().anyMatch(edits::touches);
    }

    private Tensor slot(Value value) {
        return workspace.tensor(name(value));
    }

    private static String name(Value value) {
        return "value " + value.id();
    }

    /** From here on the first {@code count} tokens are there. */
    void activate(int count) {
        active = count;
    }

    /** The matrix of a value: the tokens that have joined before the head, the head's tokens in it. */
    Tensor tensor(Value value) {
        if (graph.definition(value) >= graph.unembedStep()) {
            return logits.orElseThrow(() -> new IllegalStateException("the head was not planned"));
        }
        Tensor tensor = tensors[value.id()];
        return tensor != null
                ? tensor.rows(0, Math.min(active, tensor.rows()))
                : slot(value).rows(0, headTokens);
    }

    /** From here on the head's tokens count. */
    void enterHead(int count) {
        headTokens = count;
    }

    /** Room for the residual stream of the head's tokens; stands for {@code residualEnd} from now on. */
    Tensor headResidual(Value residualEnd) {
        Tensor rows = workspace.tensor(HEAD_RESIDUAL).rows(0, headTokens);
        tensors[residualEnd.id()] = rows;
        return rows;
    }

    /** Gives the memory back for the next pass. */
    @Override
    public void close() {
        pool.giveBack(workspace, capacity);
    }

    /** Keeps the workspace of the last pass, since passes of one size follow each other. One thread at a time. */
    static final class Pool implements AutoCloseable {
        private static final int ROUNDING = 64;

        private final Device device;
        private final Graph graph;
        private @Nullable Workspace idle;
        private long idleCapacity;
        private boolean closed;

        Pool(Device device, Graph graph) {
            this.device = device;
            this.graph = graph;
        }

        /** Room for {@code tokens} tokens. */
        Activations take(int tokens, EditPlan edits, Optional<Tensor> logits) {
            Workspace workspace = idle;
            long capacity = idleCapacity;
            idle = null;
            if (workspace == null || capacity < tokens) {
                if (workspace != null) {
                    workspace.close();
                }
                capacity = Math.ceilDiv(tokens, ROUNDING) * (long) ROUNDING;
                workspace = plan(graph, capacity).allocate(device, "activations of " + capacity + " tokens");
            }
            return new Activations(graph, this, workspace, capacity, tokens, edits, logits);
        }

        private void giveBack(Workspace workspace, long capacity) {
            if (idle == null && !closed) {
                idle = workspace;
                idleCapacity = capacity;
            } else {
                workspace.close();
            }
        }

        @Override
        public void close() {
            closed = true;
            if (idle != null) {
                idle.close();
                idle = null;
            }
        }
    }

    /** The memory plan of a pass over {@code capacity} tokens. */
    static Workspace.Plan plan(Graph graph, long capacity) {
        var plan = Workspace.plan();
        List<Step> steps = graph.steps();
        int[] last = new int[graph.valueCount()];
        for (int index = steps.size() - 1; index >= 0; index--) {
            for (Value out : steps.get(index).outputs()) {
                last[out.id()] = Math.max(last[out.id()], graph.lastUse(out));
            }
            if (steps.get(index) instanceof Step.Branch(var in, var out)) {
                last[in.id()] = Math.max(last[in.id()], last[out.id()]);
            }
        }
        for (int index = 0; index < graph.unembedStep(); index++) {
            for (Value out : steps.get(index).outputs()) {
                plan.slot(name(out), out.type(), capacity, out.width(), index, last[out.id()]);
            }
        }
        return plan.slot(
                HEAD_RESIDUAL,
                DType.F32,
                capacity,
                graph.residualEnd().width(),
                Math.max(graph.headBegin() - 1, 0),
                steps.size());
    }
}
