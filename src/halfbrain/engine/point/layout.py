"""Where a circuit's neurons lie: in parts of their own for the threads, in blocks within a part.

Every population is cut into one slice for each part. A thread steps its parts, and only it writes
to what lies in them; a synapse lies with its target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit
from halfbrain.codegen.kernel import BLOCK
from halfbrain.errors import CircuitError

MOST_LOCAL = 1 << 16  # neurons of a part: a target is 16 bits


@dataclass(frozen=True)
class Layout:
    """Places of neurons.

    ``first`` numbers populations through the circuit (one entry more than there are populations).
    ``slices`` holds for each population and part the first block and the last one's successor,
    ``local`` the place of the slice in the part, in neurons; ``part_size`` the neurons of a part,
    padding included.
    """

    parts: int
    first: NDArray[np.int64]
    slices: NDArray[np.int64]
    local: NDArray[np.int64]
    part_size: NDArray[np.int64]

    def places(self, population: int) -> NDArray[np.int64]:
        """For each block of a population: its part, and its first neuron's place in the part."""
        blocks = self.slices[population, -1, 1]
        out = np.zeros((blocks, 2), np.int64)
        for part in range(self.parts):
            begin, end = self.slices[population, part]
            out[begin:end, 0] = part
            out[begin:end, 1] = self.local[population, part] + BLOCK * np.arange(end - begin)
        return out


def lay_out(circuit: Circuit, threads: int, parts: int | None = None) -> Layout:
    """Cut a circuit into as few parts as its threads and 16-bit targets need, or into ``parts``.

    Raises
    ------
    CircuitError
        if that many parts cannot hold it.
    """
    sizes = [p.size for p in circuit.populations]
    blocks = np.array(
        [-(-p.size // BLOCK) if isinstance(p.model, Neuron) else 0 for p in circuit.populations],
        np.int64,
    )
    before = np.cumsum(blocks) - blocks
    count = threads if parts is None else parts
    while True:
        # Each population's odd blocks go on where the last one's ended, so that no part gets all.
        odd = (before % count)[:, None]
        edges = (blocks[:, None] * np.arange(count + 1) + odd) // count
        slices = np.stack([edges[:, :-1], edges[:, 1:]], axis=2)
        sizes_in = BLOCK * (slices[:, :, 1] - slices[:, :, 0])
        if sizes_in.sum(axis=0).max() <= MOST_LOCAL:
            break
        if parts is not None:
            raise CircuitError(
                f"circuit {circuit.name!r}: {parts} parts are too few, since a part holds at most "
                f"{MOST_LOCAL:,} neurons"
            )
        count += threads
    local = np.cumsum(sizes_in, axis=0) - sizes_in
    return Layout(
        count,
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        slices,
        local,
        sizes_in.sum(axis=0),
    )
