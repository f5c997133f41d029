"""First states, weights and pairs for a peer that is not handed the engine's own.

They follow the same rules and distributions, but are other numbers: for comparing statistics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Population, Projection
from halfbrain.compare.job import Connections, Job
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
)
from halfbrain.connectivity.value import CONSTANT, GIVEN, LOGNORMAL, NORMAL, UNIFORM, Drawn, drawn
from halfbrain.equations.dimensions import TIME
from halfbrain.equations.equations import equations
from halfbrain.errors import CircuitError
from halfbrain.random.philox import key_of

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def generator(seed: int, name: str) -> np.random.Generator:
    """The stream of random numbers of one object."""
    return np.random.Generator(np.random.Philox(key=key_of(seed, name)))


def states(job: Job, population: Population) -> dict[str, NDArray[np.float64]]:
    """First states and parameters in SI units; what nothing is said of is 0 and left out.

    Raises
    ------
    CircuitError
        if an array has another length than the population, or names no variable of the cell.
    """
    if not isinstance(population.model, Neuron):
        return {}
    model = equations(population.model.equations, population.model.constants)
    given = dict(job.states.get(population.name, {}))
    for name, value in population.values.items():
        if name in given:
            continue
        place = f"population {population.name!r}, {name}"
        if name not in model.variables:
            raise CircuitError(f"{place}: {population.model.name} has no such variable")
        numbers = drawn(value, model.variables[name].dimensions, place)
        rng = generator(job.seed, f"{population.name}/{name}")
        given[name] = sample(numbers, population.size, rng)
    for name, values in given.items():
        if len(values) != population.size:
            raise CircuitError(
                f"population {population.name!r}, {name}: {len(values)} numbers "
                f"for {population.size} neurons"
            )
    return {name: values for name, values in given.items() if not name.startswith("_")}


def connections(job: Job, index: int) -> Connections:
    """The synapses of one projection: the job's, or drawn.

    Raises
    ------
    CircuitError
        if weights or delays are not as many as the synapses.
    """
    if job.connectivity is not None:
        return job.connectivity[index]
    projection = job.circuit.projections[index]
    place = f"projection {projection.name}"
    rng = generator(job.seed, f"{index}/{place}")
    sizes = [job.circuit.population(end).size for end in (projection.source, projection.target)]
    sources, targets = pairs(projection, sizes[0], sizes[1], rng)
    cell = job.circuit.population(projection.target).model
    assert isinstance(cell, Neuron)
    unit = equations(cell.equations, cell.constants).variables[cell.receptors[projection.receptor]]
    return Connections(
        sources,
        targets,
        _each(drawn(projection.weight, unit.dimensions, f"{place}, weight"), len(sources), rng),
        _each(drawn(projection.delay, TIME, f"{place}, delay"), len(sources), rng),
    )


def pairs(projection: Projection, m: int, n: int, rng: np.random.Generator) -> Pairs:
    """Sources (of ``m``) and targets (of ``n``) of a projection's synapses."""
    recurrent = projection.source == projection.target
    match projection.rule:
        case OneToOne():
            return np.arange(n), np.arange(n)
        case AllToAll(autapses):
            sources, targets = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
        case Bernoulli(p, autapses):
            sources, targets = np.divmod(_bernoulli(m * n, p, rng), n)
        case FixedTotal(k):
            return rng.integers(m, size=k), rng.integers(n, size=k)
        case FixedIn(k, autapses):
            targets = np.repeat(np.arange(n), k)
            own = targets if recurrent and not autapses else None
            return _others(m, len(targets), own, rng), targets
        case FixedOut(k, autapses):
            sources = np.repeat(np.arange(m), k)
            own = sources if recurrent and not autapses else None
            return sources, _others(n, len(sources), own, rng)
        case Explicit(given_sources, given_targets):
            return np.asarray(given_sources, np.int64), np.asarray(given_targets, np.int64)
    if recurrent and not autapses:
        kept = sources != targets
        return sources[kept], targets[kept]
    return sources, targets


def _bernoulli(n: int, p: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of ``n`` trials succeed, by the gaps between successes, which are geometric."""
    if p <= 0:
        return np.zeros(0, np.int64)
    out: list[NDArray[np.int64]] = []
    at = -1
    while at < n:
        gaps = rng.geometric(p, size=int(n * p + 6 * np.sqrt(n * p)) + 16)
        # A tiny p gives gaps that would overflow when summed; beyond n none matters.
        places = at + np.cumsum(np.minimum(gaps, n + 1))
        out.append(places)
        at = int(places[-1])
    found = np.concatenate(out)
    return found[found < n]


def _others(
    n: int, size: int, own: NDArray[np.int64] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Numbers below ``n``, none the one in the same place of ``own``."""
    if own is None:
        return rng.integers(n, size=size)
    if n < 2 and size:
        raise CircuitError("a projection within one neuron needs autapses")
    drawn_ = rng.integers(n - 1, size=size)
    return drawn_ + (drawn_ >= own)


def _each(numbers: Drawn, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if numbers.kind == GIVEN and len(numbers.given) != size:
        raise CircuitError(f"{len(numbers.given)} weights or delays for {size} synapses")
    return sample(numbers, size, rng)


def sample(numbers: Drawn, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """``size`` numbers of a distribution."""
    match numbers.kind:
        case kind if kind == GIVEN:
            out = numbers.given
        case kind if kind == CONSTANT:
            out = np.full(size, numbers.a)
        case kind if kind == UNIFORM:
            out = rng.uniform(numbers.a, numbers.b, size)
        case kind if kind == LOGNORMAL:
            out = np.exp(rng.normal(numbers.a, numbers.b, size))
        case kind if kind == NORMAL:
            out = rng.normal(numbers.a, numbers.b, size)
            while (wrong := (out < numbers.low) | (out > numbers.high)).any():
                out[wrong] = rng.normal(numbers.a, numbers.b, int(wrong.sum()))
        case _:
            raise CircuitError(f"a peer cannot draw a distribution of kind {numbers.kind}")
    if numbers.other is not None:
        out = np.where(rng.random(size) < numbers.share, out, sample(numbers.other, size, rng))
    return out
