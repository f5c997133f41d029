"""SONATA's currents of each kind, files of currents, replays, and which nodes are simulated."""

import json
import math

import h5py
import numpy as np
import pytest

from halfbrain.circuits.detailed.circuit import Clamp
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.io.sonata import read_sonata
from halfbrain.io.sonata.config import read_config
from halfbrain.io.sonata.inputs import read_inputs
from halfbrain.io.sonata.node_sets import NodeSets
from halfbrain.io.sonata.nodes import read_nodes
from halfbrain.io.sonata.waves import shots_of
from test_sonata_mixed import TIMES, changed, network  # noqa: F401

LEVEL = {"delay": 10.0, "duration": 40.0}


@pytest.fixture
def inputs_of(tmp_path):
    """A function that reads an input onto two cells that have currents of their own."""
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        group = file.create_group("nodes/cells")
        group["node_type_id"] = np.full(2, 1)
        group["0/dynamics_params/threshold_current"] = [0.2, 0.4]
        group["0/dynamics_params/holding_current"] = [-0.05, 0.01]
        group["0/dynamics_params/input_resistance"] = [100.0, 50.0]
    (tmp_path / "types.csv").write_text("node_type_id model_type\n1 biophysical\n")
    (tmp_path / "places.json").write_text(
        '{"tuft": {"population": "cells", "compartment_set": [[1, 4, 0.25], [1, 7, 0.5]]}}'
    )

    def read(tstop=100.0, **given):
        document = {
            "run": {"tstop": tstop, "random_seed": 5},
            "networks": {"nodes": [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}]},
            "compartment_sets_file": "places.json",
            "inputs": {"one": {"input_type": "current_clamp"} | given},
        }
        (tmp_path / "simulation_config.json").write_text(json.dumps(document))
        config = read_config(tmp_path / "simulation_config.json")
        return read_inputs(config, NodeSets(config, read_nodes(config)))

    return read


@pytest.mark.parametrize(
    ("given", "times", "first", "second"),
    [
        ({"module": "linear", "amp_start": 0.1, "amp_end": 0.3}, [9, 10, 20, 30, 50],
         [0, 0.1, 0.15, 0.2, 0], [0, 0.1, 0.15, 0.2, 0]),
        ({"module": "relative_linear", "percent_start": 200}, [9, 10, 49, 50],
         [0, 0.4, 0.4, 0], [0, 0.8, 0.8, 0]),
        ({"module": "relative_linear", "percent_start": 0, "percent_end": 100}, [20, 40],
         [0.05, 0.15], [0.1, 0.3]),
        ({"module": "subthreshold", "percent_less": 20}, [10, 50], [0.16, 0], [0.32, 0]),
        ({"module": "hyperpolarizing"}, [10, 49.9, 50], [-0.05, -0.05, 0], [0.01, 0.01, 0]),
        ({"module": "pulse", "amp_start": 2.0, "width": 5, "frequency": 80},
         [9.9, 10, 14.9, 15, 22.4, 22.5, 47.5, 49.9, 50], [0, 2, 2, 0, 0, 2, 2, 2, 0],
         [0, 2, 2, 0, 0, 2, 2, 2, 0]),
        ({"module": "sinusoidal", "amp_start": 0.5, "frequency": 50}, [10, 15, 25, 50.1],
         [0, 0.5, -0.5, 0], [0, 0.5, -0.5, 0]),
    ],
)  # fmt: skip
def test_patterns_are_what_they_say(inputs_of, given, times, first, second):
    (form,) = inputs_of(**LEVEL, **given).waveforms
    for node, expected in enumerate((first, second)):
        wave = form.waves[node % len(form.waves)]
        assert wave.at(np.array(times, float)).tolist() == pytest.approx(expected, abs=1e-9)


def drawn(inputs_of, length, **given):
    """The numbers of a random input onto the second node, after its transient."""
    with pytest.warns(HalfbrainWarning, match="in law, not in number"):
        inputs = inputs_of(tstop=1e6, delay=0.0, duration=length, **given)
    (form,) = inputs.waveforms
    return form.waves[1].values[400:-2], form


def test_an_ornstein_uhlenbeck_process_has_its_moments(inputs_of):
    given = {"module": "ornstein_uhlenbeck", "tau": 2.8, "sigma": 0.15, "mean": 0.6, "dt": 0.25}
    numbers, form = drawn(inputs_of, 40_000.0, **given)
    assert numbers.mean() == pytest.approx(0.6, abs=0.005)
    assert numbers.std() == pytest.approx(0.15, rel=0.02)
    later = np.corrcoef(numbers[:-8], numbers[8:])[0, 1]
    assert later == pytest.approx(math.exp(-2 / 2.8), abs=0.02)
    again, _ = drawn(inputs_of, 40_000.0, **given)
    assert np.array_equal(numbers, again)
    assert form.waves[0].values[100] != form.waves[1].values[100]
    conductance = given | {"input_type": "conductance", "mean": 0.0, "reversal": -70.0}
    numbers, form = drawn(inputs_of, 40_000.0, **conductance)
    assert form.reversal == -70
    assert numbers.min() == 0
    relative = {"module": "relative_ornstein_uhlenbeck", "mean_percent": 30, "sd_percent": 10}
    numbers, _ = drawn(inputs_of, 40_000.0, tau=5.0, **relative)
    assert numbers.mean() == pytest.approx(0.12, abs=0.003)
    assert numbers.std() == pytest.approx(0.04, rel=0.03)
    relative |= {"input_type": "conductance"}
    numbers, _ = drawn(inputs_of, 40_000.0, tau=5.0, **relative)
    assert numbers.mean() == pytest.approx(0.3 / 50, rel=0.03)


def test_shot_noise_has_its_moments(inputs_of):
    """By Campbell's theorem, of events with the shape of two exponentials of peak 1."""
    shape = {"rise_time": 0.4, "decay_time": 4.0, "dt": 0.1}
    peak = math.log(10) / (1 / 0.4 - 1 / 4)
    height = math.exp(-peak / 4) - math.exp(-peak / 0.4)
    rate, mean, variance = 2.0, 0.04, 0.0016  # events a ms, nA
    numbers, _ = drawn(
        inputs_of, 40_000.0, module="shot_noise", rate=2000, amp_mean=mean, amp_var=variance,
        **shape,
    )  # fmt: skip
    assert numbers.mean() == pytest.approx(rate * mean * 3.6 / height, rel=0.03)
    squares = 4 / 2 + 0.4 / 2 - 2 * 4 * 0.4 / 4.4
    expected = rate * (variance + mean**2) * squares / height**2
    assert numbers.var() == pytest.approx(expected, rel=0.06)
    numbers, _ = drawn(
        inputs_of, 40_000.0, module="relative_shot_noise", mean_percent=50, sd_percent=10, **shape
    )
    assert numbers.mean() == pytest.approx(0.2, rel=0.03)
    assert numbers.std() == pytest.approx(0.04, rel=0.06)
    # As BlueCelluLab works them out of the same five numbers.
    assert shots_of(40e-3, 16e-3, 0.4, 4.0, 0.63) == pytest.approx(
        (1919.533169533169, 0.004033604081295602, 2.7702908073854192e-05), rel=1e-9
    )


def test_noise_is_relative_to_the_threshold_and_begins_at_0(inputs_of):
    given = {"module": "noise", "mean_percent": 200, "variance": 0.01}
    numbers, _ = drawn(inputs_of, 20_000.0, **given)
    assert numbers.mean() == pytest.approx(0.8, abs=0.002)
    assert numbers.var() == pytest.approx(4e-5, rel=0.05)
    with pytest.warns(HalfbrainWarning):
        (form,) = inputs_of(delay=10.0, duration=20.0, **given).waveforms
    assert form.waves[0].times[[0, 1]].tolist() == [10.0, 10.5]
    assert form.waves[0].values[0] == 0


def test_a_voltage_clamp_is_a_conductance_to_each_level(inputs_of):
    forms = inputs_of(
        input_type="voltage_clamp", module="seclamp", voltage=-70.0, series_resistance=0.5,
        duration_levels=[10.0, 5.0], voltage_levels=[-20.0], **LEVEL,
    ).waveforms  # fmt: skip
    assert [form.reversal for form in forms] == [-70, -20]
    (first, second) = (form.waves[0] for form in forms)
    assert first.at(np.array([9.9, 10.0, 19.9, 20.0])).tolist() == [0, 2, 2, 0]
    assert second.at(np.array([19.9, 20.0, 24.9, 25.0])).tolist() == [0, 2, 2, 0]


def test_a_sweep_of_the_allen_institute_is_played(inputs_of, tmp_path):
    with h5py.File(tmp_path / "cell.nwb", "w") as file:
        series = file.create_group("epochs/Sweep_35/stimulus/timeseries")
        series["data"] = np.arange(100) * 1e-12
        series["starting_time"] = 0.0
        series["starting_time"].attrs["rate"] = 10_000.0
    given = {"input_type": "nwb", "module": "IClamp", "file": "cell.nwb", "sweep_id": 35}
    (form,) = inputs_of(**given).waveforms
    at = np.array([0.05, 0.15, 9.95, 10.0])
    assert form.waves[0].at(at).tolist() == pytest.approx([0, 0.001, 0.099, 0])
    (form,) = inputs_of(**given, downsample=0.5, sweep_window=[1.0, 8.0]).waveforms
    assert form.waves[0].at(np.array([0.1, 0.6])).tolist() == pytest.approx([0.01, 0.015])
    with pytest.raises(HalfbrainError, match=r"cell.nwb: has no sweep 'Sweep_36'"):
        inputs_of(**given | {"sweep_id": "36"})


def test_the_last_current_of_a_table_lasts_as_long_as_the_one_before(inputs_of, tmp_path):
    (tmp_path / "steps.csv").write_text("timestamps amps\n0 0.0\n50 0.1\n100 0.2\n")
    with pytest.warns(HalfbrainWarning, match="its last current ends at 150 ms"):
        inputs = inputs_of(input_type="csv", module="IClamp", file="steps.csv")
    assert [(c.start, c.duration) for c in inputs.clamps] == [(0, 50), (50, 50), (100, 50)]


def test_a_compartment_set_says_where(inputs_of):
    (form,) = inputs_of(module="linear", amp_start=0.1, compartment_set="tuft", **LEVEL).waveforms
    assert form.neurons.tolist() == [1, 1]
    assert form.sections.tolist() == [4, 7]
    assert form.positions.tolist() == [0.25, 0.5]
    assert not inputs_of(module="linear", amp_start=0.1, **LEVEL).waveforms
    (clamp,) = inputs_of(module="linear", amp_start=0.1, **LEVEL).clamps
    assert isinstance(clamp, Clamp)
    assert clamp.amplitude.tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"module": "noise", "variance": 1, "mean": 0, "duration": -1}, "one.duration: must be"),
        ({"module": "shot_noise", "rise_time": 4, "decay_time": 1}, "decay_time: is above rise"),
        ({"module": "pulse", "amp_start": 1, "frequency": 0}, "one.frequency: must be above 0"),
        ({"module": "extracellular"}, "'extracellular' is not read of current_clamp; IClamp, lin"),
        ({"module": "pulse", "input_type": "conductance", "amp_start": 1, "width": 1,
          "frequency": 1}, "pulse is no conductance that is read"),
        ({"module": "linear", "compartment_set": "roots"}, "no compartment set 'roots'; there are"),
        ({"input_type": "voltage_clamp", "module": "vclamp"}, "'vclamp' is not read; seclamp is"),
        ({"module": "linear", "amp_start": 1, "section_dist": 0.9}, "the soma's middle only"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
def test_a_mistake_is_one_line(inputs_of, given, said):
    with pytest.raises(HalfbrainError) as caught:
        inputs_of(**LEVEL | given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_that_an_input_does_not_read_is_said(inputs_of):
    with pytest.warns(HalfbrainWarning, match=r"inputs.one.amp_stop: is not read"):
        inputs_of(module="linear", amp_start=0.1, amp_stop=0.3, **LEVEL)


def test_spikes_are_played_again_to_some_edges(network):  # noqa: F811
    """The first cell's spikes of an earlier run, in place of its own: the third fires after."""
    folder = network.parent
    with h5py.File(folder / "before.h5", "w") as file:
        file["spikes/cells/timestamps"] = [4.0, 20.0]
        file["spikes/cells/node_ids"] = [0, 0]

    def replay(document):
        document["inputs"] = {
            "again": {
                "input_type": "replay_spikes",
                "module": "replay",
                "spikes_file": "before.h5",
                "edges": {"edges_file": "edges.h5", "edge_types_file": "edges.csv"},
            }
        }
        document["networks"]["edges"] = []

    loaded = read_sonata(changed(network, replay))
    assert [p.source for p in loaded.circuit.projections] == ["cells.again"]
    built = CableGroup(loaded.circuit, threads=1)
    built.run(0.03)
    spikes = built.spikes
    assert (spikes.steps.tolist(), spikes.neurons.tolist()) == ([60, 220], [2, 2])


def test_some_neurons_are_active_at_given_times(network):  # noqa: F811
    def active(document):
        document["inputs"]["active"] = {
            "input_type": "syn_activity",
            "module": "syn_activity",
            "precell_filter": {"population": "cells", "node_id": 0},
            "timestamps": [5.0, 15.0],
        }

    loaded = read_sonata(changed(network, active))
    built = CableGroup(loaded.circuit, threads=1)
    built.run(0.03)
    times, neurons = built.simulation.spikes()
    assert times[neurons == 2].tolist() == pytest.approx([7.0, 17.0])  # and not after the first's
    assert times[neurons == 0].tolist() == pytest.approx([TIMES[2] + 2, TIMES[6] + 2])


def test_a_simulation_of_some_populations_leaves_out_the_rest(network):  # noqa: F811
    with h5py.File(network.parent / "nodes_full.h5", "a") as file:
        file["nodes/others/node_type_id"] = np.full(2, 7)
    loaded = read_sonata(changed(network, lambda d: d.update(node_set={"population": "cells"})))
    assert [p.name for p in loaded.circuit.populations] == ["cells", "outside"]
    loaded = read_sonata(changed(network, lambda d: d.update(node_set={"population": "others"})))
    assert [p.name for p in loaded.circuit.populations] == ["others", "outside"]
    assert loaded.circuit.projections == ()
    for chosen, said in (
        ({"population": "cells", "node_id": [0]}, "node_set: takes 1 of the 3 nodes of cells"),
        ({"population": "outside"}, "node_set: takes no neurons"),
    ):
        with pytest.raises(HalfbrainError, match=said):
            read_sonata(changed(network, lambda d, own=chosen: d.update(node_set=own)))
