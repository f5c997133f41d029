"""The picture of a run: what it shows, that nothing overlaps, and how mistakes are told."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from halfbrain.cli import main
from halfbrain.errors import HalfbrainError, RunError
from halfbrain.io import sonata_file as sonata
from halfbrain.recording.recorded import Recorded, Report
from halfbrain.recording.spikes import Spikes
from halfbrain.report import activity, activity_panels
from halfbrain.report.picture import style

DT = 1e-4
NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = dict(zip(NAMES, (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948), strict=True))
ONE_SPIKE = Spikes(np.array([5000]), np.array([17]), {"E": range(40)}, DT, 1.0)


def recorded(sizes, rate, seconds=1.0, reports=(), attributes=None, seed=1):
    generator = np.random.default_rng(seed)
    ends = np.cumsum([0, *sizes.values()])
    names = dict(zip(sizes, map(range, ends[:-1], ends[1:]), strict=True))
    count = generator.poisson(rate * ends[-1] * seconds)
    steps = np.sort(generator.integers(0, round(seconds / DT), count))
    neurons = generator.integers(0, ends[-1], count)
    return Recorded(Spikes(steps, neurons, names, DT, seconds), reports, attributes or {})


def voltage(population="E", variable="v", frames=5000, neurons=4):
    data = np.random.default_rng(3).normal(-60, 3, (frames, neurons)).astype(np.float32)
    return Report(population, variable, "mV", np.arange(neurons) * 5, 0.0, 2e-4, data)


def texts(figure):
    """All texts that show, with their places in pixels."""
    FigureCanvasAgg(figure).draw()
    renderer = figure.canvas.get_renderer()
    found = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.texts]
    for axes in figure.axes:
        own = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            own += [tick.label1 for tick in axis._update_ticks()]
        found += [
            (text.get_text(), text.get_window_extent(renderer))
            for text in own
            if text.get_text().strip() and text.get_visible()
        ]
    return found


MANY = {f"area {index} of the cortex": 50 + 500 * (index % 7 == 0) for index in range(60)}
CASES = {
    "one": recorded({"all": 4000}, 8),
    "two": recorded({"E": 3200, "I": 800}, 8, reports=(voltage(), voltage("I", "g", neurons=1))),
    "eight": recorded(SIZES, 3, attributes={"circuit": "microcircuit $1$"}),
    "many": recorded(MANY, 5, 0.5),
    "no spikes": recorded({"E": 320, "I": 80}, 0),
    "one spike": Recorded(ONE_SPIKE, (), {}),
    "one step": recorded({"E": 10}, 1000, DT),
    "long": recorded({"a\nb$x$" * 9: 3, "$": 2, "empty": 0}, 9, 900.0, [voltage("?" * 99)]),
    "nobody": Recorded(Spikes(np.empty(0, int), np.empty(0, int), {}, DT, 1.0), (), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_no_text_overlaps_another_or_leaves_the_picture(name, tmp_path):
    with style():
        figure = activity.draw(CASES[name])
        found = texts(figure)
        width, height = figure.canvas.get_width_height()
    assert len(found) > 5
    for text, place in found:
        assert place.x0 >= -1, text
        assert place.y0 >= -1, text
        assert place.x1 <= width + 1, text
        assert place.y1 <= height + 1, text
    for (first, a), (second, b) in itertools.combinations(found, 2):
        apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
        assert apart, f"{first!r} overlaps {second!r}"


def test_the_raster_shows_every_spike_where_it_was():
    spikes = Spikes(np.array([0, 2500, 9999]), np.array([0, 12, 9]),
                    {"E": range(10), "I": range(10, 14)}, DT, 1.0)  # fmt: skip
    raster = activity.draw(Recorded(spikes, (), {})).axes[0]
    assert [label.get_text() for label in raster.get_yticklabels()] == ["E  10", "I  4"]
    first, second = (line.get_xydata() for line in raster.lines)
    # Bands share the height by size, but none has less than four fifths of an even share.
    edge = (10 / 14) / (10 / 14 + 0.4)
    np.testing.assert_allclose(first, [[0, edge * 0.05], [0.9999, edge * 0.95]])
    np.testing.assert_allclose(second, [[0.25, edge + (1 - edge) * 2.5 / 4]])


def test_many_spikes_are_thinned_evenly_and_the_title_says_so():
    case = CASES["eight"]
    figure = activity.draw(case)
    shown = np.concatenate([line.get_xdata() for line in figure.axes[0].lines])
    assert len(shown) == activity_panels.POINTS
    per_tenth = np.histogram(shown, 10, (0, 1))[0]
    whole = np.histogram(case.spikes.steps * DT, 10, (0, 1))[0]
    np.testing.assert_allclose(per_tenth / len(shown), whole / whole.sum(), atol=1e-3)
    assert f"{len(case.spikes.steps):,} spikes (30,000 shown)" in figure.get_suptitle()
    assert "microcircuit $1$,  77,169 neurons" in figure.get_suptitle()


def test_thinning_does_not_beat_with_the_spikes():
    # Neurons fire in turn, 100 of them, and every 100th spike would be one neuron's.
    neurons = np.arange(3_000_000) % 100
    chosen = activity_panels._thinned(len(neurons))
    assert len(np.unique(chosen)) == 30_000
    counts = np.bincount(neurons[chosen], minlength=100)
    assert counts.min() > 200


def test_rates_and_histograms_are_those_of_the_window():
    steps = np.concatenate([np.arange(0, 5000, 100), np.arange(5000, 10_000, 500)])
    spikes = Spikes(np.repeat(steps, 2), np.tile([0, 1], 60), {"E": range(2)}, DT, 1.0)
    axes = activity.draw(Recorded(spikes, (), {}), 0.5, 1.0).axes
    assert axes[0].get_xlim() == (0.5, 1.0)
    times, rates = axes[1].lines[0].get_data()
    assert 0.5 < times[0] < times[-1] < 1.0
    assert rates.mean() == pytest.approx(20)
    rate, cv = axes[-2:]
    values, edges, _ = rate.patches[0].get_data()
    assert values.sum() == 100
    place = values.argmax()
    assert edges[place] < 20 < edges[place + 1]
    assert cv.patches[0].get_data().values[0] == 100  # regular: CV 0


def test_a_neuron_far_beyond_the_others_is_put_in_the_last_bin():
    trains = [np.arange(0, 10_000, 1000)] * 999 + [np.arange(0, 10_000, 20)]
    neurons = np.repeat(np.arange(1000), [len(train) for train in trains])
    steps = np.concatenate(trains)
    order = np.argsort(steps, kind="stable")
    spikes = Spikes(steps[order], neurons[order], {"E": range(1000)}, DT, 1.0)
    rate = activity.draw(Recorded(spikes, (), {})).axes[-2]
    values, edges, _ = rate.patches[0].get_data()
    assert edges[-1] < 15
    assert values[-1] == pytest.approx(0.1)
    assert "or more" in rate.get_xlabel()


def test_states_keep_their_extremes():
    data = np.full((100_000, 2), -70, np.float32)
    data[12_345] = 30
    report = Report("E", "v", "mV", np.array([4, 8]), 0.0, 1e-5, data)
    with style():
        axes = activity.draw(recorded({"E": 10}, 5, reports=(report,))).axes[2]
    for line in axes.lines:
        time, state = line.get_data()
        assert len(time) <= 2500
        assert time[state.argmax()] == pytest.approx(0.12345)
        assert state.max() == 30
    assert axes.get_ylabel() == "v (mV)"
    assert axes.get_title(loc="left") == "E, neurons 4, 8"


def test_states_outside_the_window_are_said_to_be():
    late = activity.draw(recorded({"E": 10}, 5, 2.0, (voltage(),)), 1.5)
    assert late.axes[2].texts[0].get_text() == "nothing recorded here"
    many = activity.draw(recorded({"E": 10}, 5, 1.0, (voltage(),) * 9))
    assert "3 more recordings not shown" in many.get_suptitle()


@pytest.mark.parametrize(
    ("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_the_same_run_gives_the_same_file(suffix, magic, tmp_path):
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix.upper()}"
    for path in (first, second):
        activity.write(CASES["two"], path)
    assert first.read_bytes().startswith(magic)
    assert first.read_bytes() == second.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_mistakes_leave_the_old_picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(RunError, match="there is nothing"):
        activity.write(CASES["one"], path, 2.0)
    with pytest.raises(HalfbrainError, match=r"ends in \.png, \.svg or \.pdf"):
        activity.write(CASES["one"], tmp_path / "a.gif")
    with pytest.raises(HalfbrainError, match="cannot write"):
        activity.write(CASES["one"], tmp_path / "no" / "a.png")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"old"]


def test_the_command_draws_a_file(tmp_path):
    spikes = CASES["two"].spikes
    sonata.write(tmp_path / "run.h5", spikes, spikes.populations, DT, 1.0, [voltage()])
    found = subprocess.run(
        [sys.executable, "-m", "halfbrain", "plot", "run.h5"],
        cwd=tmp_path, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONWARNINGS": "error::ResourceWarning"},
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (0, "The picture: run.png\n"), found.stderr
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_tells_mistakes_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    spikes = CASES["two"].spikes
    sonata.write(tmp_path / "run.h5", spikes, spikes.populations, DT, 1.0)
    (tmp_path / "run.png").write_bytes(b"no recording")

    def plot(*arguments):
        monkeypatch.setattr(sys, "argv", ["halfbrain", "plot", *arguments])
        main()

    plot("run.h5", "--from", "0.2", "--to", "0.4", "--out", "cut.svg")
    assert "<!-- E  3,200 -->" in (tmp_path / "cut.svg").read_text("utf-8")
    assert capsys.readouterr().out == "The picture: cut.svg\n"
    for arguments, message in [
        (["none.h5"], "none.h5: there is no such file"),
        (["run.png", "--out", "a.png"], "run.png: is no HDF5 file"),
        (["run.h5", "--out", "a.gif"], "a.gif: a picture's name ends in .png, .svg or .pdf"),
        (["run.h5", "--out", "no/a.png"], "--out no/a.png: there is no folder no"),
        (["run.h5", "--from", "1", "--out", "b.png"], "from 1 s to the end there is nothing"),
        (
            ["run.h5", "--from", "0.5", "--to", "0.5", "--force"],
            "from 0.5 s to 0.5 s there is nothing",
        ),
        (["run.h5"], "--out run.png: is there already; --force writes over it"),
        (["run.h5", "--from", "soon"], "--from"),
        (["run.png"], "run.png: is read by this command"),
    ]:
        with pytest.raises(SystemExit) as caught:
            plot(*arguments)
        out, err = capsys.readouterr()
        assert (caught.value.code, out) == (2, ""), arguments
        assert len(err.splitlines()) == 1, err
        assert message in err
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cut.svg", "run.h5", "run.png"]
