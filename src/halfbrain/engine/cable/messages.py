"""Events that a mechanism sends, and what it watches: programs over rows that the engine keeps.

A WATCH statement that is run makes its condition watched from then on, and others of the place
that did not run with it no longer; a condition that holds already has to fail first. Conditions
are looked at before a step's events are delivered, as in NEURON's fixed step.
"""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.errors import ModelError
from halfbrain.program.instructions import Instruction, Operand, Program
from halfbrain.program.mechanism import Mechanism


@dataclass(frozen=True, slots=True)
class Messages:
    """What a mechanism sends.

    ``receive`` puts out ``outputs`` too: a delay and a flag for each ``net_send`` (there are
    ``sends`` of them), a time for each ``net_move``, 1 or 0 for each ``net_event``. ``watch`` sets
    for each of ``watches`` conditions the rows that :func:`crossed` and :func:`flag_of` name, where
    its output ``CHANGED`` is not 0; elsewhere they are old. ``rows`` are those that both keep.
    ``listens`` is whether there is any of that: an event's flag is 0 otherwise.
    """

    receive: Program | None
    watch: Program | None
    rows: tuple[str, ...]
    outputs: tuple[str, ...]
    sends: int
    moves: int
    events: int
    watches: int
    listens: bool


def messages(mechanism: Mechanism) -> Messages:
    """What a mechanism sends.

    Raises
    ------
    ModelError
        if it sends events where a connection is made.
    """
    receive = mechanism.receive
    named = tuple(receive.outputs) if receive is not None else ()
    if mechanism.connect is not None and any(
        n.startswith("net_") for n in mechanism.connect.outputs
    ):
        raise ModelError(
            f"{mechanism.name}: INITIAL of NET_RECEIVE sends events; put them in INITIAL"
        )
    sends = sum(n.startswith("net_send[") for n in named) // 2
    moves = [n for n in named if n.startswith("net_move[")]
    events = [n for n in named if n.startswith("net_event[")]
    outputs = [name for k in range(sends) for name in sent(k)] + moves + events
    watches = sum(n.endswith("].armed") for n in named)
    watch: Program | None = None
    rows: tuple[str, ...] = ()
    if receive is not None and mechanism.watch is not None and watches:
        receive = _arming(receive, watches)
        watch = _watching(mechanism.watch, watches)
        rows = tuple(name for name in watch.outputs if name != CHANGED)
    listens = bool(outputs or watches or _sends(mechanism.initial))
    return Messages(
        receive, watch, rows, tuple(outputs), sends, len(moves), len(events), watches, listens
    )


def _sends(program: Program) -> bool:
    return any(name.startswith("net_") for name in program.outputs)


def sent(k: int) -> tuple[str, str]:
    """The outputs of a ``net_send``."""
    return f"net_send[{k}].delay", f"net_send[{k}].flag"


def crossed(k: int) -> str:
    """The row that is 1 where a condition has begun to hold."""
    return f"watch[{k}].crossed"


def flag_of(k: int) -> str:
    """The row of the flag that is then received."""
    return f"watch[{k}].flag"


def _was(k: int) -> str:
    """The row of how a condition was: 1 if it held, -1 if not, 0 where it is not watched."""
    return f"watch[{k}].was"


# No name of a model begins with a space.
CHANGED = " changed"  # what the watching program puts out where there is something to be told


def _arming(receive: Program, watches: int) -> Program:
    """With rows of what is watched, instead of which WATCH statements were run."""
    steps, outputs = [*receive.instructions], dict(receive.outputs)
    armed, above = [], []
    for k in range(watches):
        steps.append(Instruction(f" armed {k}", "greater", (outputs.pop(f"watch[{k}].armed"), 0.5)))
        armed.append(f" armed {k}")
        above.append(outputs.pop(f"watch[{k}].above"))
    some = armed[0]
    for k in range(1, watches):
        steps.append(Instruction(f" some {k}", "or", (some, armed[k])))
        some = f" some {k}"
    for k in range(watches):
        steps += [
            Instruction(f" stays {k}", "select", (some, 0.0, _was(k))),
            Instruction(f" is {k}", "select", (above[k], 1.0, -1.0)),
            Instruction(f" was {k}", "select", (armed[k], f" is {k}", f" stays {k}")),
        ]
        outputs[_was(k)] = f" was {k}"
    return Program((*receive.inputs, *map(_was, range(watches))), tuple(steps), outputs)


def _watching(watch: Program, watches: int) -> Program:
    """The rows as they are now, and where a watched condition is not as it was."""
    steps = [*watch.instructions]
    outputs: dict[str, Operand] = {}
    changed: Operand = 0.0
    for k in range(watches):
        steps += [
            Instruction(f" above {k}", "greater", (watch.outputs[f"watch[{k}].above"], 0.5)),
            Instruction(f" failed {k}", "less", (_was(k), 0.0)),
            Instruction(f" held {k}", "greater", (_was(k), 0.0)),
            Instruction(f" rises {k}", "and", (f" above {k}", f" failed {k}")),
            Instruction(f" falls {k}", "select", (f" above {k}", 0.0, f" held {k}")),
            Instruction(f" changes {k}", "or", (f" rises {k}", f" falls {k}")),
            Instruction(f" changed {k}", "or", (changed, f" changes {k}")),
            Instruction(f" now {k}", "select", (f" falls {k}", -1.0, _was(k))),
            Instruction(f" is {k}", "select", (f" rises {k}", 1.0, f" now {k}")),
            Instruction(f" crossed {k}", "select", (f" rises {k}", 1.0, 0.0)),
        ]
        changed = f" changed {k}"
        outputs |= {
            _was(k): f" is {k}",
            crossed(k): f" crossed {k}",
            flag_of(k): watch.outputs[flag_of(k)],
        }
    outputs[CHANGED] = changed
    return Program((*watch.inputs, *map(_was, range(watches))), tuple(steps), outputs)
