"""A .mod file in the part of NMODL that Arbor's translator, modcc, reads.

As Blue Brain's files are written, modcc (0.12.2) takes none of them: it refuses what NEURON wants
declared (``v``, ``ik``), INDEPENDENT and constants of UNITS (FARADAY), and no procedure may see
``v``. So the mechanism is written anew from what our reader made of it: INITIAL, the currents and
the rates of change as LOCALs one after the other. Solving and differentiating is left to modcc.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from halfbrain.errors import ModelError
from halfbrain.nmodl.assembly import Assembly
from halfbrain.nmodl.execution import Execution
from halfbrain.nmodl.parser import parse
from halfbrain.nmodl.printing import printed
from halfbrain.nmodl.reading import Reading
from halfbrain.nmodl.renaming import renamed
from halfbrain.nmodl.solving import Solver
from halfbrain.nmodl.tree import Solve
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.mechanism import Mechanism

_OUTSIDE = ("celsius", "diam")  # what modcc wants named as parameters without a value


def modcc_text(file: Path) -> str:
    """The mechanism in modcc's words.

    Raises
    ------
    ModelError
        for what modcc or this writer cannot do: point processes, electrode currents, arrays, states
        that are not solved by cnexp, a current with a choice by ``v``, reading dt, t or area.
    """
    model = parse(file.read_text("utf-8", errors="replace"), file.name, file.parent)
    assembly = Assembly(model, Reading())
    mechanism = assembly.mechanism(str(file))
    if mechanism.kind != "density" or model.electrode:
        raise _refused(file, "only channels are written for Arbor, no point processes")
    if assembly.variables.lengths:
        raise _refused(file, "arrays are not written for Arbor")
    solves = [s for s in model.breakpoint if isinstance(s, Solve)]
    if len(solves) > 1:
        raise _refused(file, "two blocks are solved, of which Arbor's translator takes one")
    if any(s.method != "cnexp" or model.blocks[s.block].kind != "DERIVATIVE" for s in solves):
        raise _refused(file, f"SOLVE {solves[0].block} is not by cnexp, which alone is written")
    names = assembly.new_names
    states = tuple(names.get(k, k) for k in assembly.variables.states)
    rows = {
        k: names.get(k, k) for k in assembly.variables.kept if names.get(k, k) in mechanism.rows
    }
    rates = Program((), (), {})
    if solves:
        run = assembly.execution()
        found = Solver(run, assembly.variables.states, "dt").rates(model.blocks[solves[0].block])
        moved = {f"{names.get(k, k)}'": rate for k, rate in found.items()}
        rates = renamed(run.values.program(_set(run, rows) | moved), names)
    run = assembly.current()
    currents = {name: run.held[name] for name in assembly.variables.currents}
    current = renamed(run.values.program(_set(run, rows) | currents), names)
    try:
        return _text(mechanism, model.nonspecific, states, list(rows.values()), rates, current)
    except ModelError as error:
        raise _refused(file, str(error)) from None


def _set(run: Execution, rows: Mapping[str, str]) -> dict[str, Operand]:
    """What a run sets of the variables that are kept."""
    return {new: run.held[k] for k, new in rows.items() if run.held.get(k, k) != k}


def _refused(file: Path, why: str) -> ModelError:
    return ModelError(f"{file}: {why}")


def _text(
    mechanism: Mechanism,
    nonspecific: list[str],
    states: tuple[str, ...],
    rows: list[str],
    rates: Program,
    current: Program,
) -> str:
    initial = printed(mechanism.initial, "x")
    flow = printed(current, "x", ("v",))
    change = printed(rates, "x", states)
    read = {*mechanism.initial.inputs, *current.inputs, *rates.inputs}
    if read & {"dt", "t", "area"}:
        raise ModelError("it reads dt, t or area, which Arbor has not")
    uses = "".join(
        f"  USEION {ion.name}"
        + (f" READ {', '.join(ion.reads)}" if ion.reads else "")
        + (f" WRITE {', '.join(ion.writes)}" if ion.writes else "")
        + "\n"
        for ion in mechanism.ions
    )
    numbers = {**mechanism.parameters, **mechanism.shared}
    declared = [f"{name} = {value!r}" for name, value in numbers.items()]
    declared += [name for name in _OUTSIDE if name in read]
    blocks = {"PARAMETER": declared, "STATE": states, "ASSIGNED": rows}
    lists = "".join(
        f"{block} {{\n{''.join(f'  {name}{chr(10)}' for name in own)}}}\n"
        for block, own in blocks.items()
        if own
    )
    groups = {
        "NONSPECIFIC_CURRENT": nonspecific,
        "RANGE": [*mechanism.parameters, *rows],
        "GLOBAL": list(mechanism.shared),
    }
    begun = {name: value for name, value in initial.outputs.items() if name[0] != " "}
    named = "".join(f"  {word} {', '.join(own)}\n" for word, own in groups.items() if own)
    solve = "  SOLVE change METHOD cnexp\n" if rates.outputs else ""
    derivative = f"DERIVATIVE change {{\n{change.body(change.outputs)}}}\n" if solve else ""
    return (
        f"NEURON {{\n  SUFFIX {mechanism.name}\n{uses}{named}}}\n{lists}"
        f"INITIAL {{\n{initial.body(begun)}}}\n"
        f"BREAKPOINT {{\n{solve}{flow.body(flow.outputs)}}}\n{derivative}"
    )
