package dev.patchbay.bindings.cuda;

import java.util.Arrays;
import jcuda.NativePointerObject;
import org.jspecify.annotations.Nullable;

/** Numbers for JCuda's objects, which hold handles of the driver and do not give them away. */
final class JCudaHandles {
    private @Nullable NativePointerObject[] objects = new NativePointerObject[16];
    private int next = 1;

    /** A number for an object, above 0. */
    long add(NativePointerObject object) {
        for (int free = 1; free < next; free++) {
            if (objects[free] == null) {
                objects[free] = object;
                return free;
            }
        }
        if (next == objects.length) {
            objects = Arrays.copyOf(objects, 2 * next);
        }
        objects[next] = object;
        return next++;
    }

    /** The object of a number. */
    <T extends NativePointerObject> T get(long handle, Class<T> type) {
        NativePointerObject object = handle > 0 && handle < next ? objects[(int) handle] : null;
        if (!type.isInstance(object)) {
            throw new IllegalStateException("handle " + handle + " is no live " + type.getSimpleName());
        }
        return type.cast(object);
    }

    /** The object of a number, which may then be given to another. */
    <T extends NativePointerObject> T remove(long handle, Class<T> type) {
        T object = get(handle, type);
        objects[(int) handle] = null;
        return object;
    }
}
