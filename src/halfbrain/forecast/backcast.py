"""The cost model held against published simulation runs: would it have foretold their speed?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.estimate import Forecast, Spread, forecast
from halfbrain.forecast.machine import Bound, bounds, slowest
from halfbrain.forecast.scenario import load_scenario, settings

_CONTENDERS = {"point": "spiking", "detailed": "blue-brain"}
_DRAWS = Draws(20_000, 2022)


@dataclass(frozen=True)
class Backcast:
    """One published run. Shares are of the machine's peak FLOP/s and memory bandwidth.

    ``predicted`` is the real-time factor (wall seconds for a second of biological time) that the
    cost model and the utilisations of the facts give; ``published`` is what it was.
    """

    run: str
    title: str
    contender: str
    neurons: float
    flop_per_bio_second: Spread
    peak_share: Spread | None
    bandwidth_share: Spread | None
    predicted: Spread | None
    published: float
    verdict: str


def backcasts() -> list[Backcast]:
    """Every published run with neurons, a speed and a level of detail, largest first."""
    runs = [
        item
        for item in facts().tables["simulation_runs"].values()
        if {"neurons", "real_time_factor"} <= set(item.figures)
        and item.attributes.get("level") in _CONTENDERS
    ]
    cases = [backcast(item) for item in runs]
    return sorted(cases, key=lambda case: -case.neurons)


def backcast(item: Item) -> Backcast:
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
    shares = {bound.kind: Spread.of((bound.at_peak / speed).to(""), _DRAWS) for bound in found}
    predicted = Spread.of(slowest(found).to(speed.unit), _DRAWS) if found else None
    published = speed.magnitude("second/bio_second")
    return Backcast(
        run=item.key,
        title=item.title,
        contender=contender,
        neurons=item.figure("neurons").magnitude("neuron"),
        flop_per_bio_second=Spread.of(flop, _DRAWS),
        peak_share=shares.get("arithmetic"),
        bandwidth_share=shares.get("memory traffic"),
        predicted=predicted,
        published=published,
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


def _verdict(predicted: Spread | None, published: float) -> str:
    if predicted is None:
        return "no machine in the facts"
    if published < predicted.p5:
        return f"ran {predicted.p5 / published:.2g} times faster than the interval"
    if published > predicted.p95:
        return f"ran {published / predicted.p95:.2g} times slower than the interval"
    return "inside the 90 % interval"
