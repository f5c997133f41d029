"""The cost model held against published simulation runs: would it have foretold their speed?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Confidence
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.estimate import Forecast, Spread, forecast
from halfbrain.forecast.machine import Bound, bounds, slowest
from halfbrain.forecast.scenario import load_scenario, settings

_CONTENDERS = {"point": "spiking", "detailed": "blue-brain"}
JUDGED = "judgement"


@dataclass(frozen=True)
class Backcast:
    """One published run. Shares are of the machine's peak FLOP/s and memory bandwidth.

    ``predicted`` is the real-time factor (wall seconds for a second of biological time) that the
    cost model and the utilisations of the facts give; ``published`` is what it was, and None where
    nobody has published it: ``low`` to ``high`` is then our own bracket, of ``confidence``
    judgement, and no share or verdict rests on it.
    """

    run: str
    title: str
    contender: str
    neurons: float
    flop_per_bio_second: Spread
    peak_share: Spread | None
    bandwidth_share: Spread | None
    predicted: Spread | None
    published: float | None
    low: float
    high: float
    confidence: Confidence
    verdict: str


def backcasts() -> list[Backcast]:
    """Every published run with neurons, a speed and a level of detail, largest first."""
    runs = [
        item
        for item in facts().tables["simulation_runs"].values()
        if {"neurons", "real_time_factor"} <= set(item.figures)
        and item.attributes.get("level") in _CONTENDERS
    ]
    draws = Draws()
    cases = [backcast(item, draws) for item in runs]
    return sorted(cases, key=lambda case: -case.neurons)


def backcast(item: Item, draws: Draws) -> Backcast:
    """Hold the cost model against one run."""
    contender = _CONTENDERS[item.attributes["level"]]
    result = forecast_run(item, contender)
    flop = result.quantity("flop_per_bio_second")
    traffic = result.quantity("bytes_moved") / result.values["training_seconds"]
    speed = item.figure("real_time_factor")
    machine = _machine(item)
    found: list[Bound] = []
    if machine is not None and "nodes" in item.figures:
        # A node of the run is one device of the facts.
        nodes = item.figure("nodes").magnitude("node")
        found = bounds(machine, result, flop / nodes, traffic / nodes)
    predicted = Spread.of(slowest(found).to(speed.unit), draws) if found else None
    interval, origin = speed.interval, speed.origin
    assert interval is not None
    assert origin is not None
    judged = origin.confidence == JUDGED
    published = None if judged else interval.median
    shares = {
        bound.kind: Spread.of((bound.at_peak / speed).to(""), draws)
        for bound in found
        if not judged
    }
    return Backcast(
        run=item.key,
        title=item.title,
        contender=contender,
        neurons=item.figure("neurons").magnitude("neuron"),
        flop_per_bio_second=Spread.of(flop, draws),
        peak_share=shares.get("arithmetic"),
        bandwidth_share=shares.get("memory traffic"),
        predicted=predicted,
        published=published,
        low=interval.low,
        high=interval.high,
        confidence=origin.confidence,
        verdict=_verdict(predicted, published),
    )


def forecast_run(item: Item, contender: str) -> Forecast:
    """The cost model with the run's own size, rate and step, as far as they are published."""
    given: dict[str, Quantity] = {"neurons": item.figure("neurons")}
    if "synapses" in item.figures:
        given["synapses_per_neuron"] = item.figure("synapses") / item.figure("neurons")
    if "firing_rate" in item.figures:
        given["firing_rate"] = item.figure("firing_rate")
    if "step" in item.figures:
        given[f"{contender}.step"] = item.figure("step")
    if "compartments" in item.figures:
        given[f"{contender}.compartments_per_neuron"] = item.figure("compartments") / item.figure(
            "neurons"
        )
    scenario = load_scenario()
    if item.attributes.get("plasticity") is False:
        scenario = scenario.with_setting("learning", 0)
    units = {name: value.to(settings()[name].unit).named(name) for name, value in given.items()}
    return forecast(contender, replace(scenario, given={**scenario.given, **units}))


def _machine(item: Item) -> Item | None:
    name = item.attributes.get("hardware")
    if name is None:
        return None
    try:
        return facts().item("hardware", name)
    except HalfbrainError as error:
        raise HalfbrainError(f"simulation_runs.{item.key}: {error}") from None


def _verdict(predicted: Spread | None, published: float | None) -> str:
    if published is None:
        return "its speed is not published"
    if predicted is None:
        return "no machine in the facts"
    if published < predicted.p5:
        return f"ran {predicted.p5 / published:.2g} times faster than the interval"
    if published > predicted.p95:
        return f"ran {published / predicted.p95:.2g} times slower than the interval"
    return "inside the 90 % interval"
