"""The patterns of currents that Blue Brain's configurations name, as waves for each node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halfbrain.circuits.detailed.drive import Wave
from halfbrain.connectivity.draw import Stream
from halfbrain.io.sonata import waves
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.tables import Floats, Ints

# Parameters of nodes that currents are relative to.
RELATIVE = ("threshold_current", "holding_current", "input_resistance")
_MOST = 10_000_000  # numbers of a wave


@dataclass(frozen=True, eq=False)
class Into:
    """Nodes of a population that a current goes into; without sections, into their somata."""

    nodes: Nodes
    ids: Ints
    sections: Ints | None = None
    positions: Floats | None = None

    def own(self, part: Config, name: str) -> Floats:
        """A parameter that each node has of its own (``dynamics_params`` of its group)."""
        table = self.nodes.table
        found = table.own(name) if name in table.parameters else table.numbers(name)
        if not np.isfinite(found[self.ids]).all():
            what = f"dynamics_params/{name} of each of its nodes, which {self.nodes.name} has not"
            raise part.fail(f"needs {what}", "module")
        return found[self.ids]


@dataclass(frozen=True, eq=False)
class Given:
    """An input, and what its patterns share; the run ends ``until``."""

    name: str
    part: Config
    until: float
    stream: Stream

    @property
    def delay(self) -> float:
        """When it begins, ms."""
        return self.part.number("delay")

    @property
    def duration(self) -> float:
        """How long it goes on, no longer than the run."""
        given = self.part.number("duration")
        if not given > 0:
            raise self.part.fail("must be above 0 ms", "duration")
        return max(min(given, self.until - self.delay), 1e-3)

    def step(self, default: float) -> float:
        """The time between the numbers of a wave."""
        dt = self.part.number("dt", default)
        if not (dt > 0 and self.duration / dt <= _MOST):
            raise self.part.fail(f"must be above 0 ms, and give {_MOST:,} numbers at most", "dt")
        return dt

    def positive(self, key: str, default: float | None = None) -> float:
        """A number above 0."""
        value = self.part.number(key, default)
        if not value > 0:
            raise self.part.fail(f"must be above 0, not {value:g}", key)
        return value


def _linear(given: Given, into: Into) -> tuple[Wave, ...]:
    first = given.part.number("amp_start")
    return (_ramp(given, first, given.part.number("amp_end", first)),)


def _relative_linear(given: Given, into: Into) -> tuple[Wave, ...]:
    first = given.part.number("percent_start")
    last = given.part.number("percent_end", first)
    threshold = into.own(given.part, "threshold_current")
    return tuple(_ramp(given, first / 100 * one, last / 100 * one) for one in threshold)


def _ramp(given: Given, first: float, last: float) -> Wave:
    """A ramp as long as it is said to be, whether the run is or not."""
    duration = given.part.number("duration")
    if not duration > 0:
        raise given.part.fail("must be above 0 ms", "duration")
    if first == last:
        return waves.held([first], [given.delay, given.delay + duration])
    return waves.ramp(first, last, given.delay, duration)


def _subthreshold(given: Given, into: Into) -> tuple[Wave, ...]:
    share = (100 - given.part.number("percent_less")) / 100
    return tuple(_ramp(given, x, x) for x in share * into.own(given.part, "threshold_current"))


def _hyperpolarizing(given: Given, into: Into) -> tuple[Wave, ...]:
    return tuple(_ramp(given, x, x) for x in into.own(given.part, "holding_current"))


def _pulse(given: Given, into: Into) -> tuple[Wave, ...]:
    numbers = given.part.number("amp_start"), given.positive("frequency"), given.positive("width")
    return (waves.pulses(*numbers, given.delay, given.duration),)


def _sinusoidal(given: Given, into: Into) -> tuple[Wave, ...]:
    numbers = given.part.number("amp_start"), given.positive("frequency")
    return (waves.sine(*numbers, given.delay, given.duration, given.step(0.025)),)


def _noise(given: Given, into: Into) -> tuple[Wave, ...]:
    part = given.part
    if "mean_percent" in part.document:
        shares = into.own(part, "threshold_current") / 100
        means, scale = part.number("mean_percent") * shares, shares
    else:
        means, scale = np.full(len(into.ids), part.number("mean")), np.ones(len(into.ids))
    variances = part.number("variance") * scale
    if (variances < 0).any():
        raise part.fail("is below 0", "variance")
    given.step(waves.NOISE_STEP)
    return tuple(
        waves.noise(given.stream, int(node), mean, variance, given.delay, given.duration)
        for node, mean, variance in zip(into.ids, means, variances, strict=True)
    )


def _relative(given: Given, into: Into) -> tuple[Floats, Floats]:
    """Means and standard deviations in parts of what each cell needs."""
    part = given.part
    if part.text("input_type") == "conductance":
        whole = 1 / into.own(part, "input_resistance")
    else:
        whole = into.own(part, "threshold_current")
    return part.number("mean_percent") / 100 * whole, part.number("sd_percent") / 100 * whole


def _ornstein_uhlenbeck(given: Given, into: Into) -> tuple[Wave, ...]:
    part, n = given.part, len(into.ids)
    if part.text("module").startswith("relative"):
        means, sigmas = _relative(given, into)
    else:
        means, sigmas = np.full(n, part.number("mean")), np.full(n, part.number("sigma"))
    if not (sigmas > 0).all() or part.number("tau") < 0:
        raise part.fail("its standard deviation is above 0, and tau not below it")
    rest = part.number("tau"), given.delay, given.duration, given.step(waves.STEP)
    return _opened(part, tuple(
        waves.ornstein_uhlenbeck(given.stream, int(node), mean, sigma, *rest)
        for node, mean, sigma in zip(into.ids, means, sigmas, strict=True)
    ))  # fmt: skip


def _shot_noise(given: Given, into: Into) -> tuple[Wave, ...]:
    part, n = given.part, len(into.ids)
    rise, decay = given.positive("rise_time"), given.positive("decay_time")
    if not decay > rise:
        raise part.fail("is above rise_time", "decay_time")
    if part.text("module") == "shot_noise":
        shots = [(given.positive("rate"), part.number("amp_mean"), part.number("amp_var"))] * n
    else:
        skew = part.number("relative_skew", 0.5)
        if part.text("module").startswith("relative"):
            means, deviations = _relative(given, into)
        else:
            means, deviations = np.full(n, part.number("mean")), np.full(n, part.number("sigma"))
        if not ((means * deviations != 0).all() and 0 <= skew <= 1):
            raise part.fail("its mean and deviation are not 0, and relative_skew is from 0 to 1")
        shots = [
            waves.shots_of(mean, deviation, rise, decay, skew)
            for mean, deviation in zip(means, deviations, strict=True)
        ]
    if not all(mean != 0 and variance >= 0 and rate > 0 for rate, mean, variance in shots):
        raise part.fail("amplitudes have a mean that is not 0, and a variance not below it")
    rest = rise, decay, given.delay, given.duration, given.step(waves.STEP)
    return _opened(part, tuple(
        waves.shot_noise(given.stream, int(node), *shot, *rest)
        for node, shot in zip(into.ids, shots, strict=True)
    ))  # fmt: skip


def _opened(part: Config, forms: tuple[Wave, ...]) -> tuple[Wave, ...]:
    """Conductances are not below 0."""
    if part.text("input_type") != "conductance":
        return forms
    return tuple(Wave(form.times, np.maximum(form.values, 0.0), form.held) for form in forms)


_Pattern = Callable[[Given, Into], tuple[Wave, ...]]
_SHOTS = "rise_time decay_time dt"
PATTERNS: dict[str, tuple[_Pattern, str]] = {
    "linear": (_linear, "amp_start amp_end"),
    "relative_linear": (_relative_linear, "percent_start percent_end"),
    "pulse": (_pulse, "amp_start width frequency"),
    "sinusoidal": (_sinusoidal, "amp_start frequency dt"),
    "subthreshold": (_subthreshold, "percent_less"),
    "hyperpolarizing": (_hyperpolarizing, ""),
    "noise": (_noise, "mean mean_percent variance"),
    "ornstein_uhlenbeck": (_ornstein_uhlenbeck, "mean sigma tau dt"),
    "relative_ornstein_uhlenbeck": (_ornstein_uhlenbeck, "mean_percent sd_percent tau dt"),
    "shot_noise": (_shot_noise, f"rate amp_mean amp_var {_SHOTS}"),
    "absolute_shot_noise": (_shot_noise, f"mean sigma relative_skew {_SHOTS}"),
    "relative_shot_noise": (_shot_noise, f"mean_percent sd_percent relative_skew {_SHOTS}"),
}
RANDOM = tuple(PATTERNS)[6:]
