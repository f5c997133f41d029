"""A membrane mechanism or point process: what its equations take in and put out, as programs.

Units are NMODL's: mV, ms, mA/cm2 (density) or nA (point process), S/cm2 or uS, mM, degC, um.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from halfbrain.program.instructions import Program


@dataclass(frozen=True)
class Ion:
    """What a mechanism reads and writes of an ion: ``ek``, ``cai``, ``ica`` and the like.

    ``place`` is the file and line that say so.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    valence: int | None = None
    place: str = ""


@dataclass(frozen=True)
class Mechanism:
    """A mechanism, read.

    ``parameters`` differ from place to place, ``shared`` are the same everywhere; both with their
    defaults. ``rows`` are the variables that are kept for each place beside the parameters:
    states, and assigned variables that outlive a step. The programs' inputs are rows, parameters
    and shared by their names, and from outside ``v``, ``celsius``, ``dt``, ``t``, ``diam``,
    ``area`` and ions' variables (``ek``, ``cai``, ...).

    ``initial``
        puts out rows (and ion variables that it writes) from the inputs, at the start.
    ``current``
        puts out ``i`` (all currents summed), ``g`` (its slope di/dv), each ionic current that is
        written (``ica``), and rows that are assigned on the way.
    ``step``
        puts out rows, and ion concentrations that it writes (``cai``), a time step later.
    ``receive``
        for a point process: the rows and the synapse's own variables after an event; its inputs are
        also the event's arguments (``weight``, ...), under the names in ``arguments``, and its
        ``flag`` (0 unless the mechanism sent it to itself). Each ``net_send`` is two outputs,
        ``net_send[k].delay`` (infinite where none is sent) and ``net_send[k].flag``; ``net_event``
        is one, ``net_event[k]`` (1 or 0); ``net_move`` is ``net_move[k].time``. ``initial`` and
        ``connect`` may have them too. ``watch[k].armed`` is 1 where a WATCH statement was run, and
        ``watch[k].above`` whether its condition held then.
    ``connect``
        the synapse's own variables when a connection is made, from its first argument.
    ``watch``
        ``watch[k].above`` (1 or 0) and ``watch[k].flag``: when it becomes 1, an event with that
        flag is received.

    A row that is called ``i`` or ``g``, as the totals of ``current`` are, is named ``own_i`` or
    ``own_g``; that of a parameter ``p`` which the file sets itself is ``own_p``, and begins with
    it. An event's argument ``a`` that is called as a variable of the file is named ``given_a``.
    ``pointers`` are variables of another place, inputs by their names, each with file and line.
    ``currents`` are the names that the file gives its currents, ``units`` the units that it
    declares of variables and of events' arguments; ``solved`` says how each state is solved,
    ``notes`` what was taken otherwise than the file has it. Loops whose end is known only when they
    run go up to ``rounds`` rounds; ``with_rounds`` is the same mechanism with others.

    Programs that draw take in what :mod:`halfbrain.random.streams` names, and put out where the
    stream is then; those with such loops put out the most rounds that one had to go.
    """

    name: str
    kind: Literal["density", "point", "artificial"]
    parameters: Mapping[str, float]
    shared: Mapping[str, float]
    rows: tuple[str, ...]
    ions: tuple[Ion, ...]
    initial: Program
    current: Program | None
    step: Callable[[float], Program | None]
    arguments: tuple[str, ...] = ()
    receive: Program | None = None
    source: str = ""
    connect: Program | None = None
    watch: Program | None = None
    pointers: Mapping[str, str] = field(default_factory=dict)
    currents: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    solved: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    rounds: int = 0
    with_rounds: Callable[[int], Mechanism] | None = None
