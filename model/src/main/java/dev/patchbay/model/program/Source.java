package dev.patchbay.model.program;

import java.util.List;

/**
 * Where an edit's value comes from. Symbolic sources ({@link Run}, {@link Mean}, {@link Named}) are bound when a program
 * runs, see {@link dev.patchbay.model.run.Bindings}.
 */
public sealed interface Source {
    /** No value: the operation needs none. */
    Source NONE = new Constant(0);

    /** One number for every element. */
    record Constant(float value) implements Source {}

    /** One number per edited element of a head (or of the whole width, at sites without heads), for every position. */
    record Vector(List<Float> values) implements Source {
        public Vector {
            values = List.copyOf(values);
        }
    }

    /** A named tensor, {@code FILE#name}: a vector as {@link Vector}. */
    record Named(String name) implements Source {}

    /** The same site, layer, head and position of another run. */
    record Run(String name) implements Source {}

    /** The mean of the same site over a reference set. */
    record Mean(String reference) implements Source {}
}
