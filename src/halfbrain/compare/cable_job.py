"""What a simulator of detailed cells is asked to run, and what it gives back.

:func:`halfbrain.compare.runner.run_on` runs each in a process of its own: NEURON's mechanisms, once
loaded, cannot be exchanged for others of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.morphology.compartments import Compartments, Placed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inserted:
    """A density mechanism and where it is: what of a placed one a simulator is told."""

    name: str
    where: NDArray[np.int64]
    values: Mapping[str, Floats]
    shared: Mapping[str, float]


@dataclass(frozen=True)
class Synapse:
    """A point process in the first copy of a cell, reached by events at ``events`` (ms).

    ``stream`` are its Random123 identifiers; ``watched`` the variables to record.
    """

    name: str
    where: int
    values: Mapping[str, float]
    shared: Mapping[str, float]
    stream: tuple[int, int, int] | None
    events: Sequence[float]
    weight: float
    watched: Sequence[str] = ()


@dataclass(frozen=True)
class CableJob:
    """A cell, copied ``copies`` times, for ``milliseconds``; numbers and names only.

    ``clamps`` are currents: compartment, delay, duration (ms), nA. ``library`` holds compiled
    mechanisms. ``coreneuron`` runs sections on CoreNEURON and records spikes alone; ``by_section``
    is NEURON's alone, as are ``synapses`` and the ``seed`` of their streams; ``dtype`` is Jaxley's.
    ``together`` is how many cells one thread takes at a time on Arbor.
    """

    geometry: Mapping[str, NDArray[Any]]
    inserted: tuple[Inserted, ...]
    ions: Mapping[str, Floats]
    nernst: tuple[str, ...]
    celsius: float
    v_init: float
    milliseconds: float
    dt: float = 0.025
    clamps: Sequence[tuple[int, float, float, float]] = ()
    records: Sequence[int] = ()
    detector: int = 0
    threshold: float = 0.0
    copies: int = 1
    threads: int = 1
    by_section: bool = False
    coreneuron: bool = False
    library: str = ""
    together: int = 1
    dtype: str = "float64"
    synapses: Sequence[Synapse] = ()
    seed: int = 0


@dataclass(frozen=True)
class CableResult:
    """Times of the first copy's spikes (ms), all copies' number of them, voltages.

    ``seconds`` are those of a millisecond, without what a run takes to begin (CoreNEURON copies the
    cells first, Jaxley compiles). ``built`` and ``ran`` are the bytes by which the most memory that
    the process held grew while the cells were built, and then until the end. ``compartments`` of a
    copy are those that it was cut into, ``watched`` the synapses' variables.
    """

    spikes: Floats
    total_spikes: int
    voltages: tuple[Floats, ...]
    seconds: float
    built: int
    ran: int
    compartments: int
    watched: tuple[tuple[Floats, ...], ...] = ()


def job(cell: Compartments, milliseconds: float, **options: Any) -> CableJob:
    """What to ask for a cell.

    Raises
    ------
    RunError
        if the cell has point processes, which go by ``synapses`` with their events, or POINTERs.
    """
    n = len(cell.parent)
    names = ("parent", "area", "coupling", "capacitance", "diameter", "section")
    inserted = []
    for placed in cell.placed:
        if placed.mechanism.kind != "density":
            raise RunError(f"{placed.mechanism.name}: only density mechanisms go to a peer here")
        check_pointers(placed)
        shape = len(placed.where)
        values = {
            name: np.array(np.broadcast_to(value, shape), float)
            for name, value in placed.parameters.items()
            if name not in placed.mechanism.shared
        }
        shared = {
            name: float(np.asarray(value).flat[0])
            for name, value in placed.parameters.items()
            if name in placed.mechanism.shared
        }
        inserted.append(Inserted(placed.mechanism.name, placed.where, values, shared))
    return CableJob(
        {name: getattr(cell, name) for name in names},
        tuple(inserted),
        {k: np.array(np.broadcast_to(x, n), float) for k, x in cell.ions.items()},
        tuple(cell.nernst),
        cell.celsius,
        cell.v_init,
        milliseconds,
        **options,
    )


def check_pointers(placed: Placed) -> None:
    """Raise a RunError if a mechanism has POINTERs."""
    if placed.mechanism.pointers:
        raise RunError(f"{placed.mechanism.name}: what POINTERs read does not go to a peer")


def files_of(cell: Compartments) -> list[Path]:
    """The .mod files that a cell's mechanisms are from."""
    sources = {placed.mechanism.source for placed in cell.placed}
    return sorted(Path(source) for source in sources if source.endswith(".mod"))


def most_memory() -> int:
    """The most bytes that this process has held; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(x.split()[1]) * 1024 for x in lines if x.startswith("VmHWM")), 0)
