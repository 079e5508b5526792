package dev.patchbay.model.program;

import java.util.Arrays;
import java.util.List;

/** A choice of layers, heads, units or rows: all of them, or those listed. */
public sealed interface Selection {
    /** Every one. */
    @SuppressWarnings("ClassInitializationDeadlock") // the implementations initialise nothing
    Selection ALL = new All();

    /** Those listed, in ascending order, each once. */
    static Selection of(int... numbers) {
        return new Of(Arrays.stream(numbers).sorted().distinct().boxed().toList());
    }

    /** The chosen numbers below {@code count}, ascending; numbers out of range are kept for the caller to refuse. */
    default int[] below(int count) {
        return switch (this) {
            case All ignored -> {
                int[] every = new int[count];
                Arrays.setAll(every, i -> i);
                yield every;
            }
            case Of(List<Integer> numbers) ->
                numbers.stream().mapToInt(Integer::intValue).toArray();
        };
    }

    /** Whether {@code number} is chosen. */
    default boolean contains(int number) {
        return switch (this) {
            case All ignored -> true;
            case Of(List<Integer> numbers) -> numbers.contains(number);
        };
    }

    /** Every one. */
    record All() implements Selection {}

    /** Those listed. */
    record Of(List<Integer> numbers) implements Selection {
        public Of {
            numbers = List.copyOf(numbers);
        }
    }
}
