"""What a learner reached, and what it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.point.group import PointGroup
from halfbrain.learning.mnist import CLASSES
from halfbrain.learning.schedule import Schedule
from halfbrain.learning.votes import interval


@dataclass
class Stage:
    """Learning, labelling or testing: images shown, wall seconds it took, spikes of all neurons."""

    images: int = 0
    wall_seconds: float = 0.0
    spikes: int = 0


@dataclass(frozen=True, eq=False)
class Learned:
    """A network that has learnt, and how well it did.

    Attributes
    ----------
    schedule
        what was asked for.
    stages
        of ``learning``, ``labelling`` and ``testing``, what was done; ``learning`` may have fewer
        images than the schedule, where time was short.
    labels
        of each neuron its class, -1 for one that did not fire (neurons).
    confusion
        how often each class (rows) was given each answer (columns; the last: none), by the vote
        of all activity on the test images.
    right
        of how many test images each vote knew the class.
    curve
        (images learnt from, share of right answers to the last thousand of them while learning,
        with labels from the thousand before).
    learner, tester
        the networks in memory, one that learns and one that does so no more, for the meter.
    """

    schedule: Schedule
    stages: dict[str, Stage]
    labels: NDArray[np.int64]
    confusion: NDArray[np.int64]
    right: dict[str, int]
    curve: Sequence[tuple[int, float]]
    learner: PointGroup = field(repr=False)
    tester: PointGroup = field(repr=False)

    @property
    def accuracy(self) -> float:
        """Share of the test images that the vote of all activity knew, as in the paper."""
        return self.right["all_activity"] / self.stages["testing"].images

    def document(self) -> dict[str, Any]:
        """All of this as JSON, without the cost, which is the meter's."""
        shown = self.stages["testing"].images
        seconds = self.schedule.milliseconds * 1e-3
        votes = {
            vote: {"right": right, "accuracy": right / shown, "p95": list(interval(right, shown))}
            for vote, right in self.right.items()
        }
        simulations = {"learning": self.learner, "testing": self.tester}
        return {
            "circuit": self.learner.circuit.name,
            "source": self.learner.circuit.source,
            "data": "MNIST",
            "neurons": self.learner.neurons,
            "synapses": self.learner.synapses,
            "schedule": asdict(self.schedule),
            "accuracy": self.accuracy,
            "votes": votes,
            "confusion": self.confusion.tolist(),
            "labelled_neurons": [int((self.labels == k).sum()) for k in range(CLASSES)],
            "curve": [list(point) for point in self.curve],
            "stages": {
                name: {
                    "images": stage.images,
                    "bio_seconds": stage.images * seconds,
                    "wall_seconds": stage.wall_seconds,
                    "spikes": stage.spikes,
                }
                for name, stage in self.stages.items()
            },
            # Labelling and testing are one simulation.
            "events": {name: int(of.events[:, :, 0].sum()) for name, of in simulations.items()},
            "wall_seconds": sum(stage.wall_seconds for stage in self.stages.values()),
        }
