package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.run.EditPlan.PlannedEntry;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The entries of a batch's edits, place by place in groups that one call of the edit operation can serve. */
final class EditGroups {
    private final Map<SitePoint, List<Group>> groups = new LinkedHashMap<>();

    /** The group that an edit at a place joins: a new one where its values or basis lie elsewhere. */
    Group of(SitePoint point, EditValues values, Optional<float[]> basis) {
        var list = groups.computeIfAbsent(point, _ -> new ArrayList<>());
        if (list.isEmpty() || !list.getLast().takes(values, basis)) {
            list.add(new Group(values.tensor()));
        }
        Group group = list.getLast();
        if (basis.isPresent()) {
            group.basis = basis;
        }
        return group;
    }

    /** The tokens that edits at a place touch. */
    IntStream tokens(SitePoint point) {
        return groups.getOrDefault(point, List.of()).stream()
                .flatMap(group -> group.entries.stream())
                .mapToInt(planned -> planned.entry().token());
    }

    /** Makes the tables and values of every group, in the care of {@code plan}. */
    void send(Device device, Architecture architecture, EditPlan plan) {
        groups.forEach((point, list) -> {
            var all = list.stream().flatMap(group -> group.entries.stream()).toList();
            if (point.site().traits().singleHeads() && !all.isEmpty()) {
                var places = HeadPlaces.of(all, architecture.modelWidth());
                plan.add(point, places);
                list.forEach(group -> group.moveTo(places, architecture.modelWidth()));
            }
            list.forEach(group -> group.send(device, point, plan));
        });
    }

    /** Entries that are applied together. */
    static final class Group {
        private final Optional<Tensor> bound;
        private final List<PlannedEntry> entries = new ArrayList<>();
        private final FloatList inline = new FloatList();
        private Optional<float[]> basis = Optional.empty();

        private Group(Optional<Tensor> bound) {
            this.bound = bound;
        }

        /** Whether one call of the edit operation can serve both: one tensor of values, one basis. */
        private boolean takes(EditValues values, Optional<float[]> other) {
            return bound.equals(values.tensor())
                    && (other.isEmpty() || basis.isEmpty() || Arrays.equals(basis.get(), other.get()));
        }

        /** Takes the values an edit brings with it; returns where they begin. */
        long append(EditValues values) {
            long begin = inline.size;
            inline.addAll(values.inline());
            return begin;
        }

        /** Adds an entry of the program's edit number {@code edit}, which covers so many heads. */
        void add(EditEntry entry, int edit, long places) {
            entries.add(new PlannedEntry(entry, edit, places));
        }

        /** From tokens and columns of all heads to rows of single heads. */
        private void moveTo(HeadPlaces places, int width) {
            entries.replaceAll(planned -> {
                var entry = planned.entry();
                int row = places.row(entry.column() / width, entry.token());
                var moved = new EditEntry(
                        row,
                        entry.column() % width,
                        entry.count(),
                        entry.operation(),
                        entry.source(),
                        entry.basis(),
                        entry.rank(),
                        entry.factor());
                return new PlannedEntry(moved, planned.edit(), planned.places());
            });
        }

        private void send(Device device, SitePoint point, EditPlan plan) {
            if (entries.isEmpty()) {
                return;
            }
            Optional<Tensor> values = bound;
            if (values.isEmpty() && inline.size > 0) {
                values = Optional.of(plan.own(device.upload(inline.toArray(), 1, inline.size, "edit values")));
            }
            Optional<Tensor> bases = basis.map(rows -> plan.own(device.upload(rows, 1, rows.length, "edit basis")));
            plan.add(device, point, entries, values, bases);
        }
    }

    /** Floats gathered one after another. */
    private static final class FloatList {
        private float[] elements = new float[64];
        private int size;

        void addAll(float[] more) {
            if (size + more.length > elements.length) {
                elements = Arrays.copyOf(elements, Math.max(2 * elements.length, size + more.length));
            }
            System.arraycopy(more, 0, elements, size, more.length);
            size += more.length;
        }

        float[] toArray() {
            return Arrays.copyOf(elements, size);
        }
    }
}
