"""How many rounds the loops of a synapse's events have to go, found out before a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from halfbrain.errors import ModelError
from halfbrain.program.evaluate import Number, evaluate
from halfbrain.program.hoist import used
from halfbrain.program.instructions import Program
from halfbrain.program.mechanism import Mechanism
from halfbrain.random.streams import ROUNDS

MOST = 1000


def with_enough_rounds(mechanism: Mechanism, values: Mapping[str, Number], dt: float) -> Mechanism:
    """The mechanism with its loops unrolled as far as a first event at any place needs.

    ``values`` are its parameters, one for each place. Loops over release sites go furthest then,
    when all are full; what comes to need more later on ends a run (:meth:`Table.fault`).

    Raises
    ------
    ModelError
        if that is too far.
    """
    receive = mechanism.receive
    if receive is None or ROUNDS not in receive.outputs:
        return mechanism
    known: dict[str, Number] = {"t": 0.0, "dt": dt, "flag": 0.0, ROUNDS: 0.0}
    known |= {**mechanism.parameters, **mechanism.shared, **values}
    known |= _found(mechanism.initial, known)
    known |= dict.fromkeys(mechanism.arguments, 0.0)
    if mechanism.arguments:
        known[mechanism.arguments[0]] = 1.0
    if mechanism.connect is not None:
        known |= _found(mechanism.connect, known)
    needed = np.max(_found(used(receive, {ROUNDS}), known)[ROUNDS])
    if not needed > mechanism.rounds:
        return mechanism
    if needed > MOST or mechanism.with_rounds is None:
        raise ModelError(
            f"{mechanism.name}: a loop has to go {needed:g} rounds at some place and is unrolled "
            f"to {mechanism.rounds}; read it with rounds={needed:g}, or lower its number of sites"
        )
    return mechanism.with_rounds(int(np.ceil(needed)))


def _found(program: Program, known: Mapping[str, Number]) -> dict[str, Number]:
    # What lies in compartments, such as v, has no part in how often a loop goes round.
    inputs = {name: known.get(name, 0.0) for name in program.inputs}
    return evaluate(program, inputs, drawn=0.5)
