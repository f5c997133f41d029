"""Digits learnt by spikes alone: Diehl and Cook 2015, doi 10.3389/fncom.2015.00099.

Images are shown one after the other; plasticity and thresholds do the rest. Then both are held
fixed, neurons are labelled by what they respond to, and the network names images it never saw.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine import checkpoint
from halfbrain.errors import RunError
from halfbrain.learning import votes
from halfbrain.learning.held import Held
from halfbrain.learning.learned import Learned, Stage
from halfbrain.learning.mnist import CLASSES, Digits, load_mnist
from halfbrain.learning.order import order
from halfbrain.learning.schedule import Schedule
from halfbrain.learning.shown import Shown

Told = Callable[[str, int, int, str], object]
BLOCK = 1000  # images after which the curve has a point
CHECKPOINT_SECONDS = 30.0
_KIND = "learning"


def learn(
    schedule: Schedule | None = None,
    *,
    digits: Digits | None = None,
    out: Path | None = None,
    budget_seconds: float | None = None,
    between: float = CHECKPOINT_SECONDS,
    progress: Told = lambda stage, done, total, note: None,
) -> Learned:
    """Learn, label and test.

    Parameters
    ----------
    schedule
        default: 400 neurons, each training image once.
    digits
        default: MNIST.
    out
        where to keep a checkpoint, every ``between`` wall seconds, when Ctrl-C is pressed and at
        the end; who has kept the result removes it.
    budget_seconds
        wall time after which learning ends early, so that labelling and testing end within it;
        what is learnt then depends on the machine.
    progress
        told the stage, the images done, those to be done, and a note.

    Raises
    ------
    DataError
        if MNIST is not to be had.
    RunError
        if the checkpoint cannot be written, or a schedule is for more images than there are.
    KeyboardInterrupt
        on Ctrl-C, once the checkpoint is written.
    """
    schedule = schedule or Schedule()
    if out is not None and not out.parent.is_dir():
        raise RunError(f"{out}: there is no folder {out.parent}")
    work = _Work(schedule, digits or load_mnist(), out, between, progress)
    return work.go(budget_seconds)


def resume(
    out: Path,
    *,
    digits: Digits | None = None,
    budget_seconds: float | None = None,
    between: float = CHECKPOINT_SECONDS,
    progress: Told = lambda stage, done, total, note: None,
) -> Learned:
    """Go on from a checkpoint of :func:`learn`, bit for bit, as if nothing had happened.

    Raises
    ------
    RunError
        if there is no such checkpoint, or it is of something else.
    """
    saved, schedule = _load(out)
    work = _Work(schedule, digits or load_mnist(), out, between, progress)
    work.restore(saved)
    return work.go(budget_seconds)


def saved_schedule(out: Path) -> Schedule:
    """The schedule that :func:`resume` would go on with; it raises what that raises."""
    return _load(out)[1]


def _load(out: Path) -> tuple[checkpoint.Checkpoint, Schedule]:
    saved = checkpoint.load(out)
    if saved.notes.get("kind") != _KIND:
        raise RunError(f"{out}: is a checkpoint of a circuit's run, not of learning")
    try:
        return saved, Schedule(**saved.notes["schedule"])
    except (KeyError, TypeError):
        raise RunError(f"{out}: is a checkpoint of another version of halfbrain") from None


class _Work:
    """A schedule half done: ``stages`` say how far."""

    def __init__(
        self, schedule: Schedule, digits: Digits, out: Path | None, between: float, progress: Told
    ) -> None:
        for asked, there in (
            (schedule.label_images, len(digits.train_labels)),
            (schedule.test_images, len(digits.test_labels)),
        ):
            if asked > there:
                raise RunError(
                    f"diehl-cook: {asked:,} images to be shown once; there are {there:,}"
                )
        self._began = time.perf_counter()
        self.schedule, self.digits, self.out = schedule, digits, out
        self._between, self._progress = between, progress
        self._saved_at, self._before = time.monotonic(), 0.0
        self.learner = Shown(schedule)
        self.tester: Shown | None = None
        self.stages = {name: Stage() for name in ("learning", "labelling", "testing")}
        n = schedule.neurons
        self._block = np.zeros((BLOCK, n), np.uint16)
        self._labels = votes.Labels(np.full(n, votes.NONE), np.zeros((n, CLASSES)))
        self._responses = {
            "labelling": np.zeros((schedule.label_images, n), np.uint16),
            "testing": np.zeros((schedule.test_images, n), np.uint16),
        }
        self.curve: list[tuple[int, float]] = []

    def go(self, budget: float | None) -> Learned:
        """Do what is left of the three stages."""
        with Held() as held:
            if self.tester is None:
                self._learn(held, budget)
                self.learner.finish(self.stages["learning"].images)
                self.tester = Shown(self.schedule, self.learner)
                self._save()
            first = self._order(0)[: self.schedule.label_images]
            d, test = self.digits, np.arange(self.schedule.test_images)
            self._show("labelling", d.train_images, first, 0, held)
            self._show("testing", d.test_images, test, len(first), held)
            self._save()
        labels = votes.label_neurons(
            self._responses["labelling"], d.train_labels[first].astype(np.int64), CLASSES
        )
        classes = d.test_labels[test].astype(np.int64)
        counted = {
            vote.__name__: vote(self._responses["testing"], labels)
            for vote in (votes.all_activity, votes.proportion_weighting)
        }
        return Learned(
            self.schedule,
            self.stages,
            labels.of,
            votes.confusion(classes, counted["all_activity"], CLASSES),
            {name: int((answers == classes).sum()) for name, answers in counted.items()},
            self.curve,
            self.learner.simulation,
            self.tester.simulation,
        )

    def _learn(self, held: Held, budget: float | None) -> None:
        stage, total = self.stages["learning"], self.schedule.images
        n = len(self.digits.train_labels)
        after = self.schedule.label_images + self.schedule.test_images
        epoch, shuffled = -1, np.zeros(0, np.int64)
        while stage.images < total:
            began, done = time.perf_counter(), stage.images
            # A later image takes no longer than one to learn from.
            if budget and done and self._spent() + after * stage.wall_seconds / done > budget:
                return
            if done // n != epoch:
                epoch = done // n
                shuffled = self._order(epoch)
            image = self.digits.train_images[shuffled[done % n]]
            self._block[done % BLOCK] = self.learner.show(image, done, held)
            stage.images += 1
            if stage.images % BLOCK == 0:
                self._point()
            note = f"{self.curve[-1][1]:.0%} right" if self.curve else ""
            self._after("learning", began, self.learner, total, note, held)

    def _point(self) -> None:
        """One more point of the curve, and labels for the next."""
        done, n = self.stages["learning"].images, len(self.digits.train_labels)
        shown = np.arange(done - BLOCK, done)
        orders = {int(e): self._order(int(e)) for e in np.unique(shown // n)}
        which = [orders[int(k // n)][k % n] for k in shown]
        classes = self.digits.train_labels[which].astype(np.int64)
        if done > BLOCK:
            answers = votes.all_activity(self._block, self._labels)
            self.curve.append((done, float((answers == classes).mean())))
        self._labels = votes.label_neurons(self._block, classes, CLASSES)

    def _show(
        self,
        name: str,
        images: NDArray[np.uint8],
        which: NDArray[np.int64],
        first: int,
        held: Held,
    ) -> None:
        """Show images to the network that learns no more; ``first`` is the first one's trial."""
        assert self.tester
        stage = self.stages[name]
        while stage.images < len(which):
            began, done = time.perf_counter(), stage.images
            response = self.tester.show(images[which[done]], first + done, held)
            self._responses[name][done] = response
            stage.images += 1
            self._after(name, began, self.tester, len(which), "", held)

    def _after(
        self, name: str, began: float, network: Shown, total: int, note: str, held: Held
    ) -> None:
        """What follows each image: the count, the progress, a checkpoint now and then."""
        stage = self.stages[name]
        stage.spikes += network.spikes
        stage.wall_seconds += time.perf_counter() - began
        if stage.images % 10 == 0 or stage.images == total:
            self._progress(name, stage.images, total, note)
        if held.pressed:
            self._save()
            raise KeyboardInterrupt
        if time.monotonic() - self._saved_at > self._between:
            self._save()

    def _spent(self) -> float:
        """Wall seconds since the start, and before, where this went on from a checkpoint."""
        return time.perf_counter() - self._began + self._before

    def _order(self, epoch: int) -> NDArray[np.int64]:
        return order(len(self.digits.train_labels), self.schedule.seed, epoch)

    def _save(self) -> None:
        """A checkpoint of the network that learns, and of what the other one responded."""
        if self.out is None:
            return
        notes: dict[str, Any] = {
            "kind": _KIND,
            "schedule": asdict(self.schedule),
            "images": [len(self.digits.train_labels), len(self.digits.test_labels)],
            "stages": {name: asdict(stage) for name, stage in self.stages.items()},
            "curve": self.curve,
            "learns": self.tester is None,
        }
        more: dict[str, NDArray[Any]] = {
            "block": self._block,
            "labels": self._labels.of,
            "shares": self._labels.shares,
        }
        for name, responses in self._responses.items():
            more[name] = responses[: self.stages[name].images]
        if self.tester is not None:
            tester = self.tester.simulation
            notes["tester_wall_seconds"] = tester.wall_seconds
            more |= {"tester_events": tester.events, "tester_ticks": tester.ticks}
        try:
            checkpoint.save(self.out, self.learner.simulation, notes, more)
        except OSError as error:
            raise RunError(f"{self.out}: cannot be written: {error.strerror}") from None
        self._saved_at = time.monotonic()

    def restore(self, saved: checkpoint.Checkpoint) -> None:
        """Go back to where a checkpoint was made."""
        notes, arrays = saved.notes, saved.more
        if notes["images"] != [len(self.digits.train_labels), len(self.digits.test_labels)]:
            raise RunError(f"{saved.path}: is of learning from other images")
        saved.restore(self.learner.simulation)
        self.stages = {name: Stage(**stage) for name, stage in notes["stages"].items()}
        self._before = sum(stage.wall_seconds for stage in self.stages.values())
        self.curve = [(int(images), float(share)) for images, share in notes["curve"]]
        self._block[:] = arrays["block"]
        self._labels = votes.Labels(arrays["labels"], arrays["shares"])
        for name, responses in self._responses.items():
            responses[: self.stages[name].images] = arrays[name]
        if not notes["learns"]:
            self.tester = Shown(self.schedule, self.learner)
            tester = self.tester.simulation
            tester.wall_seconds = notes["tester_wall_seconds"]
            tester.events[:] = arrays["tester_events"]
            tester.ticks[:] = arrays["tester_ticks"]
            trials = self.stages["labelling"].images + self.stages["testing"].images
            tester.step = trials * self.tester.steps
