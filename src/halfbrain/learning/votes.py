"""What neurons that learnt without labels say: a label for each, and two ways to count votes.

Diehl and Cook 2015, doi 10.3389/fncom.2015.00099, section 2.6: after learning, a neuron stands for
the class to which it responds most, and the class whose neurons respond most, on average, is the
answer. BindsNET's ``proportion_weighting`` lets each spike count by how much of its neuron's
response is for that class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
NONE = -1  # the label of a neuron that never fired; the answer where none that has one fired


@dataclass(frozen=True, eq=False)
class Labels:
    """Each neuron's class (neurons), and each class's share of its response (neurons, classes)."""

    of: Ints
    shares: Array


def label_neurons(responses: NDArray[np.integer], classes: Ints, n: int) -> Labels:
    """Label neurons by their responses to images of known class.

    Parameters
    ----------
    responses
        spikes (images, neurons).
    classes
        of the images, 0 to ``n`` - 1; one that no image has gets no neuron.
    n
        number of classes.
    """
    means = np.zeros((responses.shape[1], n))
    for k in np.unique(classes):
        means[:, k] = responses[classes == k].mean(axis=0)
    sums = means.sum(axis=1)
    shares = means / np.where(sums > 0, sums, 1.0)[:, None]
    return Labels(np.where(sums > 0, means.argmax(axis=1), NONE), shares)


def all_activity(responses: NDArray[np.integer], labels: Labels) -> Ints:
    """The class (images) whose neurons respond most on average."""
    return _most(responses, (labels.of[:, None] == np.arange(labels.shares.shape[1])).astype(float))


def proportion_weighting(responses: NDArray[np.integer], labels: Labels) -> Ints:
    """The same, each neuron's spikes weighted by its class's share of its response."""
    own = labels.of[:, None] == np.arange(labels.shares.shape[1])
    return _most(responses, own * labels.shares, own.sum(axis=0))


def _most(responses: NDArray[np.integer], votes: Array, voters: Ints | None = None) -> Ints:
    """The class with the highest sum of votes (neurons, classes) for each of its voters."""
    many = votes.sum(axis=0) if voters is None else voters
    heard = responses @ votes / np.maximum(many, 1)
    return np.where(heard.max(axis=1) > 0, heard.argmax(axis=1), NONE)


def confusion(classes: Ints, answers: Ints, n: int) -> Ints:
    """How often each class (rows) was answered by each (columns; the last: no answer)."""
    out = np.zeros((n, n + 1), np.int64)
    np.add.at(out, (classes, answers % (n + 1)), 1)
    return out


def interval(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share of right answers (Wilson 1927, doi 10.2307/2276774)."""
    found = binomtest(right, of).proportion_ci(0.95, "wilson")
    return float(found.low), float(found.high)
