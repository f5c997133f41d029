"""Artificial cells, which have no membrane: NEURON's ``IntFire1``, in the form of a cell.

Such a cell is one compartment without currents that holds the mechanism; it fires when that sends
an event, at the event's own time.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.mechanism import Mechanism

# A leaky integrator of events (NEURON book, section 10.1): m decays with tau between them, each
# adds its weight, and above 1 the cell fires and is deaf for ``refrac``.
_INT_FIRE_1 = """
NEURON { ARTIFICIAL_CELL IntFire1  RANGE tau, refrac, m }
PARAMETER { tau = 10 (ms)  refrac = 5 (ms) }
ASSIGNED { m  last (ms)  resting }
INITIAL { m = 0  last = 0  resting = 0 }
NET_RECEIVE (w) {
    if (flag == 1) {
        resting = 0
        m = 0
        last = t
    } else if (resting == 0) {
        m = m*exp(-(t - last)/tau) + w
        last = t
        if (m > 1) {
            resting = 1
            m = 2
            net_send(refrac, 1)
            net_event(t)
        }
    }
}
"""


@lru_cache(maxsize=1)
def int_fire_1() -> Mechanism:
    """NEURON's ``IntFire1``: ``tau`` and ``refrac`` in ms."""
    from halfbrain.nmodl import read_mechanism

    return read_mechanism(_INT_FIRE_1)


def artificial(mechanism: Mechanism, parameters: dict[str, float]) -> Compartments:
    """A cell that is nothing but an artificial cell's mechanism."""
    one, none = np.ones(1), np.zeros(1)
    return Compartments(
        parent=np.array([-1]),
        area=100 * one,
        coupling=none,
        capacitance=one,
        diameter=10 * one,
        distance=none,
        section=np.zeros(1, np.int64),
        position=0.5 * one,
        regions=("soma",),
        placed=(Placed(mechanism, np.zeros(1, np.int64), parameters),),
        ions={},
        nernst=(),
        celsius=6.3,
        v_init=0.0,
    )


def is_artificial(cell: Compartments) -> bool:
    """Whether a cell is made of an artificial cell's mechanism."""
    return bool(cell.placed) and cell.placed[0].mechanism.kind == "artificial"
