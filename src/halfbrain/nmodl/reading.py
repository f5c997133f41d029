"""How a file is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from halfbrain.nmodl.run import Given


@dataclass(frozen=True)
class Reading:
    """How a file is read.

    ``rounds`` bounds loops that run until they know when, ``newton`` is how often Newton's method
    goes round, and with ``usetable`` what has a TABLE is looked up in it. ``tables`` are the values
    of functions that the file leaves to its user; variables of ``keep`` are kept for each place.
    """

    rounds: int = 8
    newton: int = 3
    usetable: bool = False
    tables: Mapping[str, Given] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
