"""Which pairs of neurons a projection connects, as a list."""

from __future__ import annotations

import numpy as np

from halfbrain.connectivity.degrees import Ends, Ints, Keys, rows_of
from halfbrain.connectivity.draw import Stream
from halfbrain.connectivity.rule import Explicit, Rule, check
from halfbrain.connectivity.value import drawn
from halfbrain.equations.dimensions import NONE
from halfbrain.random.philox import key_of

_NOTHING = drawn(0.0, NONE, "nothing")


def pairs(rule: Rule, ends: Ends, stream: Stream) -> tuple[Ints, Ints]:
    """Sources and targets of a projection's connections, by target, then source.

    They are those of its rows (:mod:`halfbrain.connectivity.degrees`); an explicit list keeps its
    order.

    Raises
    ------
    CircuitError
        one line, for what no populations of these sizes can have.
    """
    if isinstance(rule, Explicit):
        check(rule, ends.sources, ends.targets, ends.same, stream.name)
        given = (np.asarray(side, np.int64).reshape(-1) for side in (rule.sources, rule.targets))
        source, target = given
        return source, target
    key = np.uint64(key_of(stream.seed, f"{stream.name}/pair", "little"))
    rows = rows_of(rule, ends, _NOTHING, _NOTHING, Keys(key, key), stream.name)
    source, target, _, _ = rows.all()
    order = np.lexsort((source, target))
    return source[order], target[order]
