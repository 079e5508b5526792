package dev.patchbay.bindings.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** JCuda's pointers made of addresses, and addresses of its pointers; it shows them to subclasses only. */
final class JCudaPointers {
    private static final CUdeviceptr NULL = new CUdeviceptr();

    private JCudaPointers() {}

    /** Device memory: what a call is to fill, or what is at an address. */
    static final class DevicePointer extends CUdeviceptr {
        DevicePointer() {}

        DevicePointer(long address) {
            super(NULL, address);
        }

        long address() {
            return getNativePointer() + getByteOffset();
        }
    }

    /** Host memory outside of Java's heap: what a call is to fill, or what is at an address. */
    static final class HostPointer extends Pointer {
        HostPointer() {}

        HostPointer(long address) {
            super(address);
        }

        long address() {
            return getNativePointer() + getByteOffset();
        }
    }
}
