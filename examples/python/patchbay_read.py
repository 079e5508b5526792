"""Reads the results of `patchbay sweep` and `patchbay export` with their labels. Needs numpy alone.

    python3 patchbay_read.py RUN          # the strongest cells
    run = patchbay_read.read("RUN")       # run.effect[...], run.axes, run.coords, run.facts

RUN is the folder of a sweep, or what `patchbay export` made of it: a .safetensors or .npz file, or the folder of --format npy.
"""

import json
import os
import struct
import sys

import numpy as np

_TYPES = {"F32": "<f4", "I32": "<i4", "I64": "<i8", "F64": "<f8"}


class Run:
    """The arrays of a run as attributes; `axes` names the axes of `effect`, `coords[axis]` the labels along each."""

    def __init__(self, arrays, facts):
        self.arrays = arrays
        self.facts = facts
        self.axes = facts["axes"]
        self.coords = facts["coords"]
        for name, array in arrays.items():
            setattr(self, name, array)

    def cells(self, name="effect"):
        """(labels, value) of every cell, row-major."""
        array = self.arrays[name]
        for index in np.ndindex(array.shape):
            yield {axis: self.coords[axis][i] for axis, i in zip(self.axes, index)}, array[index]


def read_safetensors(path):
    """The arrays and the metadata of a safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        raw = data[8 + length + begin : 8 + length + end]
        arrays[name] = np.frombuffer(raw, dtype=_TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays, metadata


def read_npz(path):
    """The arrays and the metadata of an .npz file."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return arrays, json.loads(str(arrays.pop("facts")))


def read_npy(folder):
    """The arrays and the metadata of a folder of .npy files."""
    names = [name for name in sorted(os.listdir(folder)) if name.endswith(".npy")]
    arrays = {name[: -len(".npy")]: np.load(os.path.join(folder, name)) for name in names}
    with open(os.path.join(folder, "facts.json"), encoding="utf-8") as file:
        return arrays, json.load(file)


def read(run):
    """The folder of a sweep, or what was exported from it."""
    if os.path.exists(os.path.join(run, "facts.json")):
        arrays, metadata = read_npy(run)
    elif run.endswith(".npz"):
        arrays, metadata = read_npz(run)
    else:
        path = os.path.join(run, "effects.safetensors") if os.path.isdir(run) else run
        arrays, metadata = read_safetensors(path)
    facts = dict(metadata)
    for name in ("axes", "coords", "shape"):
        facts[name] = json.loads(metadata[name])
    return Run(arrays, facts)


def main(folder):
    run = read(folder)
    name = "effect" if np.isfinite(run.effect).any() else "delta"
    prefix = "effect_" if name == "effect" else ""
    low, high = run.arrays[prefix + "low"].ravel(), run.arrays[prefix + "high"].ravel()
    known = [(*cell, low[i], high[i]) for i, cell in enumerate(run.cells(name)) if np.isfinite(cell[1])]
    known.sort(key=lambda cell: -abs(cell[1]))
    print("\t".join(run.axes + [name, "low", "high"]))
    for labels, *numbers in known[:10]:
        print("\t".join([str(labels[axis]) for axis in run.axes] + ["%.6f" % number for number in numbers]))


if __name__ == "__main__":
    main(sys.argv[1])
