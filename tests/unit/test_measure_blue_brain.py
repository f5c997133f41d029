"""Blue Brain's contender, run: what is counted in its cells, and what the estimate makes of it."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from halfbrain.cells.detailed.installed import detailed_cell, installed_cells, recipe
from halfbrain.cli import app
from halfbrain.contenders.registry import contenders
from halfbrain.contenders.runs import blue_brain
from halfbrain.contenders.runs.catalogue import measure
from halfbrain.errors import HalfbrainWarning, MissingError, RunError
from halfbrain.facts.explain import explain
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.nmodl import read_mechanism
from halfbrain.program.operations import FLOP
from halfbrain.report.document import estimate_document
from test_measure import PEAK

CELLS = tuple(
    replace(s, copies=2, milliseconds=2.0)
    for s in blue_brain.SAMPLES
    if isinstance(s, blue_brain.Sample)
)
COLUMNS = tuple(
    replace(s, neurons=10, milliseconds=5.0, synapses=0.1)
    for s in blue_brain.SAMPLES
    if isinstance(s, blue_brain.ColumnSample)
)
SAMPLES = (*CELLS, *COLUMNS)


@pytest.fixture(scope="module")
def tiny():
    if not {*(s.cell for s in CELLS), "allen-473863510"} <= set(installed_cells()):
        pytest.skip("EModelRunner and BMTK, which bring the cells, are not installed")
    return blue_brain.measure(SAMPLES, peak=PEAK)


@pytest.fixture(scope="module")
def figures(tiny):
    return [{n.partition(".")[2]: x for n, x in run.figures.items()} for run in tiny.runs]


def flop(program):
    return 0 if program is None else sum(FLOP[k] * n for k, n in program.count().items())


def test_a_step_is_its_channels_and_the_solver(tiny, figures):
    for sample, run, found in zip(CELLS, tiny.runs[:2], figures[:2], strict=True):
        n = len(detailed_cell(sample.cell).parent)
        each = found["channels_per_compartment"] * found["flop_per_channel"] + found["flop_solver"]
        assert run.flop == pytest.approx(n * each * run.neurons * run.steps)
        assert (run.neurons, run.steps, run.bio_seconds) == (2, 80, pytest.approx(2e-3))


def test_channels_are_those_of_the_cell(figures):
    for sample, found in zip(CELLS, figures[:2], strict=True):
        cell = detailed_cell(sample.cell)
        places = sum(len(placed.where) for placed in cell.placed)
        assert found["channels_per_compartment"] == pytest.approx(places / len(cell.parent))
        # What no other program needs of an output is left out when it is compiled, no more.
        most = sum(
            len(p.where) * (flop(p.mechanism.current) + flop(p.mechanism.step(0.025)))
            for p in cell.placed
        )
        assert 0.5 < found["flop_per_channel"] * places / most < 1.2


def test_the_solver_is_hines_s(figures):
    """12 on the way to the root and 3 back for a compartment, 3 at the root."""
    for sample, found in zip(CELLS, figures[:2], strict=True):
        n = len(detailed_cell(sample.cell).parent)
        assert found["flop_solver"] == pytest.approx((15 * (n - 1) + 3) / n)


def test_synapses_and_events_are_those_of_the_column(tiny, figures):
    plain, plastic = figures[2:]
    equations = {
        name: read_mechanism(recipe(CELLS[1].cell).library(name).source)
        for name in ("ProbAMPANMDA_EMS", "GluSynapse")
    }
    counted = {n: flop(m.current) + flop(m.step(0.025)) for n, m in equations.items()}
    # What follows from parameters, or what nothing needs, is not worked out in each step.
    least, most = 0.3 * counted["ProbAMPANMDA_EMS"], 1.1 * counted["ProbAMPANMDA_EMS"]
    assert least < plain["flop_per_synapse_step"] < most
    assert plastic["flop_per_synapse_step"] == pytest.approx(plain["flop_per_synapse_step"])
    both = plastic["flop_per_synapse_step"] + plastic["flop_per_plastic_step"]
    assert 0.3 * counted["GluSynapse"] < both < 1.1 * counted["GluSynapse"]
    assert "flop_per_plastic_step" not in plain
    assert plastic["bytes_per_synapse"] > plain["bytes_per_synapse"] > 8 * 10
    for run, found in zip(tiny.runs[2:], (plain, plastic), strict=True):
        assert run.synapses > 800
        assert run.events > 0
        assert found["flop_per_event"] > 5
        each = run.flop / run.synapses / run.steps
        assert each > found["flop_per_synapse_step"] / 2


def test_the_estimate_rests_on_what_was_measured(tiny):
    scenario = load_scenario().with_measured(tiny)
    found = forecast("blue-brain", scenario)
    assert found.basis == "measured"
    assert "blue-brain.flop_per_channel in L4UPC" in explain(found.flop)
    inputs = scenario.inputs()
    assert inputs["blue-brain.compartments_per_neuron"].origin.confidence == "judgement"
    document = estimate_document(scenario, contenders(), 500, 1, "h100")
    entry = next(e for e in document["contenders"] if e["name"] == "blue-brain")
    found = entry["measurements"]
    assert found["seed_flop_per_neuron_bio_second"] == pytest.approx(3.83e15, rel=0.01)
    for run in found["runs"]:
        counted = run["flop_per_neuron_bio_second"]
        assert run["ratio_to_seed"] == pytest.approx(counted / 3.83e15, rel=0.01)
    json.dumps(document, allow_nan=False)


def test_without_the_cells_a_line_says_so_and_the_row_stays(monkeypatch):
    monkeypatch.setattr(blue_brain, "installed_cells", dict)
    with pytest.raises(MissingError, match=r"pip install 'halfbrain\[cells\]'"):
        measure("blue-brain", lambda what, done: None)
    with pytest.warns(HalfbrainWarning, match="blue-brain needs the cell sscx-cADpyr_L4UPC"):
        found = CliRunner().invoke(
            app,
            ["estimate", "--contender", "blue-brain", "--measure", "--samples", "500", "--json"],
        )
    assert found.exit_code == 0
    (entry,) = json.loads(found.stdout)["contenders"]
    assert (entry["basis"], entry["measurements"]) == ("counted", None)


def test_nothing_to_measure_is_one_line():
    with pytest.raises(RunError, match="nothing to measure"):
        blue_brain.measure([], peak=PEAK)
