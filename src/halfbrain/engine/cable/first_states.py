"""The first states of mechanisms, as NEURON's ``finitialize`` sets them."""

from __future__ import annotations

import numpy as np

from halfbrain.engine.cable.messages import sent
from halfbrain.engine.cable.table import TIME, Numbers, Table
from halfbrain.errors import ModelError
from halfbrain.program.evaluate import Number, evaluate
from halfbrain.program.hoist import used
from halfbrain.program.instructions import Program


def begin(table: Table) -> None:
    """Do what INITIAL does, from what is in the compartments."""
    initial = table.mechanism.initial
    sends = sum(n.startswith("net_send[") for n in initial.outputs) // 2
    sent_first = [name for k in range(sends) for name in sent(k)]
    program = used(initial, {*table.states, *table.nodes, *sent_first})
    for name, value in evaluate(program, _known(table, program)).items():
        if name in sent_first:
            table.first[name] = np.broadcast_to(value, table.where.shape).ravel()[: table.count]
        elif name in table.rows:
            table.row(name)[:] = value
        else:
            _seen(table, name)[table.listed(name)] = value


def settle(table: Table) -> None:
    """Set what BREAKPOINT sets beside states and currents, which comes last."""
    current = table.mechanism.current
    if current is not None and not current.draws:
        program = used(current, {*table.states} & {*current.outputs} - {*current.inputs})
        for name, value in evaluate(program, _known(table, program)).items():
            table.row(name)[:] = value
    table.known = {}  # of no more use, and as large as the rows


def _known(table: Table, program: Program) -> dict[str, Number]:
    known: dict[str, Number] = {TIME: 0.0, **table.known}
    for name in program.inputs:
        if name in table.rows:
            known[name] = np.array(table.row(name), np.float64)
        elif name in table.nodes:
            known[name] = np.array(_seen(table, name)[table.listed(name)], float)
        elif name not in known:
            raise ModelError(f"{table.mechanism.name}: nothing gives a value to {name!r}")
    return known


def _seen(table: Table, name: str) -> Numbers:
    """An array of nodes, as ``where`` counts in it."""
    return table.nodes[name].reshape((-1,) if table.gather else (-1, table.lanes))
