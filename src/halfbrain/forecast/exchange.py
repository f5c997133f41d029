"""What devices must tell each other, and how long that takes on a number of them.

Spikes: once in the shortest delay, to all devices that a neuron's synapses reach or, where the
tissue is shared out by place, to neighbours alone. Gradients: summed once a batch over all copies
of a network that is itself spread over the devices that hold it. Both at the best: the latency of a
message grows with the logarithm of the number, and nobody waits for a device that is late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.assumed import Assumed
from halfbrain.forecast.assumption import BYTES_PER_SPIKE, NEIGHBOURS, SHORTEST_DELAY
from halfbrain.forecast.estimate import Forecast
from halfbrain.forecast.sharing import Array, Piece

Drawn = Callable[[Quantity, str], Array]
"""The draws of a quantity in a unit."""


@dataclass(frozen=True)
class Link:
    """From ``low`` to ``high`` devices: seconds for a small message, and bytes a second."""

    low: Array
    high: Array
    latency: Array
    bandwidth: Array


def links(assumed: Assumed, drawn: Drawn) -> tuple[Link, Link]:
    """The links within a node and those between nodes."""
    node = np.floor(drawn(assumed.node(), "device"))
    inner, outer = (
        (drawn(latency, "second"), drawn(bandwidth, "byte/second"))
        for latency, bandwidth in (assumed.inside(), assumed.network())
    )
    two = np.full_like(node, 2.0)
    return (
        Link(two, node, *inner),
        Link(np.maximum(node + 1, 2.0), np.full_like(node, np.inf), *outer),
    )


@dataclass(frozen=True)
class Spikes:
    """``rate``: exchanges in a second of life; ``sent``: bytes of all its spikes, each sent once.

    ``reach``: devices that a spike goes to at most; ``everyone`` whether all exchange with all.
    """

    name: str
    links: tuple[Link, Link]
    rate: Array
    sent: Array
    reach: Array
    everyone: bool

    def latency(self, n: Array) -> Array:
        """Wall seconds for a second of life that messages are under way."""
        stages = np.log2(n) if self.everyone else np.ones_like(n)
        return _of_link(self.links, n, lambda link: self.rate * link.latency * stages)

    def volume(self, n: Array) -> Array:
        """Wall seconds for a second of life that a device's link is busy."""
        each = self.sent * np.minimum(n - 1, self.reach) / n
        return _of_link(self.links, n, lambda link: each / link.bandwidth)

    def pieces(self, work: Array) -> list[Piece]:
        """The pace with ``work``, wall seconds for a second of life on one device."""
        out = [_alone(work)]
        for link in self.links:
            stage = self.rate * link.latency
            b, c = (0 * stage, stage) if self.everyone else (stage, 0 * stage)
            whole = self.sent / link.bandwidth
            turn = np.floor(self.reach + 1)
            out += [
                Piece(link.low, np.minimum(link.high, turn), work - whole, b + whole, c),
                Piece(np.maximum(link.low, turn + 1), link.high, work + whole * self.reach, b, c),
            ]
        return out


@dataclass(frozen=True)
class Gradients:
    """``rate``: batches in a second of life; ``size``: bytes of the gradients on one device.

    ``copy``: devices that hold one copy of the network.
    """

    name: str
    links: tuple[Link, Link]
    rate: Array
    size: Array
    copy: Array

    def latency(self, n: Array) -> Array:
        """Wall seconds for a second of life that messages are under way."""
        stages = 2 * np.log2(np.maximum(n / self.copy, 1))
        return _of_link(self.links, n, lambda link: self.rate * link.latency * stages)

    def volume(self, n: Array) -> Array:
        """Wall seconds for a second of life that a device's link is busy."""
        each = self.rate * 2 * self.size * np.maximum(1 - self.copy / n, 0)
        return _of_link(self.links, n, lambda link: each / link.bandwidth)

    def pieces(self, work: Array) -> list[Piece]:
        """The pace with ``work``, wall seconds for a second of life on one device."""
        out = [_alone(work)]
        for link in self.links:
            whole = self.rate * 2 * self.size / link.bandwidth
            c = self.rate * 2 * link.latency
            a, b = work - whole * self.copy, whole - c * np.log2(self.copy)
            out.append(Piece(link.low, link.high, a, b, c))
        return out


Exchange = Spikes | Gradients


def exchanges(forecast: Forecast, assumed: Assumed, held: Array, drawn: Drawn) -> list[Exchange]:
    """The ways in which a contender's devices may exchange what they must, best known first."""
    between = links(assumed, drawn)
    values = forecast.values
    if f"{forecast.family}.batch" in values:
        return [_gradients(forecast, between, held, drawn)]
    if f"{forecast.contender.name}.window" in values:
        assumed.tell("what its errors send on the way back is left out")
    delay = drawn(assumed.get(SHORTEST_DELAY), "bio_second")
    step = drawn(values[f"{forecast.family}.step"], "bio_second")
    spikes = values["neurons"] * values["firing_rate"] * assumed.get(BYTES_PER_SPIKE)
    sent = drawn(spikes, "neuron*byte/bio_second")
    rate = 1 / np.maximum(delay, step)
    synapses = drawn(values["synapses_per_neuron"], "synapse/neuron")
    near = drawn(assumed.get(NEIGHBOURS), "device")
    return [
        Spikes("all to all", between, rate, sent, synapses, True),
        Spikes("neighbours", between, rate, sent, np.minimum(near, synapses), False),
    ]


def _gradients(
    forecast: Forecast, between: tuple[Link, Link], held: Array, drawn: Drawn
) -> Gradients:
    name, values = forecast.family, forecast.values
    passes = values.get(f"{name}.passes_per_second") or values[f"{name}.tokens_per_second"]
    batch = values[f"{name}.batch"]
    weights = values["neurons"] * values[f"{name}.parameters_per_neuron"]
    size = weights * values[f"{name}.bytes_per_weight"]
    rate = drawn(passes / batch * values["learning"], "1/bio_second")
    copy = np.maximum(held, 1.0)
    return Gradients("all-reduce", between, rate, drawn(size, "byte") / copy, copy)


def _alone(work: Array) -> Piece:
    one, none = np.ones_like(work), np.zeros_like(work)
    return Piece(one, one, work, none, none)


def _of_link(between: tuple[Link, Link], n: Array, seconds: Callable[[Link], Array]) -> Array:
    inner, outer = between
    found = np.where(n <= inner.high, seconds(inner), seconds(outer))
    return np.where(n < 2, 0.0, found)
