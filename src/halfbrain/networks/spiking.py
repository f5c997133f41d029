"""Layers of spiking neurons that learn by surrogate gradients.

The step of a neuron is the program that the engine runs, written for JAX; only the derivative of
its threshold is replaced, by that of the fast sigmoid (SuperSpike: Zenke and Ganguli 2018, doi
10.1162/neco_a_01086, eq. 17; Neftci, Mostafa and Zenke 2019, doi 10.1109/MSP.2019.2931595).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from halfbrain.cells.neuron import Neuron
from halfbrain.codegen.arrays import array_function
from halfbrain.errors import ModelError
from halfbrain.networks.linear import Linear
from halfbrain.program.instructions import Operand, Program
from halfbrain.program.point import LONG_AGO, SINCE, PointModel, arrived_at, quantum_of

_OVER, _UNDER = "_over", "_under"  # the threshold's two sides, as outputs
_RELATIONS = ("greater", "greater_equal", "less", "less_equal")


@jax.custom_jvp
def spike(fired: Array, distance: Array, steepness: Array | float) -> Array:
    """``fired`` (0 or 1), with 1/(1 + steepness x |distance|)^2 as its derivative by distance."""
    return fired


@spike.defjvp
def _(given: tuple[Any, ...], changes: tuple[Any, ...]) -> tuple[Array, Array]:
    fired, distance, steepness = given
    return fired, changes[1] / (1 + steepness * jnp.abs(distance)) ** 2


class NeuronStep(eqx.Module):
    """A cell's step over arrays, with a gradient through its threshold.

    Attributes
    ----------
    unit
        what a weight of 1 adds to the receptor's variable, in SI units; also that by which the
        distance from the threshold is measured.
    steepness
        of the fast sigmoid.
    """

    step: Callable[..., tuple[Array, ...]] = eqx.field(static=True)
    inputs: tuple[str, ...] = eqx.field(static=True)
    outputs: tuple[str, ...] = eqx.field(static=True)
    first: tuple[tuple[str, float], ...] = eqx.field(static=True)
    receptor: str = eqx.field(static=True)
    unit: float = eqx.field(static=True)
    steepness: float = eqx.field(static=True)

    @classmethod
    def of(
        cls,
        cell: Neuron,
        dt: float,
        unit: float,
        *,
        receptor: str = "",
        first: Mapping[str, float] | None = None,
        steepness: float = 10.0,
    ) -> NeuronStep:
        """A neuron of this kind, stepped by ``dt`` seconds.

        ``receptor`` takes what arrives (the cell's first, if not said). ``first`` gives states and
        parameters their first values in SI units; 0 otherwise.

        Raises
        ------
        ModelError
            if it has no such receptor or variable, or a threshold that is not one comparison.
        """
        model = cell.model(dt)
        receptor = receptor or next(iter(model.receptors), "")
        if receptor not in model.receptors:
            raise ModelError(f"{cell.name} has no receptor {receptor!r}")
        rows = dict.fromkeys((*model.states, *model.parameters), 0.0) | {SINCE: LONG_AGO}
        for name in first or {}:
            if name not in rows:
                raise ModelError(f"{cell.name} has no variable {name!r}; it has {', '.join(rows)}")
        program = with_threshold(model, cell.name)
        return cls(
            array_function(program, jnp),
            program.inputs,
            tuple(program.outputs),
            tuple((rows | dict(first or {})).items()),
            receptor,
            unit,
            steepness,
        )

    def rest(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """The state of so many neurons before anything arrives."""
        return {name: jnp.full(shape, value) for name, value in self.first}

    def __call__(self, state: dict[str, Array], arrived: Array) -> tuple[dict[str, Array], Array]:
        """The state after a step in which so much ``arrived``, and who fired (0 or 1)."""
        unit = jnp.asarray(self.unit)
        given = {arrived_at(self.receptor): arrived, quantum_of(self.receptor): unit}
        given = {name: given.get(name, state.get(name, jnp.zeros(()))) for name in self.inputs}
        results = dict(zip(self.outputs, self.step(*given.values()), strict=True))
        distance = (results.pop(_OVER) - results.pop(_UNDER)) / self.unit
        fired = (results[SINCE] == 0).astype(distance.dtype)
        state = {
            name: jnp.broadcast_to(results.get(name, value), value.shape).astype(value.dtype)
            for name, value in state.items()
        }
        return state, spike(fired, distance, self.steepness)


class Spiking(eqx.Module):
    """A layer of spiking neurons; ``recurrent`` (units, units) where they hear each other."""

    weight: Array
    recurrent: Array | None
    neuron: NeuronStep

    @classmethod
    def init(
        cls, key: Array, inputs: int, units: int, neuron: NeuronStep, *, recurrent: bool = False
    ) -> Spiking:
        """Normal weights of deviation 1/sqrt(those that a unit has)."""
        forward, among = jax.random.split(key)
        weight = jax.random.normal(forward, (units, inputs)) * inputs**-0.5
        within = jax.random.normal(among, (units, units)) * units**-0.5
        return cls(weight, within if recurrent else None, neuron)

    def __call__(self, spikes: Array) -> Array:
        """The layer's spikes (steps, batch, units) for those of its inputs (steps, batch, inputs).

        What fires in a step arrives within it at the next layer, and a step later at its own.
        """
        return fire(self.neuron, spikes @ self.weight.T, self.recurrent)


def fire(neuron: NeuronStep, arriving: Array, recurrent: Array | None = None) -> Array:
    """The spikes (steps, batch, units) of neurons at which so much arrives, of the same shape.

    ``recurrent`` (units, units) are the weights by which they hear each other, a step later.
    """

    def step(carry: tuple[dict[str, Array], Array], now: Array) -> Any:  # noqa: ANN401
        state, before = carry
        if recurrent is not None:
            now = now + before @ recurrent.T
        state, fired = neuron(state, now)
        return (state, fired), fired

    nobody = jnp.zeros(arriving.shape[1:], arriving.dtype)
    start = (neuron.rest(nobody.shape), nobody)
    return jax.lax.scan(step, start, arriving)[1]  # type: ignore[no-any-return]


class SpikingNetwork(eqx.Module):
    """Spiking layers, and a linear one that reads the rates of the last."""

    layers: tuple[Spiking, ...]
    top: Linear

    @classmethod
    def init(
        cls, key: Array, sizes: Sequence[int], neuron: NeuronStep, *, recurrent: bool = False
    ) -> SpikingNetwork:
        """Random weights; ``sizes`` has the inputs first and the classes last."""
        *below, last = jax.random.split(key, len(sizes) - 1)
        pairs = zip(below, sizes[:-2], sizes[1:-1], strict=True)
        layers = (Spiking.init(k, n, m, neuron, recurrent=recurrent) for k, n, m in pairs)
        return cls(tuple(layers), Linear.init(last, sizes[-2], sizes[-1]))

    def __call__(self, x: Array, contexts: Array | None = None, which: Array | int = 0) -> Array:
        """Logits (batch, classes) for spikes ``x`` (batch, steps, inputs)."""
        spikes = jnp.swapaxes(x, 0, 1)
        for layer in self.layers:
            spikes = layer(spikes)
        return self.top(jnp.mean(spikes, axis=0))


def with_threshold(model: PointModel, name: str) -> Program:
    """The model's program with the two sides of its threshold among its outputs.

    No instruction is added.

    Raises
    ------
    ModelError
        if it has no threshold, or one that is not a single comparison.
    """
    program = model.program
    by_target = {step.target: step for step in program.instructions}

    def alone(operand: Operand) -> bool:
        """Whether it depends on the count since the last spike alone."""
        if not isinstance(operand, str):
            return True
        if operand in by_target:
            return all(map(alone, by_target[operand].operands))
        return operand == SINCE

    def relations(operand: Operand) -> list[Any]:
        step = by_target.get(operand) if isinstance(operand, str) else None
        if step is None:
            return []
        if step.operation == "and":
            return [relation for part in step.operands for relation in relations(part)]
        return [] if all(map(alone, step.operands)) else [step]

    last = by_target.get(str(program.outputs.get(SINCE)))
    found = relations(last.operands[0]) if last is not None and last.operation == "select" else []
    if len(found) != 1 or found[0].operation not in _RELATIONS:
        raise ModelError(f"{name}: its threshold must be one comparison to have a gradient")
    left, right = found[0].operands
    if found[0].operation.startswith("less"):
        left, right = right, left
    outputs = {**program.outputs, _OVER: left, _UNDER: right}
    return Program(program.inputs, program.instructions, outputs)
