"""What a run of a mechanism's statements puts out, beside the variables that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from halfbrain.nmodl.execution import Execution
from halfbrain.nmodl.names import all_statements
from halfbrain.nmodl.slopes import Slope
from halfbrain.nmodl.tree import Conductance, Model
from halfbrain.nmodl.variables import OUTSIDE
from halfbrain.program.instructions import Operand
from halfbrain.random.streams import DRAWN, ROUNDS, UNSOLVED


def outputs(model: Model, currents: Sequence[str], name: str, run: Execution) -> dict[str, Operand]:
    """What the run of a name (``initial``, ``current``, ...) must put out, whatever is kept."""
    held, values = run.held, run.values
    out: dict[str, Operand] = {}
    if name == "current" and currents:
        out |= _currents(model, currents, run)
    writes = {n for ion in model.ions for n in ion.writes} - set(currents)
    out |= {n: held[n] for n in sorted(writes) if n in held}
    out |= {n: held[n] for n in model.pointers if held.get(n, n) != n}
    if held.get(DRAWN, 0.0) != 0.0:
        out[DRAWN] = values.emit("advance", DRAWN, held[DRAWN])
    for most in (ROUNDS, UNSOLVED):
        if most in held and name != "connect":
            before = 0.0 if name == "initial" else most
            out[most] = values.emit("maximum", before, held[most])
    if name == "receive":
        if held.get("v", "v") != "v":
            out["v"] = held["v"]
        for k, (when, above, _) in enumerate(run.watches):
            out[f"watch[{k}].armed"] = values.emit("select", when, 1.0, 0.0)
            out[f"watch[{k}].above"] = values.emit("select", above, 1.0, 0.0)
    if name in ("receive", "connect", "initial"):
        for k, (when, delay, flag) in enumerate(run.sends):
            never = float("inf")
            out[f"net_send[{k}].delay"] = values.emit("select", when, delay, never)
            out[f"net_send[{k}].flag"] = flag
        for k, (when, time) in enumerate(run.moves):
            out[f"net_move[{k}].time"] = values.emit("select", when, time, float("inf"))
        for k, when in enumerate(run.events):
            out[f"net_event[{k}]"] = values.emit("select", when, 1.0, 0.0)
    return out


def _currents(model: Model, currents: Sequence[str], run: Execution) -> dict[str, Operand]:
    held, values = run.held, run.values
    total: Operand = 0.0
    for current in currents:
        # One that BREAKPOINT does not set is what a SOLVE or INITIAL has left.
        now, inward = held.get(current, current), current in model.electrode
        total = values.emit("subtract" if inward else "add", total, now)
    written = [f"i{ion.name}" for ion in model.ions if f"i{ion.name}" in ion.writes]
    return {"i": total, "g": _slope(model, run, total)} | {n: held[n] for n in written}


def _slope(model: Model, run: Execution, total: Operand) -> Operand:
    """The current's slope: exact, or what CONDUCTANCE says that it is."""
    said = [s.name for s in all_statements(model.breakpoint) if isinstance(s, Conductance)]
    if not said:
        return Slope(run.values, "v").of(total)
    slope: Operand = 0.0
    for name in said:
        slope = run.values.emit("add", slope, run.read(name, model.place))
    return slope


def watched(run: Execution) -> dict[str, Operand] | None:
    """Whether each watched condition holds, and its flag."""
    if not run.watches:
        return None
    out: dict[str, Operand] = {}
    for k, (_, above, flag) in enumerate(run.watches):
        out[f"watch[{k}].above"] = run.values.emit("select", above, 1.0, 0.0)
        out[f"watch[{k}].flag"] = flag
    return out


def note_outside(
    model: Model, runs: Mapping[str, Execution], dt: float, notes: dict[str, None]
) -> None:
    """Say of what lies outside the mechanism that setting it in the file changes nothing there.

    NET_RECEIVE alone sets the voltage, as in NEURON.
    """
    for pointer, place in model.pointers.items():
        notes[f"{place}: POINTER {pointer} is joined to a variable when a cell is built"] = None
    for name, run in runs.items():
        given = {"dt": dt} if name == "step" else {}
        for other in OUTSIDE:
            if run.held.get(other, other) in (other, given.get(other, other)):
                continue
            if other != "v":
                text = f"the file sets {other}, which is not done; set it for the cell"
            elif name != "receive":
                block = "INITIAL" if name in ("initial", "connect") else "BREAKPOINT"
                text = f"v as {block} sets it holds there alone, as in NEURON"
            else:
                continue
            notes[f"{model.place}: {text}"] = None


def note_shared(
    model: Model,
    runs: Mapping[str, Execution],
    rows: Sequence[str],
    settable: Iterable[str],
    notes: dict[str, None],
) -> None:
    """Say of a variable that a run changes and keeps that NEURON has it once for all places.

    One that follows from what is alike everywhere is the same here, too.
    """
    alike = {"celsius", "dt", "t", *(k for k in settable if k.split("[")[0] not in model.ranges)}
    shared = {*model.globals, *(model.parameters.keys() - model.ranges)}
    for row in rows:
        for kind, run in runs.items():
            now = run.held.get(row, row)
            if row.split("[")[0] not in shared or kind in ("initial", "connect") or now == row:
                continue
            if row in (needs := run.values.needs([now])) or needs - alike:
                notes[
                    f"{model.place}: {row} is GLOBAL and changes: each place has its own here, "
                    "all share one in NEURON"
                ] = None
