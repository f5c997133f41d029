"""NEURON's ring: each cell makes the next one fire."""

from __future__ import annotations

import numpy as np

from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
from halfbrain.cells.detailed.classic import EXP_SYN
from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import (
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    Receptor,
)
from halfbrain.circuits.detailed.place import At
from halfbrain.circuits.named.size import whole
from halfbrain.connectivity.rule import Explicit

_DENDRITE = 1


def ring(neurons: int = 5, *, delay: float = 5.0) -> DetailedCircuit:
    """Balls and sticks in a ring: the circuit of NEURON's tutorial, one spike going round.

    Each soma excites the middle of the next cell's dendrite through an ``ExpSyn`` (2 ms, 0.01 uS)
    after ``delay`` ms; a spike from outside reaches the first cell at 10 ms (0.04 uS). The dendrite
    is cut into 11 compartments.

    Raises
    ------
    CircuitError
        for less than one neuron.
    """
    n = whole("ring", "neurons", neurons, 1)
    number = np.arange(n)
    return DetailedCircuit(
        name="ring",
        populations=(
            DetailedPopulation("cells", (ball_and_stick(),), n, threshold=10.0),
            DetailedPopulation("start", SpikeList(np.array([9e-3]), np.array([0])), 1),
        ),
        receptors=(Receptor("syn", EXP_SYN, {"tau": 2.0}),),
        projections=(
            _onto("cells", number, (number + 1) % n, 0.01, delay),
            _onto("start", np.array([0]), np.array([0]), 0.04, 1.0),
        ),
        source="NEURON's ball-and-stick tutorial (nrn.readthedocs.io), its ring of five cells",
    )


def _onto(
    source: str, sources: np.ndarray, targets: np.ndarray, weight: float, delay: float
) -> DetailedProjection:
    place = At(np.full(len(targets), _DENDRITE), np.full(len(targets), 0.5))
    return DetailedProjection(
        source, "cells", "syn", Explicit(sources, targets), weight, delay, place=place
    )
