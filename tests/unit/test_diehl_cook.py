"""The learner of digits: it learns, is the same for the same seed, and goes on where it was cut."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bars import bars
from halfbrain.engine import checkpoint
from halfbrain.errors import RunError
from halfbrain.learning import diehl_cook, votes
from halfbrain.learning.diehl_cook import learn, resume
from halfbrain.learning.held import Held
from halfbrain.learning.mnist import Digits, load_mnist
from halfbrain.learning.order import order
from halfbrain.learning.schedule import Schedule
from halfbrain.learning.shown import Shown
from halfbrain.metering.ceilings import Ceilings
from halfbrain.report.learned import learned_document, print_learned

REAL = Path(os.environ.get("HALFBRAIN_DATA") or Path(__file__).parents[3] / "shared" / "data")
TINY = Schedule(20, seed=5, images=60, label_images=30, test_images=30, milliseconds=100)


@pytest.fixture(scope="module")
def digits():
    return Digits(*bars(200, 1), *bars(100, 2))


def figures(learned):
    """Of a document what does not depend on the machine."""
    document = learned.document()
    del document["wall_seconds"]
    for stage in document["stages"].values():
        del stage["wall_seconds"]
    return document


@pytest.fixture(scope="module")
def whole(digits):
    learned = learn(TINY, digits=digits)
    return figures(learned), learned.learner.connections(0).weights


def test_bars_are_learnt_without_labels(digits):
    schedule = Schedule(40, images=200, label_images=100, test_images=100, rate_hz=128.0)
    learned = learn(schedule, digits=digits)
    assert learned.accuracy > 0.7
    # Neurons that have not learnt are no better than chance with their labels.
    untaught = learn(replace(schedule, images=1), digits=digits)
    assert untaught.accuracy < learned.accuracy - 0.2


@pytest.mark.skipif(
    not any(REAL.glob("**/t10k-images-idx3-ubyte*")), reason="no MNIST: set HALFBRAIN_DATA"
)
def test_digits_are_learnt_from_a_few_hundred_images(monkeypatch):
    monkeypatch.setenv("HALFBRAIN_DATA", str(REAL))
    schedule = Schedule(50, images=500, label_images=250, test_images=250, rate_hz=128.0)
    learned = learn(schedule, digits=load_mnist())
    # Chance is 0.1; 250 images put it below 0.16 but for one time in a thousand.
    assert learned.accuracy > 0.35


def test_the_same_seed_learns_the_same_and_another_does_not(digits, whole):
    again = learn(TINY, digits=digits, progress=lambda *_: None)
    assert figures(again) == whole[0]
    np.testing.assert_array_equal(again.learner.connections(0).weights, whole[1])
    other = learn(replace(TINY, seed=6), digits=digits)
    assert figures(other)["stages"] != whole[0]["stages"]


@pytest.mark.parametrize(("stage", "at"), [("learning", 30), ("labelling", 10), ("testing", 20)])
def test_what_ctrl_c_cuts_short_goes_on_bit_for_bit(tmp_path, digits, whole, stage, at):
    def press(name, done, total, note):
        if (name, done) == (stage, at):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        learn(TINY, digits=digits, out=tmp_path / "c", progress=press)
    assert signal.getsignal(signal.SIGINT) is before
    told = []
    learned = resume(tmp_path / "c", digits=digits, progress=lambda *it: told.append(it[:2]))
    assert told[0] == (stage, at + 10)
    assert figures(learned) == whole[0]
    np.testing.assert_array_equal(learned.learner.connections(0).weights, whole[1])
    told.clear()  # and from its end nothing is left to do
    again = resume(tmp_path / "c", digits=digits, progress=lambda *it: told.append(it))
    assert figures(again) == whole[0]
    assert not told


def test_ctrl_c_while_an_image_is_shown_waits_for_its_end(digits):
    network, held = Shown(TINY), Held()
    run, presses = network.simulation.run, []

    def press(seconds):
        presses.append(seconds)
        if len(presses) == 1:  # as the engine does, which stops between two chunks of steps
            run(0.03)
            raise KeyboardInterrupt
        run(seconds)

    network.simulation.run = press
    with held:
        cut = network.show(digits.train_images[0], 0, held)
    assert held.pressed
    np.testing.assert_allclose(presses, [0.1, 0.07])
    np.testing.assert_array_equal(cut, Shown(TINY).show(digits.train_images[0], 0, Held()))


def test_a_crash_loses_what_came_after_the_last_checkpoint_only(tmp_path, digits, whole):
    def crash(name, done, total, note):
        if done == 40:
            raise MemoryError

    with pytest.raises(MemoryError):
        learn(TINY, digits=digits, out=tmp_path / "c", between=0.0, progress=crash)
    saved = checkpoint.load(tmp_path / "c")
    assert saved.notes["stages"]["learning"]["images"] == 39
    assert figures(resume(tmp_path / "c", digits=digits)) == whole[0]


def test_a_curve_goes_on_across_a_resume(tmp_path, digits, monkeypatch):
    monkeypatch.setattr(diehl_cook, "BLOCK", 20)

    def press(name, done, total, note):
        if (name, done) == ("learning", 50):
            os.kill(os.getpid(), signal.SIGINT)

    schedule = replace(TINY, images=210)
    whole = learn(schedule, digits=digits)
    with pytest.raises(KeyboardInterrupt):
        learn(schedule, digits=digits, out=tmp_path / "c", progress=press)
    resumed = resume(tmp_path / "c", digits=digits)
    assert [images for images, _ in whole.curve] == list(range(40, 201, 20))
    assert resumed.curve == whole.curve
    assert all(0 <= share <= 1 for _, share in whole.curve)


def test_a_network_that_learns_no_more_stays_as_it_is(digits):
    learner = Shown(TINY)
    for trial in range(20):
        learner.show(digits.train_images[trial], trial, Held())
    learner.finish(20)
    weights = learner.simulation.connections(0)
    sums = np.bincount(weights.targets, weights.weights, 20)
    np.testing.assert_allclose(sums, 78.4e-3, rtol=1e-5)
    theta = learner.simulation.state("E", "theta")
    assert (theta > 0).any()
    tester = Shown(TINY, learner)
    first = tester.show(digits.test_images[0], 7, Held())
    for trial in range(5):
        assert tester.show(digits.test_images[trial], trial, Held()).sum() > 0
    np.testing.assert_array_equal(tester.show(digits.test_images[0], 7, Held()), first)
    np.testing.assert_array_equal(tester.simulation.connections(0).weights, weights.weights)
    np.testing.assert_allclose(tester.simulation.state("E", "theta"), theta, rtol=1e-4)
    np.testing.assert_array_equal(learner.simulation.state("E", "theta"), theta)


def test_short_of_time_fewer_images_are_learnt_from(digits):
    learned = learn(TINY, digits=digits, budget_seconds=1e-3)
    assert learned.stages["learning"].images == 1
    assert learned.stages["testing"].images == 30


def test_the_document_adds_up_and_is_json(digits, capsys):
    learned = learn(TINY, digits=digits)
    each = {"float32": 1e9, "float64": 1e9}
    ceilings = Ceilings("a processor", 1, 10**9, each, each, each, 1e9, 1e10, 1e11, 1e8, 1e9, 10**6)
    document = json.loads(json.dumps(learned_document(learned, ceilings), allow_nan=False))
    confusion = np.array(document["confusion"])
    assert confusion.shape == (10, 11)
    assert confusion.sum() == 30
    assert np.trace(confusion) == document["votes"]["all_activity"]["right"]
    np.testing.assert_array_equal(
        confusion.sum(axis=1), np.bincount(digits.test_labels[:30], minlength=10)
    )
    low, high = document["votes"]["all_activity"]["p95"]
    assert 0 <= low <= document["accuracy"] <= high <= 1
    assert document["stages"]["learning"]["bio_seconds"] == pytest.approx(6.0)
    assert sum(document["labelled_neurons"]) <= 20
    # 784 sources at 63.75 Hz times their brightness, each onto 20 neurons; and 40 neurons' own.
    bright = digits.train_images[order(200, 5, 0)[:60]].mean() / 255
    pixels = 784 * 63.75 * bright * 6.0
    assert document["stages"]["learning"]["spikes"] == pytest.approx(pixels, rel=0.1)
    phases = {phase["name"]: phase for phase in document["phases"]["learning"]}
    assert phases["plasticity"]["events"] == pytest.approx(20 * pixels, rel=0.1)
    assert phases["between trials"]["flop"] == 61 * (2 * 784 * 20 + 20)
    assert document["learning_flop"] == sum(phase["flop"] for phase in phases.values())
    print_learned(Console(width=80), document)
    assert "test images (95 %:" in capsys.readouterr().out


def test_neurons_are_labelled_and_vote():
    responses = np.array([[4, 0, 1, 0], [2, 0, 1, 0], [0, 3, 1, 0], [0, 1, 3, 0]], np.uint16)
    labels = votes.label_neurons(responses, np.array([0, 0, 1, 2]), 4)
    assert labels.of.tolist() == [0, 1, 2, votes.NONE]
    np.testing.assert_allclose(labels.shares[2], [1 / 5, 1 / 5, 3 / 5, 0])
    shown = np.array([[1, 0, 0, 9], [0, 4, 5, 0], [0, 0, 0, 5], [0, 0, 0, 0]], np.uint16)
    assert votes.all_activity(shown, labels).tolist() == [0, 2, votes.NONE, votes.NONE]
    assert votes.proportion_weighting(shown[:1], labels).tolist() == [0]
    # 5 spikes of a neuron with 3/4 of its response for its class outweigh 6 of one with 3/5.
    heavier = np.array([[0, 5, 6, 0]], np.uint16)
    assert votes.all_activity(heavier, labels).tolist() == [2]
    assert votes.proportion_weighting(heavier, labels).tolist() == [1]
    table = votes.confusion(np.array([0, 1, 1]), np.array([0, 2, votes.NONE]), 4)
    assert table.sum() == 3
    assert table[0, 0] == table[1, 2] == table[1, 4] == 1


def test_a_class_with_more_neurons_has_no_more_say():
    labels = votes.Labels(np.array([0, 0, 0, 1]), np.eye(4)[[0, 0, 0, 1]])
    assert votes.all_activity(np.array([[2, 2, 2, 3]]), labels).tolist() == [1]


def test_the_interval_is_wilsons():
    # Newcombe 1998, table I: 81 of 263.
    assert votes.interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_orders_are_permutations_by_seed_and_epoch():
    one = order(1000, 3, 0)
    np.testing.assert_array_equal(np.sort(one), np.arange(1000))
    np.testing.assert_array_equal(one, order(1000, 3, 0))
    for other in (order(1000, 3, 1), order(1000, 4, 0), np.arange(1000)):
        assert (one == other).sum() < 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"neurons": 1}, "2 excitatory neurons at least, not 1"),
        ({"images": 0}, "images are 1 to 10,000,000, not 0"),
        ({"test_images": 10_001}, "test images are 1 to 10,000"),
        ({"milliseconds": 501}, "milliseconds are 1 to 500"),
        ({"images": 9_000_000}, "cannot be counted"),
        ({"rate_hz": float("nan")}, "a rate is above 0"),
        ({"inhibition": -1.0}, "inhibition is 0 to"),
    ],
)
def test_schedules_that_cannot_be_are_one_line(changes, message):
    with pytest.raises(RunError) as caught:
        Schedule(**changes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_resumed_is_one_line(tmp_path, digits):
    with pytest.raises(RunError, match="there is no folder"):
        learn(TINY, digits=digits, out=tmp_path / "none" / "c")
    with pytest.raises(RunError, match="no such checkpoint"):
        resume(tmp_path / "c", digits=digits)
    with pytest.raises(RunError, match="101 images to be shown once; there are 100"):
        learn(replace(TINY, test_images=101), digits=digits)
    checkpoint.save(tmp_path / "c", Shown(TINY).simulation, {})
    with pytest.raises(RunError, match="of a circuit's run, not of learning"):
        resume(tmp_path / "c", digits=digits)
    checkpoint.save(tmp_path / "c", Shown(TINY).simulation, {"kind": "learning"})
    with pytest.raises(RunError, match="another version"):
        resume(tmp_path / "c", digits=digits)

    def press(name, done, total, note):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        learn(TINY, digits=digits, out=tmp_path / "c", progress=press)
    fewer = Digits(digits.train_images[:99], digits.train_labels[:99], *bars(100, 2))
    with pytest.raises(RunError, match="learning from other images"):
        resume(tmp_path / "c", digits=fewer)
