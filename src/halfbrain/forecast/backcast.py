"""The cost model held against published simulation runs: would it have foretold their speed?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Confidence
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.assumed import Assumed
from halfbrain.forecast.estimate import Forecast, Spread, forecast
from halfbrain.forecast.machine import Bound, bounds, slowest
from halfbrain.forecast.scenario import Scenario, load_scenario
from halfbrain.forecast.setting import settings

_CONTENDERS = {"point": "spiking", "detailed": "blue-brain"}
SPEED = "second/bio_second"
JUDGED = "judgement"


@dataclass(frozen=True)
class Backcast:
    """One published run. Shares are of the machine's peak FLOP/s and memory bandwidth.

    ``predicted`` is the real-time factor (wall seconds for a second of biological time) that the
    cost model and the utilisations of the facts give; ``published`` is what it was, and None where
    nobody has published it: ``low`` to ``high`` is then our own bracket, of ``confidence``
    judgement, if there is one, and no share or verdict rests on it. ``memory`` is what the cost
    model says that the network takes, in bytes; ``published_memory`` what it took;
    ``machine_memory`` what the machine has.
    """

    run: str
    title: str
    contender: str
    simulator: str
    neurons: float
    flop_per_bio_second: Spread
    peak_share: Spread | None
    bandwidth_share: Spread | None
    predicted: Spread | None
    published: float | None
    low: float | None
    high: float | None
    confidence: Confidence
    verdict: str
    memory: Spread
    published_memory: float | None
    machine_memory: float | None


def backcasts() -> list[Backcast]:
    """Every published run with neurons, a level of detail and a speed or a size, largest first."""
    # Other simulators' runs: what they move and hold is published, ours was counted.
    draws, scenario = Draws(), load_scenario().published()
    cases = [backcast(item, scenario, draws) for item in runs()]
    return sorted(cases, key=lambda case: -case.neurons)


def runs() -> list[Item]:
    """The runs of the facts that can be held against the cost model."""
    return [
        item
        for item in facts().tables["simulation_runs"].values()
        if "neurons" in item.figures
        and {"real_time_factor", "memory"} & set(item.figures)
        and item.attributes.get("level") in _CONTENDERS
    ]


def backcast(item: Item, scenario: Scenario, draws: Draws) -> Backcast:
    """Hold the cost model, with the figures of ``scenario``, against one run."""
    result = forecast_run(item, scenario)
    found = machine_bounds(item, result)
    predicted = Spread.of(slowest(found).to(SPEED), draws) if found else None
    speed = item.figures.get("real_time_factor")
    interval = speed.interval if speed else None
    published = published_speed(item)
    shares = (
        {bound.kind: Spread.of((bound.at_peak / speed).to(""), draws) for bound in found}
        if speed and published is not None
        else {}
    )
    origin = (speed or item.figure("memory")).origin
    assert origin is not None
    return Backcast(
        run=item.key,
        title=item.title,
        contender=result.contender.name,
        simulator=item.attributes.get("simulator", ""),
        neurons=item.figure("neurons").magnitude("neuron"),
        flop_per_bio_second=Spread.of(result.quantity("flop_per_bio_second"), draws),
        peak_share=shares.get("arithmetic"),
        bandwidth_share=shares.get("memory traffic"),
        predicted=predicted,
        published=published,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        confidence=origin.confidence,
        verdict=_verdict(predicted, published),
        memory=Spread.of(result.quantity("memory"), draws),
        published_memory=_bytes(item.figures.get("memory")),
        machine_memory=_bytes(_machine_memory(item)),
    )


def published_speed(item: Item) -> float | None:
    """The published real-time factor of a run, None where it is not published but judged."""
    speed = item.figures.get("real_time_factor")
    if speed is None or speed.interval is None or speed.origin is None:
        return None
    return None if speed.origin.confidence == JUDGED else speed.interval.median


def machine_bounds(item: Item, result: Forecast) -> list[Bound]:
    """What each bound of the run's machine allows, in wall seconds for a second of life."""
    machine = _machine(item)
    if machine is None or "nodes" not in item.figures:
        return []
    # A node of the run is one device of the facts.
    nodes = item.figure("nodes").magnitude("node")
    flop = result.quantity("flop_per_bio_second")
    traffic = result.traffic_per_bio_second
    return bounds(Assumed(result, machine), flop / nodes, traffic / nodes)


def forecast_run(item: Item, scenario: Scenario) -> Forecast:
    """The cost model with the run's own size, rate and step, as far as they are published."""
    contender = _CONTENDERS[item.attributes["level"]]
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


def _machine_memory(item: Item) -> Quantity | None:
    machine = _machine(item)
    if machine is None or "memory" not in machine.figures or "nodes" not in item.figures:
        return None
    return machine.figure("memory") * item.figure("nodes").magnitude("node")


def _bytes(figure: Quantity | None) -> float | None:
    return None if figure is None else figure.magnitude("byte")


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
