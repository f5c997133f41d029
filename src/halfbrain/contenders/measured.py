"""What running a contender gave: counts, which any machine repeats, and this machine's times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from halfbrain.facts.interval import Interval, Shape
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin

KIND = "cpu"  # of the machines that runs are measured on, as the facts call it
_LARGE = 0.2  # of a residual
_SAME = 1e-9  # of a count: what is left is rounding
Progress = Callable[[str, float], object]
"""Told what comes next, and the share that is done."""


@dataclass(frozen=True)
class Part:
    """Seconds of a run, and the counted work that was done in them, by kind."""

    seconds: float
    work: Mapping[str, float]


@dataclass(frozen=True)
class Count:
    """One circuit or network that was run: its size, and what was counted, on any machine the same.

    In a rate-coded network a spike is a unit that is on for a sample, an event a product without a
    zero, a plastic event the change of a weight.

    ``figures`` are the contender's inputs as this run has them, by name, in their units.
    """

    circuit: str
    neurons: int
    synapses: int
    bio_seconds: float
    steps: int
    spikes: int
    events: int
    plastic_events: int
    flop: int
    bytes: int
    figures: Mapping[str, float]

    @property
    def flop_per_neuron_bio_second(self) -> float:
        """Operations that were counted, for each neuron and second of biological time."""
        return self.flop / self.neurons / self.bio_seconds


@dataclass(frozen=True)
class Run(Count):
    """The same with the time that it took on this machine, and what was done in its parts."""

    wall_seconds: float
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """The circuit and its size."""
        synapses = f" and {self.synapses:,} synapses" if self.synapses else ""
        return f"{self.circuit} of {self.neurons:,} neurons{synapses}"

    def machine_time(self, peak: float) -> float:
        """What a machine of ``peak`` FLOP/s could have done, for each neuron and second."""
        return peak * self.wall_seconds / self.neurons / self.bio_seconds

    def share_of(self, peak: float) -> float:
        """The share of ``peak`` FLOP/s that the counted operations reached."""
        return self.flop / (peak * self.wall_seconds)


@dataclass(frozen=True)
class Speed:
    """How long each kind of work takes on this machine, fitted over runs of several sizes.

    ``residuals`` are, for each run, the time that the fit gives over the time that it took, less
    one.
    """

    seconds: Mapping[str, float]
    residuals: tuple[float, ...]

    @property
    def largest(self) -> float:
        """The largest residual, without its sign."""
        return max(map(abs, self.residuals))

    @property
    def holds(self) -> bool:
        """Whether the fit is near enough to every run to be taken beyond their sizes."""
        return self.largest <= _LARGE


@dataclass(frozen=True)
class Measured:
    """A contender measured on this machine.

    ``peak`` is the FLOP/s that arithmetic alone reached with as many threads; ``inputs`` take the
    place of the facts' figures. ``others`` are the same circuits at other sizes, run for their
    speed, and ``speed`` is fitted over all. ``utilisation`` spans the shares of the peak that all
    runs reached, and those that the fit gives them; it is None where one is above the peak, which
    a busy machine measures too low.
    """

    contender: str
    machine: str
    threads: int
    precision: str
    seed: int
    version: str
    peak: float
    runs: tuple[Run, ...]
    inputs: Mapping[str, Quantity]
    utilisation: Quantity | None
    others: tuple[Run, ...] = ()
    speed: Speed | None = None

    @property
    def sizes(self) -> tuple[Run, ...]:
        """All runs, those of a circuit one after the other, from its smallest size on."""
        runs = (*self.runs, *self.others)
        circuits = list(dict.fromkeys(run.circuit for run in runs))
        return tuple(sorted(runs, key=lambda r: (circuits.index(r.circuit), r.neurons, r.synapses)))

    @property
    def place(self) -> str:
        """Where and with what this was measured, in a few words."""
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        version = f"halfbrain {self.version}"
        return f"{self.machine}, {threads}, {self.precision}, {version}, seed {self.seed}"


def spanning(
    name: str, unit: str, found: Mapping[str, float], shares: bool, origin: Origin
) -> Quantity:
    """A figure from the least to the most of what several runs gave, which are its parts.

    Each value is exact for its own model. The interval stands for not knowing which of the models
    is the right one, and takes them for its 5th and 95th percentiles.

    Parameters
    ----------
    name, unit
        of the figure.
    found
        values by circuit; at least one.
    shares
        whether they are shares, between 0 and 1.
    origin
        of the figure.
    """
    parts = tuple(
        Quantity.leaf(
            f"{name} in {circuit}", Interval(value, value), unit, Origin(origin.confidence)
        )
        for circuit, value in found.items()
    )
    shape: Shape = "fraction" if shares else "lognormal"
    interval = Interval(min(found.values()), max(found.values()), shape)
    return Quantity.leaf(name, interval, unit, origin, parts)


def with_figures(
    found: Measured,
    notes: Mapping[str, str],
    units: Mapping[str, str],
    shares: Collection[str],
    also: Mapping[str, Mapping[str, float]] | None = None,
) -> Measured:
    """The same with its inputs and its share of the peak, each spanning the runs.

    Parameters
    ----------
    found
        the runs.
    notes
        what to say of each input, by its name without the contender's.
    units
        of the inputs, by full name.
    shares
        the inputs that are shares, by full name.
    also
        for some inputs, values beside those of the runs, by what they are.
    """

    def origin(note: str) -> Origin:
        return Origin("measured", where=found.place, note=note)

    inputs = {}
    for short, note in notes.items():
        name = f"{found.contender}.{short}"
        beside = (also or {}).get(short, {})
        values = {run.circuit: run.figures[name] for run in found.runs if name in run.figures}
        if values:
            inputs[name] = spanning(
                name, units[name], {**values, **beside}, name in shares, origin(note)
            )
    reached = {run.name: run.share_of(found.peak) for run in found.sizes}
    if found.speed:
        for run, residual in zip(found.sizes, found.speed.residuals, strict=True):
            reached[f"{run.name}, as fitted"] = reached[run.name] / (1 + residual)
    utilisation = None
    if max(reached.values()) < 1:
        note = "Operations counted, over the peak that arithmetic alone reached in the same time."
        utilisation = spanning(f"{found.contender}.utilisation", "", reached, True, origin(note))
    return replace(found, inputs=inputs, utilisation=utilisation)


def differing(runs: Collection[Count]) -> dict[tuple[str, str], tuple[float, float]]:
    """What is counted for a piece of work, where it is not the same at all sizes of a circuit.

    The least and the most of it, by the figure's name and the circuit's.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for run in runs:
        for name, value in run.figures.items():
            found.setdefault((name, run.circuit), []).append(value)
    ends = {key: (min(values), max(values)) for key, values in found.items()}
    return {key: (low, high) for key, (low, high) in ends.items() if high - low > _SAME * high}
