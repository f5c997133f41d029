"""The named circuits by name and size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.named.brunel import brunel
from halfbrain.circuits.named.cobahh import cobahh
from halfbrain.circuits.named.cuba import cuba
from halfbrain.circuits.named.diehl_cook import diehl_cook
from halfbrain.circuits.named.hpc_benchmark import EXCITATORY, INHIBITORY, hpc_benchmark
from halfbrain.circuits.named.mbody import EXTRINSIC, mbody
from halfbrain.circuits.named.microcircuit import NEURONS, microcircuit
from halfbrain.circuits.named.size import MOST
from halfbrain.errors import CircuitError


@dataclass(frozen=True)
class _Size:
    neurons: int
    scale: float


@dataclass(frozen=True)
class _Input:
    seconds: float
    seed: int


@dataclass(frozen=True)
class _Entry:
    """A circuit of ``full`` neurons at scale 1 and ``fixed`` more at any scale, in ``steps``."""

    build: Callable[[_Size, _Input, bool], Circuit]
    full: int
    fixed: int = 0
    steps: int = 1
    learns: bool = False


_ENTRIES: Mapping[str, _Entry] = {
    "cuba": _Entry(lambda size, *_: cuba(size.neurons), 4000),
    "cobahh": _Entry(lambda size, *_: cobahh(size.neurons), 4000),
    "mbody": _Entry(
        lambda size, given, learns: mbody(
            size.neurons, seconds=given.seconds, plasticity=learns, seed=given.seed
        ),
        2500,
        fixed=EXTRINSIC,
        learns=True,
    ),
    "brunel": _Entry(lambda size, *_: brunel(size.neurons), 12_500, steps=50),
    "hpc-benchmark": _Entry(
        lambda size, _, learns: hpc_benchmark(size.scale, plasticity=learns),
        EXCITATORY + INHIBITORY,
        learns=True,
    ),
    "microcircuit": _Entry(lambda size, *_: microcircuit(size.scale), int(NEURONS.sum())),
    "diehl-cook": _Entry(
        lambda size, _, learns: diehl_cook(size.neurons, plasticity=learns), 400, learns=True
    ),
}
CIRCUITS = tuple(_ENTRIES)


def named_circuit(
    name: str,
    *,
    neurons: int | None = None,
    scale: float | None = None,
    seconds: float = 1.0,
    plasticity: bool | None = None,
    seed: int = 1,
) -> Circuit:
    """A named circuit, at its published size or another.

    Parameters
    ----------
    name
        one of ``CIRCUITS``, with hyphens or underscores. A plastic ``brunel`` is ``hpc-benchmark``.
    neurons, scale
        its size, by one of the two; of ``diehl-cook`` the excitatory neurons.
    seconds, seed
        of the input, where the circuit plays one out (``mbody``).
    plasticity
        None: as published.

    Raises
    ------
    CircuitError
        one line, for an unknown name or a size or a plasticity that cannot be.
    """
    name = name.replace("_", "-")
    if name == "brunel" and plasticity:
        name = "hpc-benchmark"
    if name not in _ENTRIES:
        raise CircuitError(f"no circuit {name[:40]!r}; known are {', '.join(CIRCUITS)}")
    entry = _ENTRIES[name]
    if plasticity and not entry.learns:
        able = [other for other, its in _ENTRIES.items() if its.learns]
        raise CircuitError(
            f"circuit {name!r} has no plasticity; {', '.join(able)} and brunel can have it"
        )
    size = _size(name, entry, neurons, scale)
    learns = entry.learns if plasticity is None else plasticity
    return entry.build(size, _Input(seconds, seed), learns)


def _size(name: str, entry: _Entry, neurons: int | None, scale: float | None) -> _Size:
    if neurons is not None and scale is not None:
        raise CircuitError(f"circuit {name!r}: give its neurons or its scale, not both")
    if neurons is not None:
        return _Size(neurons, (neurons - entry.fixed) / entry.full)
    scale = 1.0 if scale is None else scale
    if not 0 < scale * entry.full <= MOST:
        raise CircuitError(
            f"circuit {name!r}: a scale of {scale}; it must be above 0, "
            f"at most {MOST / entry.full:.0f}"
        )
    return _Size(entry.fixed + entry.steps * round(entry.full * scale / entry.steps), scale)
