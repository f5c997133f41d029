"""Values, connection rules, plasticity and cells as a TOML file writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from halfbrain.cells.catalogue import named_neuron, named_rule
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.toml_table import Table
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
    Rule,
)
from halfbrain.connectivity.value import (
    Distribution,
    LogNormal,
    Mixture,
    Normal,
    Uniform,
    Value,
)
from halfbrain.equations.integrate import Method
from halfbrain.equations.si import Number
from halfbrain.errors import CircuitError

_ARGUMENTS = {
    "one_to_one": (),
    "all_to_all": ("autapses",),
    "bernoulli": ("p", "autapses"),
    "fixed_total": ("n",),
    "fixed_in": ("k", "autapses"),
    "fixed_out": ("k", "autapses"),
    "explicit": ("sources", "targets"),
}
_DISTRIBUTIONS = {
    "normal": ("std", "low", "high"),
    "lognormal": ("sigma",),
    "uniform": (),
    "mixture": ("first", "second"),
}
OWN_CELL = (
    "equations",
    "constants",
    "threshold",
    "reset",
    "refractory",
    "receptors",
    "deaf",
    "method",
)
_OWN_RULE = ("pre", "post", "on_source", "on_pre", "on_post", "deliver", "constants")
_FLAGS = ("nearest", "source_first")


def value_of(table: Table, key: str) -> Value:
    """A number, a list of numbers, or a distribution."""
    given = table.get(key)
    return table.reals(key) if isinstance(given, list) else _drawn_of(table, key, given)


def _drawn_of(table: Table, key: str, given: object) -> Number | Distribution:
    if not isinstance(given, dict):
        return table.as_number(key, given)
    kinds = [kind for kind in _DISTRIBUTIONS if kind in given]
    if len(kinds) != 1:
        raise table.fail(key, f"must hold one of {', '.join(_DISTRIBUTIONS)}")
    kind = kinds[0]
    inner = Table(given, f"{table.place}: {key}", (kind, *_DISTRIBUTIONS[kind]))
    if kind == "normal":
        low, high = (inner.number(end) if end in inner else None for end in ("low", "high"))
        return Normal(inner.number("normal"), inner.number("std"), low, high)
    if kind == "lognormal":
        return LogNormal(inner.number("lognormal"), inner.real("sigma"))
    if kind == "uniform":
        ends = inner.items("uniform")
        if len(ends) != 2:
            raise inner.fail("uniform", "must be its two ends, as in ['1 mV', '2 mV']")
        return Uniform(*(inner.as_number("uniform", end) for end in ends))
    return Mixture(inner.real("mixture"), _part(inner, "first"), _part(inner, "second"))


def _part(table: Table, key: str) -> Number | Normal | LogNormal | Uniform:
    part = _drawn_of(table, key, table.get(key))
    if isinstance(part, Mixture):
        raise table.fail(key, "cannot be another mixture")
    return part


def rule_of(table: Table) -> Rule:
    """``"one_to_one"``, or ``{ name = "bernoulli", p = 0.1 }``."""
    given = table.get("rule")
    entries = {"name": given} if isinstance(given, str) else given
    known = tuple(dict.fromkeys(name for names in _ARGUMENTS.values() for name in names))
    inner = Table(entries, f"{table.place}: rule", ("name", *known))
    name = inner.text("name")
    if name not in _ARGUMENTS:
        raise inner.fail(name, f"is no rule; there are {', '.join(_ARGUMENTS)}")
    inner = Table(entries, f"{table.place}: rule {name!r}", ("name", *_ARGUMENTS[name]))
    match name:
        case "one_to_one":
            return OneToOne()
        case "all_to_all":
            return AllToAll(inner.flag("autapses", False))
        case "bernoulli":
            return Bernoulli(inner.real("p"), inner.flag("autapses", False))
        case "fixed_total":
            return FixedTotal(inner.whole("n"))
        case "fixed_in":
            return FixedIn(inner.whole("k"), inner.flag("autapses", True))
        case "fixed_out":
            return FixedOut(inner.whole("k"), inner.flag("autapses", True))
    return Explicit(_indices(inner, "sources"), _indices(inner, "targets"))


def plasticity_of(table: Table) -> Plasticity | None:
    """``"pair_stdp"``, ``{ name = "pair_stdp", w_max = "2 nS" }``, or a rule of the file's own."""
    if "plasticity" not in table:
        return None
    given = table.get("plasticity")
    if isinstance(given, str):
        return named_rule(given)
    if not isinstance(given, dict):
        raise table.fail("plasticity", "must be the name of a rule or a table")
    place = f"{table.place}: plasticity"
    if "name" in given:
        inner = Table(given, place, tuple(given))
        changes = {
            key: str(inner.as_number(key, value))
            for key, value in given.items()
            if key not in ("name", "source_first")
        }
        first = inner.flag("source_first", False)
        return named_rule(inner.text("name"), source_first=first, **changes)
    inner = Table(given, place, (*_OWN_RULE, *_FLAGS))
    return Plasticity(
        name="of the file",
        pre=inner.texts("pre"),
        post=inner.texts("post"),
        on_source=inner.text("on_source", ""),
        on_pre=inner.text("on_pre", ""),
        on_post=inner.text("on_post", ""),
        deliver=inner.text("deliver", "w"),
        constants=inner.texts("constants"),
        nearest=inner.flag("nearest", False),
        source_first=inner.flag("source_first", False),
    )


def cell_of(table: Table, name: str) -> Neuron | SpikeList:
    """A cell of the library, a cell of the file's own, or given spikes."""
    kinds = [kind for kind in ("cell", "equations", "spikes") if kind in table]
    if len(kinds) != 1:
        raise CircuitError(f"{table.place}: give one of cell, equations and spikes")
    if kinds == ["spikes"]:
        inner = Table(table.get("spikes"), f"{table.place}: spikes", ("times", "neurons"))
        return _spikes(inner, table.whole("size"))
    if kinds == ["cell"]:
        for key in ("threshold", "reset", "receptors", "deaf", "method"):
            if key in table:
                raise table.fail(key, "goes with equations, not with a cell of the library")
        cell = named_neuron(table.text("cell"), **table.texts("constants"))
        return replace(cell, refractory=table.text("refractory", cell.refractory))
    return Neuron(
        name=name,
        equations=table.text("equations"),
        constants=table.texts("constants"),
        threshold=table.text("threshold", ""),
        reset=table.text("reset", ""),
        refractory=table.text("refractory", "0 ms"),
        receptors=table.texts("receptors"),
        deaf=table.flag("deaf", False),
        method=cast("Method", table.text("method")) if "method" in table else None,
    )


def _spikes(table: Table, size: int) -> SpikeList:
    neurons = _indices(table, "neurons")
    times = table.reals("times")
    if len(times) != len(neurons):
        raise table.fail("times", f"are {len(times)}, but there are {len(neurons)} neurons")
    if not (times >= 0).all():
        raise table.fail("times", "must not be below zero")
    if len(neurons) and not 0 <= neurons.min() <= neurons.max() < size:
        raise table.fail("neurons", f"must be from 0 to {size - 1}")
    order = np.argsort(times, kind="stable")
    return SpikeList(times[order], neurons[order])


def _indices(table: Table, key: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    given = table.items(key)
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in given):
        raise table.fail(key, "must be a list of whole numbers")
    try:
        return np.array(given, np.int64)
    except OverflowError:
        raise table.fail(key, "holds a number that is too large") from None
