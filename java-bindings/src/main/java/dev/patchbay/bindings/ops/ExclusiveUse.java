package dev.patchbay.bindings.ops;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Lets one thread at a time in and refuses an overlapping one; not reentrant. */
public final class ExclusiveUse implements AutoCloseable {
    private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
    private final String what;

    /** Of a thing that messages call {@code what}. */
    public ExclusiveUse(String what) {
        this.what = what;
    }

    /** Enters; closing what this returns leaves. */
    public ExclusiveUse enter() {
        Thread current = Thread.currentThread();
        if (!user.compareAndSet(null, current)) {
            throw new IllegalStateException("thread " + current.getName() + " uses " + what + " while thread "
                    + user.get() + " does: a device is used by one thread at a time");
        }
        return this;
    }

    @Override
    public void close() {
        user.setRelease(null);
    }
}
