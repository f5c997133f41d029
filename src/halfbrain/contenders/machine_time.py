"""Counting as the text of 2022 did: the peak FLOP/s of a machine times the seconds that it took."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from halfbrain.contenders.model import Derived, Input


@dataclass(frozen=True)
class MachineTime:
    """The inputs of one published run, and its peak FLOP per neuron and biological second."""

    inputs: tuple[Input, ...]
    derived: tuple[Derived, ...]
    formula: sympy.Expr


def machine_time(contender: str, item: str) -> MachineTime:
    """The run of ``item`` (a table and item of the facts) as inputs of ``contender``."""

    def one(name: str, unit: str, about: str) -> Input:
        return Input(f"{contender}.{name}", unit, about, f"{item}.{name}")

    inputs = (
        one("nodes", "node", "machines in the published run"),
        one("cores_per_node", "core/node", "cores in each machine"),
        one("clock", "cycle/second", "clock of a core"),
        one("flop_per_cycle", "FLOP/cycle/core", "operations of a core in a cycle, at most"),
        one("wall_seconds", "second", "wall time of the published run"),
        one("run_bio_seconds", "bio_second", "biological time of the published run"),
        one("run_neurons", "neuron", "neurons in the published run"),
    )
    nodes, cores, clock, flop, wall, bio, neurons = (entry.symbol for entry in inputs)
    capacity = Derived(
        f"{contender}.run_flop",
        "FLOP",
        "what the machine could have done meanwhile",
        nodes * cores * clock * flop * wall,
    )
    return MachineTime(inputs, (capacity,), capacity.symbol / neurons / bio)
