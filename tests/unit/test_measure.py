"""Measured, not published: counts against closed forms, and what the estimate makes of them."""

import io
import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.cli import app
from halfbrain.contenders.measured import spanning
from halfbrain.contenders.registry import contenders
from halfbrain.contenders.runs import spiking
from halfbrain.contenders.runs.spiking import Sample
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import CircuitError, HalfbrainError, RunError
from halfbrain.facts.draws import Draws
from halfbrain.facts.explain import explain
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.machine import bill
from halfbrain.forecast.scenario import load_scenario
from halfbrain.metering.ceilings import Peak
from halfbrain.program.operations import FLOP
from halfbrain.report import page
from halfbrain.report.document import estimate_document, tree_document
from halfbrain.report.terminal import print_estimate

PEAK = Peak("a machine", 1, 1e15)
TINY = (Sample("microcircuit", 772, 0.05), Sample("cobahh", 100, 0.05), Sample("mbody", 250, 0.1))
DRAWS = Draws(4000, 1)


def flop(counted):
    return sum(FLOP[kind] * n for kind, n in counted.items())


@pytest.fixture(scope="module")
def tiny():
    return spiking.measure(TINY, peak=PEAK)


@pytest.fixture(scope="module")
def run(tiny):
    return {run.circuit: run for run in tiny.runs}


@pytest.fixture(scope="module")
def scenario(tiny):
    return load_scenario().with_measured(tiny)


def simulation_of(sample):
    circuit = named_circuit(
        sample.name, neurons=sample.neurons, seconds=sample.seconds, seed=spiking.SEED
    )
    simulation = PointGroup(circuit, seed=spiking.SEED, threads=1)
    simulation.run(sample.seconds)
    return simulation


@pytest.mark.parametrize("sample", TINY, ids=lambda sample: sample.name)
def test_flop_are_the_equations_operations_times_neurons_and_steps(sample, run):
    """The operations of the model's own program, a random number for each drive beside."""
    circuit = named_circuit(sample.name, neurons=sample.neurons, seconds=sample.seconds)
    found, steps, total, neurons = run[sample.name], round(sample.seconds / 1e-4), 0, 0
    for population in circuit.populations:
        if hasattr(population.model, "model"):
            drives = sum(drive.target == population.name for drive in circuit.drives)
            each = flop(population.model.model(1e-4).program.count()) + drives
            total += each * population.size
            neurons += population.size
    assert (found.neurons, found.steps) == (neurons, steps)
    figures = found.figures
    assert figures["spiking.flop_per_update"] == pytest.approx(total / neurons, rel=1e-12)
    learnt = figures.get("spiking.flop_per_plastic_event", 0.0) * found.plastic_events
    assert found.flop == pytest.approx(total * steps + found.events + learnt, rel=1e-12)


def test_events_are_the_synapses_of_the_neurons_that_fired(run):
    simulation = simulation_of(TINY[1])
    first = simulation.populations
    expected = 0
    for drawing in simulation.drawings:
        own = first[drawing.projection.source]
        spikes = simulation.spikes
        mine = (spikes.neurons >= own.start) & (spikes.neurons < own.stop)
        # Without a delay a spike arrives in the next step; those of the last are still under way.
        mine &= spikes.steps < simulation.step - 1
        expected += drawing.rows.degrees[spikes.neurons[mine] - own.start].sum()
    assert expected > 0
    assert run["cobahh"].events == expected
    assert run["cobahh"].spikes == len(simulation.spikes.steps)
    assert run["cobahh"].figures["spiking.flop_per_event"] == 1


def test_a_plastic_event_is_the_rule_as_it_was_executed(run):
    simulation = simulation_of(TINY[2])
    (index,) = (i for i, state in enumerate(simulation.plastics) if state)
    rule = simulation.plastics[index].rule
    events, changes = simulation.events[:, index].sum(axis=0).tolist()
    assert 0 < events == run["mbody"].plastic_events < run["mbody"].events
    each = flop(rule.on_event) + flop(rule.on_target) * changes / events
    assert run["mbody"].figures["spiking.flop_per_plastic_event"] == pytest.approx(each)
    fired = simulation.populations["eKC"]
    of_target = (simulation.spikes.neurons >= fired.start).sum()
    assert 0 < changes <= of_target * simulation.populations["iKC"].stop
    # No spike of the given input is a neuron's.
    given = simulation.populations["PN"]
    own = simulation.spikes.neurons >= given.stop
    assert run["mbody"].spikes == own.sum() < len(own)


def test_bytes_are_those_in_memory(run):
    simulation = simulation_of(TINY[1])
    states = sum(s.nbytes for n in simulation.neurons_of.values() for s in n.state)
    arrived = sum(received.nbytes for received in simulation.plan.received)
    figures = run["cobahh"].figures
    assert figures["spiking.bytes_per_neuron"] == pytest.approx((states + arrived) / 100)
    tables = sum(a.nbytes for t in simulation.tables for a in (t.offsets, t.targets, t.weights))
    assert figures["spiking.bytes_per_synapse"] == pytest.approx(tables / simulation.synapses)
    assert figures["spiking.bytes_per_event"] == 4


def test_counts_are_the_same_each_time(tiny):
    again = spiking.measure(TINY, peak=PEAK)
    for one, other in zip(tiny.runs, again.runs, strict=True):
        assert one.figures == other.figures
        assert (one.flop, one.bytes, one.events) == (other.flop, other.bytes, other.events)
    for name, figure in tiny.inputs.items():
        assert figure.interval == again.inputs[name].interval


def test_an_input_spans_the_runs_and_says_so(tiny, run):
    name = "spiking.flop_per_update"
    values = {circuit: each.figures[name] for circuit, each in run.items()}
    figure = tiny.inputs[name]
    assert (figure.interval.low, figure.interval.high) == (
        values["microcircuit"],
        values["cobahh"],
    )
    assert {part.name: part.magnitude() for part in figure.parts} == {
        f"{name} in {circuit}": value for circuit, value in values.items()
    }
    assert figure.origin.confidence == "measured"
    for words in ("a machine", "1 thread", "float32", "halfbrain", f"seed {spiking.SEED}"):
        assert words in str(figure.origin)


def test_the_estimate_rests_on_what_was_measured(scenario, run):
    for name in ("neurons", "synapses_per_neuron", "firing_rate", "years", "spiking.step"):
        median = forecast("spiking", scenario).values[name].magnitude()
        scenario = scenario.with_setting(name, median)
    found = forecast("spiking", scenario)
    value = {key: figure.magnitude() for key, figure in found.values.items()}
    work = value["synapses_per_neuron"] * value["firing_rate"]
    steps = 1 / value["spiking.step"]
    low, high = (run[name].figures for name in ("microcircuit", "cobahh"))
    plastic = run["mbody"].figures["spiking.flop_per_plastic_event"]
    spread = Spread.of(found.quantity("flop_per_neuron_second"), Draws(100_000, 1))
    for percentile, figures in ((spread.p5, low), (spread.p95, high)):
        each = steps * figures["spiking.flop_per_update"] + work * (1 + plastic)
        assert percentile == pytest.approx(each, rel=0.01)
    moved = steps * value["spiking.bytes_per_update"] + work * (
        value["spiking.bytes_per_event"] + value["spiking.bytes_per_plastic_event"]
    )
    lives = value["neurons"] * value["training_seconds"]
    assert value["spiking.bytes_moved"] == pytest.approx(moved * lives)


def test_the_basis_is_said(scenario):
    assert forecast("spiking", scenario).basis == "measured"
    assert forecast("numenta", scenario).basis == "counted"
    assert forecast("transformer", scenario).basis == "published"
    # Counted as the text counted, the measurements play no part.
    assert forecast("spiking", load_scenario("seed-mended")).basis == "published"


def test_what_a_user_sets_goes_before_what_was_measured(scenario):
    inputs = scenario.with_setting("spiking.flop_per_update", 7).inputs()
    assert inputs["spiking.flop_per_update"].magnitude() == 7
    assert inputs["spiking.flop_per_event"].origin.confidence == "measured"


def test_the_tree_goes_down_to_the_runs(scenario):
    flop_ = forecast("spiking", scenario).flop
    text = explain(flop_)
    assert "spiking.flop_per_update in cobahh = 88 FLOP/neuron/step" in text
    assert "[measured]" in text

    def names(node):
        return {node["name"]}.union(*(names(part) for part in node.get("parts", [])))

    assert "spiking.flop_per_plastic_event in mbody" in names(tree_document(flop_, DRAWS))


def test_a_bill_uses_the_share_that_was_reached(scenario, tiny, run):
    result = forecast("spiking", scenario)
    shares = [each.flop / each.wall_seconds / 1e15 for each in run.values()]
    slow = bill(result, "i9-7920x", DRAWS)
    interval = slow.assumptions["spiking.utilisation"].interval
    assert (interval.low, interval.high) == pytest.approx((min(shares), max(shares)))
    # Shares of so high a peak are next to nothing, so that arithmetic takes all the time.
    usual = bill(forecast("spiking", load_scenario()), "i9-7920x", DRAWS).device_years.p50
    assert slow.device_years.p50 > 10 * usual


def test_a_peak_below_what_a_run_reached_is_not_used(run):
    found = spiking.measure(TINY[1:2], peak=replace(PEAK, flop_per_second=1.0))
    assert found.utilisation is None
    result = forecast("spiking", load_scenario().with_measured(found))
    there = bill(result, "i9-7920x", DRAWS)
    published = facts().get("hardware.utilisation.point_neuron").interval
    assert there.assumptions["spiking.utilisation"].interval == published
    assert there.notes == ()
    assert result.basis == "measured"
    # It learns nothing, so there is no such figure, and the facts' stays.
    assert "spiking.flop_per_plastic_event" not in found.inputs
    entry = estimate_document(result.scenario, ["spiking"], 500, 1, "h100")["contenders"][0]
    assert entry["measurements"]["utilisation_measured"] is False


def test_the_document(scenario, run):
    document = estimate_document(scenario, contenders(), 2000, 1, "h100")
    entries = {entry["name"]: entry for entry in document["contenders"]}
    assert {name: entry["basis"] for name, entry in entries.items()} == {
        "transformer": "published",
        "numenta": "counted",
        "spiking": "measured",
        "blue-brain": "counted",
    }
    assert entries["numenta"]["measurements"] is None
    found = entries["spiking"]["measurements"]
    assert (found["machine"], found["threads"], found["seed"]) == ("a machine", 1, spiking.SEED)
    for each in found["runs"]:
        own = run[each["circuit"]]
        lives = own.neurons * own.bio_seconds
        counted = each["flop_per_neuron_bio_second"]
        assert counted == pytest.approx(own.flop / lives)
        machine_time = each["machine_time_flop_per_neuron_bio_second"]
        assert machine_time == pytest.approx(1e15 * own.wall_seconds / lives)
        assert each["ratio"] == pytest.approx(machine_time / counted)
        assert each["ratio_to_seed"] == pytest.approx(counted / 6.14e6, rel=1e-3)
    median = entries["spiking"]["flop_per_neuron_bio_second"]["p50"]
    assert found["seed_flop_per_neuron_bio_second"] == pytest.approx(6.14e6)
    assert found["seed_mended_flop_per_neuron_bio_second"] == pytest.approx(5.99e8, rel=2e-3)
    assert found["ratio_to_seed"] == pytest.approx(median / 6.14e6)
    figures = {figure["name"]: figure for figure in found["figures"]}
    assert figures["spiking.flop_per_plastic_event"]["values"].keys() == {"mbody"}
    assert figures["spiking.bytes_per_update"]["unit"] == "byte/neuron/step"
    assert document["scenario"]["inputs"]["spiking.flop_per_event"]["confidence"] == "measured"
    json.dumps(document, allow_nan=False)


def test_the_terminal_has_room_for_it(scenario):
    out = io.StringIO()
    document = estimate_document(scenario, contenders(), 500, 1, "h100")
    print_estimate(Console(file=out, width=80, highlight=False), document)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in out.getvalue()
    for text in ("measured here: spiking", "the text of 2022", "cobahh", "flop_per_plastic_event"):
        assert text in out.getvalue()


def test_the_page_has_the_measured_scenario_beside_the_other(scenario):
    data = page.payload(scenario, contenders(), 500, 1)
    presets = [preset["name"] for preset in data["presets"]]
    assert presets[data["initial"]] == "ours-measured"
    assert "ours" in presets
    shown = data["presets"][data["initial"]]["inputs"]["spiking.flop_per_update"]
    assert shown["confidence"] == "measured"
    assert data["measurements"][0]["contender"] == "spiking"
    assert page.payload(load_scenario(), contenders(), 500, 1)["measurements"] == []


def test_the_command_measures_and_explains(monkeypatch):
    told = []

    def tiny_measure(*, others, progress):
        def tell(what, done):
            told.append((what, done))
            progress(what, done)

        return real(TINY, peak=PEAK, progress=tell)

    real = spiking.measure
    monkeypatch.setattr(spiking, "measure", tiny_measure)
    invoke = partial(CliRunner().invoke, app)
    found = invoke(
        ["estimate", "--contender", "spiking", "--measure", "--samples", "500", "--json"]
    )
    assert found.exit_code == 0, found.output
    entries = {entry["name"]: entry for entry in json.loads(found.stdout)["contenders"]}
    assert entries["spiking"]["basis"] == "measured"
    assert next(what for what, _ in told) == "compiling"
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    found = invoke(["explain", "spiking", "--measure"])
    assert "in microcircuit" in found.stdout


@pytest.mark.parametrize("command", [["estimate", "--contender"], ["explain"]])
def test_what_cannot_be_run_is_one_line(command):
    found = CliRunner().invoke(app, [*command, "transformer", "--measure"])
    assert isinstance(found.exception, HalfbrainError)
    assert str(found.exception) == (
        "measure: nothing can be run of transformer; "
        "there is an engine for numenta, spiking, blue-brain"
    )


def test_unknown_circuits_and_none_are_one_line():
    with pytest.raises(CircuitError, match="no circuit 'abacus'"):
        spiking.measure([Sample("abacus", 10, 0.1)], peak=PEAK)
    with pytest.raises(RunError, match="nothing to measure"):
        spiking.measure([], peak=PEAK)


def test_one_value_spans_nothing():
    figure = spanning("x", "", {"a": 0.25}, True, Origin("measured"))
    assert figure.interval.certain
    assert np.all(figure.sample(DRAWS) == 0.25)
