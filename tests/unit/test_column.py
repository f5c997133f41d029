"""The column: its proportions and synapses, and that it runs alike on any number of threads."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from halfbrain.cells.detailed import installed
from halfbrain.circuits.detailed.circuit import PoissonInput
from halfbrain.circuits.detailed.synapses import drawn_synapses, kinds
from halfbrain.circuits.named import column as module
from halfbrain.circuits.named.column import FULL, POPULATIONS, column
from halfbrain.circuits.named.detailed import detailed_circuit
from halfbrain.cli import app
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import CircuitError, MissingError
from halfbrain.facts.table import facts

pytest.importorskip("morphio", reason="MorphIO is not installed")
CELLS = ("sscx-cADpyr_L4UPC", "synplas-cADpyr_L4TPC", "allen-473863510")
pytestmark = pytest.mark.skipif(
    any(name not in installed.installed_cells() for name in CELLS),
    reason="the packages that bring the cells are not installed (bmtk, emodelrunner)",
)


@settings(max_examples=8, deadline=None)
@given(n=st.integers(10, 2000))
def test_a_column_of_any_size_has_the_proportions_of_the_whole(n):
    sizes = {p.name: p.size for p in column(n).populations}
    assert sum(sizes.values()) == n
    for name in POPULATIONS:
        full = facts().get(f"column.microcircuit-neurons.{name.lower()}").magnitude()
        assert abs(sizes.get(name, 0) - n * full / FULL) <= 1


def test_a_neuron_has_as_many_synapses_as_in_the_whole_microcircuit():
    made = column(60)
    drawn = drawn_synapses(made, 1)
    total = 0.0
    for population in made.populations:
        onto = facts().item("column", f"onto-{population.name.lower()}").figures
        expected = population.size * sum(
            figure.magnitude() * onto[name.replace("from", "contacts")].magnitude()
            for name, figure in onto.items()
            if name.startswith("from")
        )
        found = sum(len(some) for some in drawn if some.of.target == population.name)
        assert found == pytest.approx(expected, rel=0.25 / population.size**0.5)
        total += expected
    assert sum(map(len, drawn)) == pytest.approx(total, rel=0.02)
    inside = sum(len(s) for s in drawn if not isinstance(s.of, PoissonInput))
    assert 100 < inside < 3000


def test_what_is_inside_grows_with_the_column_and_is_not_asked_from_outside_too():
    of = {}
    for n in (100, 1000):
        made = column(n)
        given = next(i for i in made.inputs if (i.source, i.target) == ("L6E", "L6E"))
        of[n] = given.connections
    whole = facts().get("column.onto-l6e.from_l6e").magnitude()
    assert of[1000] < of[100] < whole
    assert whole - of[1000] > 5 * (whole - of[100])


def test_synapses_are_where_their_kind_is():
    made = column(40)
    for some in drawn_synapses(made, 2):
        cells = kinds(made.population(some.of.target))
        for cell in cells if len(cells) == 1 else ():
            where = np.array(cell.regions)[cell.section[some.compartment]]
            away = cell.distance[some.compartment]
            if some.of.source.endswith("E"):
                assert set(where) <= {"basal", "apical"}
            elif some.of.source.endswith("M"):
                assert (away >= 100).all()
            else:
                assert (away <= 100).all()
                assert "axon" not in set(where)


@pytest.mark.parametrize("plasticity", [False, True])
def test_the_column_runs_the_same_on_any_number_of_threads(plasticity):
    runs = []
    for threads in (1, 3):
        built = CableGroup(
            column(10, plasticity=plasticity, synapses=0.2), threads=threads, record={"L6E": [0]}
        )
        built.run(0.02)
        built.run(0.01)
        spikes = built.spikes
        runs.append((spikes.steps, spikes.neurons, built.voltages(1e-4)[0].data))
    for one, other in zip(*runs, strict=True):
        assert np.array_equal(one, other)
    assert len(runs[0][0]) > 0
    assert np.ptp(runs[0][2]) > 5


def test_a_share_of_the_synapses_brings_as_many_spikes():
    events = []
    for share in (1.0, 0.25):
        drawn = drawn_synapses(column(30, synapses=share), 1)
        events.append(sum(len(s) * s.of.rate for s in drawn if isinstance(s.of, PoissonInput)))
    assert events[1] == pytest.approx(events[0], rel=0.05)


def test_the_command_runs_the_column():
    done = CliRunner().invoke(
        app, ["run", "column", "--cells", "10", "--seconds", "0.005", "--json", "--plasticity"]
    )
    assert done.exception is None, done.exception
    document = json.loads(done.stdout)
    assert document["circuit"] == "column"
    assert document["neurons"] == 10
    assert document["synapses"] > 8000
    assert document["events"] > 0
    assert document["memory_bytes"]["synapses"] > document["memory_bytes"]["neurons"]
    assert all(phase["flop"] >= 0 for phase in document["phases"])


def test_the_human_column_has_another_membrane_and_more_synapses():
    rat, other = column(20), column(20, human=True)
    assert other.name == "human-column"
    (cell,) = kinds(other.population("L5E"))
    (own,) = kinds(rat.population("L5E"))
    assert np.array_equal(cell.area, own.area)
    far = (cell.distance > 60) & np.isin(np.array(cell.regions)[cell.section], ("basal", "apical"))
    assert cell.capacitance[far] == pytest.approx(1.9 * cell.capacitance[0])
    assert 0.43 < cell.capacitance[0] < 0.52
    (leak,) = (p for p in cell.placed if p.mechanism.name == "pas")
    per_area = np.broadcast_to(leak.parameters["g"], len(leak.where))
    assert per_area.min() == pytest.approx(1 / 32_297, rel=1e-3)
    branch = np.flatnonzero((own.coupling > 0) & far)
    ratio = cell.coupling[branch] / own.coupling[branch]
    assert ratio == pytest.approx(ratio[0])  # of the two resistivities
    more = [sum(map(len, drawn_synapses(made, 1))) for made in (rat, other)]
    assert more[1] == pytest.approx(2.5 * more[0], rel=0.05)
    assert kinds(other.population("L6I"))[0] is kinds(rat.population("L6I"))[0]


def test_the_command_shows_what_is_in_the_column():
    done = CliRunner().invoke(app, ["show", "column"])
    assert done.exception is None, done.exception
    assert "100 neurons" in done.stdout
    assert "L5E: sscx-cADpyr_L4UPC" in done.stdout
    assert "ProbGABAAB_EMS" in done.stdout


@pytest.mark.parametrize(
    ("n", "says"), [(9, "whole number from 10"), (FULL + 1, "neurons less"), (10.5, "whole number")]
)
def test_a_column_that_cannot_be_is_refused(n, says):
    with pytest.raises(CircuitError, match=says):
        column(n)


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(module, "installed_cells", dict)
    with pytest.raises(MissingError, match=r"pip install 'halfbrain\[cells\]'"):
        detailed_circuit("column", neurons=10)
