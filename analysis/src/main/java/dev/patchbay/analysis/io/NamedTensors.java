package dev.patchbay.analysis.io;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.run.Bindings.NamedTensor;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tensors named {@code FILE#name}: a safetensors file and a tensor in it. */
public final class NamedTensors {
    private NamedTensors() {}

    /**
     * Reads a tensor {@code [d]} (as one row) or {@code [k, d]}.
     *
     * @param name {@code FILE#name}
     * @param folder where a relative FILE is looked for first; then in the working directory
     * @throws InputException where there is no such file or tensor, or it has another rank
     */
    public static NamedTensor read(String name, Path folder) {
        int sign = name.lastIndexOf('#');
        if (sign <= 0 || sign == name.length() - 1) {
            throw new InputException("tensor '" + name
                    + "': expected FILE#name of a safetensors file, for example vectors.safetensors#d");
        }
        var beside = folder.resolve(name.substring(0, sign));
        var path = Files.exists(beside) ? beside : Path.of(name.substring(0, sign));
        String tensor = name.substring(sign + 1);
        try (var file = SafetensorsFile.open(path)) {
            var shape = file.tensor(tensor).shape();
            if (shape.isEmpty() || shape.size() > 2) {
                throw new InputException(
                        "tensor '" + name + "': expected shape [d] or [k, d], found " + shape + "; reshape it");
            }
            float[] values = file.floats(tensor);
            return new NamedTensor(shape.size() == 1 ? 1 : shape.getFirst(), Math.toIntExact(shape.getLast()), values);
        }
    }

    /**
     * Reads a tensor {@code [d]} or {@code [1, d]}.
     *
     * @throws InputException where there is no such vector
     */
    public static float[] vector(String name, Path folder) {
        var tensor = read(name, folder);
        if (tensor.rows() != 1) {
            throw new InputException("tensor '" + name + "': expected one vector, found " + tensor.rows() + " rows");
        }
        return tensor.values();
    }
}
