"""The named circuits of detailed cells, by name and size."""

from __future__ import annotations

from halfbrain.circuits.detailed.circuit import DetailedCircuit
from halfbrain.errors import CircuitError

DETAILED = ("ring", "column", "human-column")


def detailed_circuit(
    name: str,
    *,
    neurons: int | None = None,
    scale: float | None = None,
    plasticity: bool | None = None,
) -> DetailedCircuit:
    """A named circuit of detailed cells.

    Parameters
    ----------
    neurons, scale
        its size, by one of the two: of ``ring`` 5 neurons at scale 1, of ``column`` 31,279.
        Without either, 5 and 100.
    plasticity
        of the columns: long-term plasticity between excitatory cells. None: without.

    Raises
    ------
    CircuitError, MissingError
        one line: an unknown name, a size that cannot be, or a package that is not installed.
    """
    from halfbrain.circuits.named.column import FULL, column
    from halfbrain.circuits.named.ring import ring

    if name not in DETAILED:
        raise CircuitError(f"no circuit {name[:40]!r}; of detailed cells are {', '.join(DETAILED)}")
    if neurons is not None and scale is not None:
        raise CircuitError(f"circuit {name!r}: give its neurons or its scale, not both")
    full, usual = (5, 5) if name == "ring" else (FULL, 100)
    if scale is not None:
        if not 0 < scale * full < 2**31:
            raise CircuitError(f"circuit {name!r}: a scale of {scale}; it must be above 0")
        neurons = round(scale * full)
    size = usual if neurons is None else neurons
    if name == "ring":
        if plasticity:
            raise CircuitError("circuit 'ring' has no plasticity")
        return ring(size)
    return column(size, plasticity=bool(plasticity), human=name == "human-column")
