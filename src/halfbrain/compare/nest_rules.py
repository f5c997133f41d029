"""NEST's names for connection rules, distributions and plasticity rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from halfbrain.cells.catalogue import RULES
from halfbrain.cells.plasticity import Plasticity
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
    Rule,
)
from halfbrain.connectivity.value import CONSTANT, LOGNORMAL, NORMAL, UNIFORM, Drawn
from halfbrain.equations.equations import constant
from halfbrain.errors import RunError


@dataclass(frozen=True)
class NestSynapse:
    """A synapse model.

    ``common`` is set once for all its synapses, ``own`` for each; ``tau_minus`` (ms) belongs to
    the neurons that it ends on.
    """

    model: str
    common: Mapping[str, float] = field(default_factory=dict)
    own: Mapping[str, float] = field(default_factory=dict)
    tau_minus: float | None = None
    notes: tuple[str, ...] = ()


def conn_spec(rule: Rule) -> dict[str, Any] | None:
    """A rule as NEST draws it; None for given pairs."""
    match rule:
        case OneToOne():
            return {"rule": "one_to_one"}
        case AllToAll(autapses):
            return {"rule": "all_to_all", "allow_autapses": autapses}
        case Bernoulli(p, autapses):
            return {"rule": "pairwise_bernoulli", "p": p, "allow_autapses": autapses}
        case FixedTotal(n):
            return {"rule": "fixed_total_number", "N": n}
        case FixedIn(k, autapses):
            return {"rule": "fixed_indegree", "indegree": k, "allow_autapses": autapses}
        case FixedOut(k, autapses):
            return {"rule": "fixed_outdegree", "outdegree": k, "allow_autapses": autapses}
    return None


def parameter(nest: Any, value: Drawn, factor: float, low: float | None = None) -> Any:
    """A distribution as NEST draws it, times ``factor``, not below ``low``; None if it cannot."""
    if value.other is not None:
        return None
    match value.kind:
        case kind if kind == CONSTANT:
            number = value.a * factor
            return number if low is None else max(number, low)
        case kind if kind == UNIFORM:
            made = nest.random.uniform(value.a, value.b) * factor
        case kind if kind == LOGNORMAL:
            made = nest.random.lognormal(value.a, value.b) * factor
        case kind if kind == NORMAL:
            made = nest.random.normal(value.a * factor, value.b * abs(factor))
            ends = sorted((value.low * factor, value.high * factor))
            if np.isfinite(ends).any():
                made = nest.math.redraw(made, max(ends[0], -1e300), min(ends[1], 1e300))
        case _:
            return None
    return made if low is None else nest.math.max(made, low)


def signs_of(value: Drawn) -> set[int]:
    """The signs that numbers of a distribution have."""
    low, high = value.low, value.high
    if value.kind == NORMAL:
        low, high = max(low, value.a - 6.8 * value.b), min(high, value.a + 6.8 * value.b)
    own = {sign for sign, has in ((1, high > 0), (-1, low < 0)) if has}
    return own | signs_of(value.other) if value.other else own


def plastic(rule: Plasticity, factor: float) -> NestSynapse:
    """NEST's model for one of the library's rules; ``factor`` turns a weight in SI to NEST's.

    Raises
    ------
    RunError
        if NEST has none, or the rule only shares its name with one that it has.
    """
    known = RULES.get(rule.name)
    texts = ("on_source", "on_pre", "on_post", "deliver", "nearest", "source_first")
    if (
        rule.name not in _MODELS
        or known is None
        or any(getattr(rule, part) != getattr(known, part) for part in texts)
        or set(rule.pre) != set(known.pre)
        or set(rule.post) != set(known.post)
    ):
        raise RunError(f"NEST has no rule like {rule.name!r}; taken over are {', '.join(_MODELS)}")
    values = {name: _si(value) for name, value in rule.constants.items()}
    times = {name: _si(value) * 1e3 for name, value in {**rule.pre, **rule.post}.items()}
    return _MODELS[rule.name](values, times, factor)


_DENDRITIC = (
    "NEST takes a plastic synapse's delay to be in the dendrite, the circuit in the axon, so "
    "pairs of spikes are seen twice the delay apart",
)


def _pair(values: dict[str, float], times: dict[str, float], factor: float) -> NestSynapse:
    return NestSynapse(
        "stdp_synapse",
        own={
            "lambda": values["A_plus"],
            "alpha": values["A_minus"] / values["A_plus"],
            "Wmax": values["w_max"] * factor,
            "mu_plus": 0.0,
            "mu_minus": 0.0,
            "tau_plus": times["pre"],
        },
        tau_minus=times["post"],
        notes=_DENDRITIC,
    )


def _steps(values: dict[str, float], times: dict[str, float], factor: float) -> NestSynapse:
    """Pairs, with steps of one size."""
    same = values["step"] / values["w_max"]
    return _pair({"A_plus": same, "A_minus": same, "w_max": values["w_max"]}, times, factor)


def _power_law(values: dict[str, float], times: dict[str, float], factor: float) -> NestSynapse:
    # In NEST's unit W = factor w the step lambda u (w/u)^mu is lambda (factor u)^(1 - mu) W^mu.
    gain = values["lambda_"] * (factor * values["w_unit"]) ** (1 - values["mu"])
    return NestSynapse(
        "stdp_pl_synapse_hom",
        common={
            "lambda": gain,
            "alpha": values["alpha"] * values["lambda_"] / gain,
            "mu": values["mu"],
            "tau_plus": times["pre"],
        },
        tau_minus=times["post"],
        notes=_DENDRITIC,
    )


def _short_term(values: dict[str, float], times: dict[str, float], factor: float) -> NestSynapse:
    return NestSynapse(
        "tsodyks2_synapse",
        own={
            "U": values["U"],
            "u": values["U"],
            "x": 1.0,
            "tau_rec": times["down"],
            "tau_fac": times.get("up", 0.0),
        },
    )


_MODELS = {
    "pair_stdp": _pair,
    "mbody_stdp": _steps,
    "power_law_stdp": _power_law,
    "tsodyks_markram": _short_term,
    "tsodyks_markram_depressing": _short_term,
}


def _si(value: str) -> float:
    return float(constant("value", value).value)
