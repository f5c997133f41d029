"""Any of the named circuits, of point neurons or of detailed cells."""

from __future__ import annotations

from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.detailed.circuit import DetailedCircuit
from halfbrain.circuits.named.catalogue import CIRCUITS, named_circuit
from halfbrain.circuits.named.detailed import DETAILED, detailed_circuit
from halfbrain.errors import CircuitError


def circuit(
    name: str,
    *,
    neurons: int | None = None,
    scale: float | None = None,
    plasticity: bool | None = None,
    seconds: float = 1.0,
    seed: int = 1,
) -> Circuit | DetailedCircuit:
    """A circuit of the literature by name, at its published size or another.

    Parameters
    ----------
    name
        of point neurons ``"cuba"``, ``"cobahh"``, ``"mbody"``, ``"brunel"``, ``"hpc-benchmark"``,
        ``"microcircuit"``, ``"diehl-cook"``; of detailed cells ``"ring"``, ``"column"``,
        ``"human-column"``.
    neurons, scale
        its size, by one of the two: so many neurons, or as a share of the published size.
    plasticity
        whether it learns; None: as published, and the columns without.
    seconds, seed
        of the input, where the circuit plays one out (``"mbody"``).

    Raises
    ------
    HalfbrainError
        one line: an unknown name, a size that cannot be, or a package that is not installed.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.circuit("cuba").neurons
    4000
    >>> hb.circuit("ring", neurons=7).neurons
    7
    """
    hyphened = str(name).replace("_", "-")
    if hyphened in DETAILED:
        return detailed_circuit(hyphened, neurons=neurons, scale=scale, plasticity=plasticity)
    if hyphened not in (*CIRCUITS, "brunel"):
        raise CircuitError(
            f"no circuit {str(name)[:40]!r}; known are {', '.join((*CIRCUITS, *DETAILED))}"
        )
    return named_circuit(
        hyphened, neurons=neurons, scale=scale, plasticity=plasticity, seconds=seconds, seed=seed
    )
