"""SONATA files, written and read; by libsonata too; and Neo."""

import subprocess
import sys
import textwrap

import h5py
import libsonata
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halfbrain.errors import RunError
from halfbrain.io import sonata_file as sonata
from halfbrain.io.neo_block import to_neo
from halfbrain.recording.recorded import Report
from halfbrain.recording.spike_log import SpikeLog
from halfbrain.recording.spikes import Spikes

POPULATIONS = {
    "none": range(0, 0),
    "L4E": range(0, 30),
    "silent": range(30, 34),
    "L4I": range(34, 44),
}
DT, SECONDS = 1e-4, 2.0


def sample(count=5000, seed=1):
    generator = np.random.default_rng(seed)
    steps = np.sort(generator.integers(0, 20_000, count))
    neurons = generator.choice([*range(30), *range(34, 44)], count)
    order = np.lexsort((neurons, steps))
    return Spikes(steps[order], neurons[order].astype(np.int64), POPULATIONS, DT, SECONDS)


def reports(frames=200):
    v = np.random.default_rng(2).normal(-60, 5, (frames, 3)).astype(np.float32)
    neurons = np.array([2, 5, 29])
    return (
        Report("L4E", "v", "mV", neurons, 0.5, 0.001, v),
        Report("L4E", "w", "pA", neurons[:1], 0.5, 0.001, v[:, :1] * 2),
        Report("L4I", "v", "mV", neurons[:2], 0.0, 0.0001, v[:, 1:]),
    )


def names(folder):
    return [path.name for path in folder.iterdir()]


def same(a, b):
    np.testing.assert_array_equal(a.steps, b.steps)
    np.testing.assert_array_equal(a.neurons, b.neurons)
    assert a.steps.dtype == b.neurons.dtype == np.int64
    assert (dict(a.populations), a.dt, a.seconds) == (dict(b.populations), b.dt, b.seconds)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.h5"
    sonata.write(
        path, sample(), POPULATIONS, DT, SECONDS, reports(), {"circuit": "test", "seed": 2**63}
    )
    return path


def test_what_is_written_is_read(file):
    found = sonata.read(file)
    same(found.spikes, sample())
    assert found.attributes == {"circuit": "test", "seed": 2**63}
    assert len(found.reports) == 3
    by_name = {(report.population, report.variable): report for report in found.reports}
    for expected in reports():
        report = by_name[expected.population, expected.variable]
        np.testing.assert_array_equal(report.data, expected.data)
        np.testing.assert_array_equal(report.neurons, expected.neurons)
        assert report.unit == expected.unit
        assert report.start == pytest.approx(expected.start)
        assert report.step == pytest.approx(expected.step)
    assert names(file.parent) == ["run.h5"]


def test_a_log_gives_the_same_bytes_as_spikes_and_twice_the_same(tmp_path, file, monkeypatch):
    monkeypatch.setattr("halfbrain.io.sonata_file.CHUNK", 777)
    spikes = sample()
    with SpikeLog(tmp_path / "log") as log:
        log.append(spikes.steps, spikes.neurons)
        arguments = (POPULATIONS, DT, SECONDS, reports(), {"circuit": "test", "seed": 2**63})
        sonata.write(tmp_path / "b.h5", log, *arguments)
    sonata.write(tmp_path / "c.h5", spikes, *arguments)
    assert (tmp_path / "b.h5").read_bytes() == file.read_bytes()
    same(sonata.read(tmp_path / "c.h5").spikes, spikes)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 43)), max_size=40),
    st.sampled_from([1e-4, 1e-3, 0.025e-3, 1 / 8192, 1 / 3e4]),
)
def test_any_spikes_come_back_step_for_step(tmp_path, pairs, dt):
    pairs.sort()
    steps = np.array([step for step, _ in pairs], np.int64)
    neurons = np.array([neuron for _, neuron in pairs], np.int64)
    spikes = Spikes(steps, neurons, POPULATIONS, dt, 10**9 * dt)
    sonata.write(tmp_path / "any.h5", spikes, POPULATIONS, dt, spikes.seconds)
    same(sonata.read(tmp_path / "any.h5").spikes, spikes)


def test_libsonata_reads_the_spikes(file):
    reader = libsonata.SpikeReader(str(file))
    assert set(reader.get_population_names()) == set(POPULATIONS)
    spikes = sample()
    for name in ("L4E", "L4I"):
        times, neurons = spikes.of(name)
        population = reader[name]
        assert population.sorting == "by_time"
        assert population.time_units == "ms"
        ids, stamps = zip(*population.get(), strict=True)
        np.testing.assert_array_equal(ids, neurons)
        np.testing.assert_allclose(stamps, times * 1e3, rtol=1e-12)
        assert len(population.get(node_ids=[3], tstart=500, tstop=1000)) == np.count_nonzero(
            (neurons == 3) & (times >= 0.5 - 1e-9) & (times <= 1.0 + 1e-9)
        )
    assert reader["silent"].get() == []


def test_libsonata_reads_the_reports(file):
    reader = libsonata.SomaReportReader(str(file))
    assert set(reader.get_population_names()) == {"L4E", "L4E.w", "L4I"}
    v, w, inhibitory = reports()
    for name, expected in [("L4E", v), ("L4E.w", w), ("L4I", inhibitory)]:
        population = reader[name]
        assert population.data_units == expected.unit
        assert population.time_units == "ms"
        assert population.sorted
        start, stop, step = population.times
        assert (start, step) == pytest.approx((expected.start * 1e3, expected.step * 1e3))
        assert stop == pytest.approx(start + 200 * step)
        frame = population.get()
        np.testing.assert_array_equal(frame.ids, expected.neurons)
        np.testing.assert_array_equal(frame.data, expected.data)
        assert len(frame.times) == 200
    elements = libsonata.ElementReportReader(str(file))["L4E"]
    assert elements.get(node_ids=[5]).data.shape == (200, 1)


def test_spikes_out_of_order_are_not_called_sorted(tmp_path):
    spikes = Spikes(np.array([9, 3, 5]), np.array([1, 1, 40]), POPULATIONS, DT, SECONDS)
    sonata.write(tmp_path / "a.h5", spikes, POPULATIONS, DT, SECONDS)
    reader = libsonata.SpikeReader(str(tmp_path / "a.h5"))
    assert (reader["L4E"].sorting, reader["L4I"].sorting) == ("none", "by_time")
    assert sonata.read(tmp_path / "a.h5").spikes.steps.tolist() == [3, 5, 9]


def test_no_spikes_at_all(tmp_path):
    none = np.empty(0, np.int64)
    spikes = Spikes(none, none, POPULATIONS, DT, 0.0)
    empty = Report("L4E", "v", "mV", none, 0.0, 0.001, np.empty((0, 0), np.float32))
    sonata.write(tmp_path / "a.h5", spikes, POPULATIONS, DT, 0.0, [empty])
    found = sonata.read(tmp_path / "a.h5")
    same(found.spikes, spikes)
    assert found.reports[0].data.shape == (0, 0)


def test_names_that_hdf5_cannot_hold_are_one_line_and_leave_nothing(tmp_path):
    for name in ("a/b", "", ".", "a\0b"):
        with pytest.raises(RunError, match="no SONATA file can hold this name") as caught:
            sonata.write(tmp_path / "a.h5", sample(0), {name: range(44)}, DT, SECONDS)
        assert "\n" not in str(caught.value)
    twice = (reports()[0], reports()[0], reports()[0])
    with pytest.raises(RunError, match=r"two reports would be called 'L4E\.v'"):
        sonata.write(tmp_path / "a.h5", sample(0), POPULATIONS, DT, SECONDS, twice)
    with pytest.raises(RunError, match="cannot write"):
        sonata.write(tmp_path / "no" / "a.h5", sample(0), POPULATIONS, DT, SECONDS)
    assert names(tmp_path) == []


def test_a_failed_write_leaves_the_old_file(file, monkeypatch):
    before = file.read_bytes()
    monkeypatch.setattr("halfbrain.io.sonata_file._write_report", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sonata.write(file, sample(), POPULATIONS, DT, SECONDS, reports())
    assert file.read_bytes() == before
    assert names(file.parent) == ["run.h5"]
    with pytest.raises(ValueError, match="in no population"):
        sonata.write(file, sample(), {"L4E": range(30)}, DT, SECONDS)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
@pytest.mark.parametrize("what", ["spikes", "states"])
def test_a_full_disk_is_one_line_and_no_crash(tmp_path, what):
    program = """
        import resource, sys
        from pathlib import Path
        import numpy as np
        from halfbrain.io import sonata_file as sonata
        from halfbrain.recording import recorded, spikes
        from halfbrain.errors import RunError
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        n = 100_000 if sys.argv[2] == "spikes" else 0
        fired = spikes.Spikes(np.arange(n), np.zeros(n, int), {"a": range(1)}, 1e-4, 10.0)
        data = np.zeros((1000, 0 if n else 100), np.float32)
        neurons = np.arange(data.shape[1])
        report = recorded.Report("a", "v", "mV", neurons, 0.0, 1e-3, data)
        try:
            sonata.write(Path(sys.argv[1]), fired, fired.populations, 1e-4, 10.0, [report])
        except RunError as error:
            print(error)
    """
    path = tmp_path / "run.h5"
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path), what],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == f"cannot write {path}: File too large\n"
    assert names(tmp_path) == []


def test_files_of_another_kind_are_one_line(tmp_path, file):
    whole = file.read_bytes()
    for length in (0, 1, 100, len(whole) // 4, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.h5").write_bytes(whole[:length])
        with pytest.raises(RunError, match=r"cut\.h5") as caught:
            sonata.read(tmp_path / "cut.h5")
        assert "\n" not in str(caught.value)
    (tmp_path / "text.h5").write_text("spikes")
    with pytest.raises(RunError, match="is no HDF5 file"):
        sonata.read(tmp_path / "text.h5")
    with pytest.raises(RunError, match="there is no such file"):
        sonata.read(tmp_path / "none.h5")
    with pytest.raises(RunError, match="cannot read"):
        sonata.read(tmp_path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("spikes", None, "/spikes is missing"),
        ("spikes/L4E/timestamps", None, "/spikes/L4E/timestamps is missing"),
        ("spikes/L4E/node_ids", None, "/spikes/L4E/node_ids is missing"),
        ("spikes/L4E/node_ids", np.zeros(3, np.uint64), "5,000|times and 3 neurons"),
        ("spikes/L4E/node_ids", np.zeros((3, 2)), r"is of shape \(3, 2\)"),
        ("spikes/L4E/node_ids", "text", "is of shape"),
        ("spikes/L4E", np.zeros(3), "/spikes/L4E is missing"),
        ("report/L4I/data", None, "/report/L4I/data is missing"),
        ("report/L4I/data", np.zeros((4, 9)), "has 9 columns, not 2"),
        ("report/L4I/mapping", None, "mapping/node_ids is missing"),
        ("report/L4I/mapping/time", np.array([0.0, 1.0]), "not start, stop and step"),
        ("report/L4I/mapping/time", np.array([0.0, np.nan, 1.0]), "not start, stop and step"),
    ],
)
def test_whatever_is_missing_is_named(file, place, value, message):
    with h5py.File(file, "r+") as opened:
        del opened[place]
        if value is not None:
            opened[place] = value
    with pytest.raises(RunError, match=message):
        sonata.read(file)


@pytest.mark.parametrize(
    ("place", "name", "value", "message"),
    [
        ("/", "dt", None, "attribute 'dt' of / is missing"),
        ("/", "dt", 0.0, "attribute 'dt' of / is '0.0'"),
        ("/", "dt", "soon", "is 'soon'"),
        ("/", "seconds", np.nan, "is 'nan'"),
        ("/", "seconds", 0.1, "leaves the recording of 0.1 s"),
        ("/spikes/L4E", "size", 7, "leaves the population of 7 neurons"),
        ("/spikes/L4E", "size", 2**40, "attribute 'size'"),
        ("/spikes/L4E", "first_neuron", None, "'first_neuron' of /spikes/L4E is missing"),
        ("/spikes/L4E/timestamps", "units", "s", "is in 's', not in 'ms'"),
        ("/spikes/L4E/timestamps", "units", None, "'units' of /spikes/L4E/timestamps is missing"),
    ],
)
def test_attributes_are_checked(file, place, name, value, message):
    with h5py.File(file, "r+") as opened:
        del opened[place].attrs[name]
        if value is not None:
            opened[place].attrs[name] = value
    with pytest.raises(RunError, match=message):
        sonata.read(file)


def test_neo_has_the_same_spikes_and_signals():
    spikes = sample()
    block = to_neo(spikes, reports())
    (segment,) = block.segments
    assert len(segment.spiketrains) == 44
    assert [group.name for group in block.groups] == list(POPULATIONS)
    for group in block.groups:
        times, neurons = spikes.of(group.name)
        assert len(group.spiketrains) == len(POPULATIONS[group.name])
        for neuron, train in enumerate(group.spiketrains):
            assert train.annotations == {"population": group.name, "neuron": neuron}
            np.testing.assert_array_equal(train.rescale("s").magnitude, times[neurons == neuron])
            assert float(train.t_stop.rescale("s")) == SECONDS
    v, w, _ = segment.analogsignals
    assert v.units.dimensionality.string == "mV"
    assert w.units.dimensionality.string == "pA"
    np.testing.assert_allclose(v.times.rescale("s").magnitude, 0.5 + 0.001 * np.arange(200))
    np.testing.assert_array_equal(v.magnitude, reports()[0].data)
    assert v.array_annotations["neurons"].tolist() == [2, 5, 29]


def test_a_unit_from_a_file_is_never_run_as_code(tmp_path):
    canary = tmp_path / "canary"
    for unit in (f"__import__('pathlib').Path({str(canary)!r}).touch()", "set_default_units", "1"):
        report = Report("L4E", "v", unit, np.arange(1), 0.0, 1e-3, np.zeros((3, 1), np.float32))
        (signal_,) = to_neo(sample(10), [report]).segments[0].analogsignals
        assert signal_.units.dimensionality.string == "dimensionless"
        assert signal_.annotations["unit"] == unit
    assert not canary.exists()
