"""How long each kind of counted work takes on this machine: a fit over runs of several sizes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls

from halfbrain.contenders.measured import Run, Speed


def speed(runs: Sequence[Run]) -> Speed:
    """Seconds for each kind of work, none below zero, that come nearest to the parts of the runs.

    By least squares (Lawson and Hanson 1974). A part is a share of its run's time, so that a short
    run weighs as much as a long one.

    Parameters
    ----------
    runs
        with their parts; in one of them at least each kind of work was done.
    """
    kinds = list(dict.fromkeys(kind for run in runs for part in run.parts for kind in part.work))
    taken = [sum(part.seconds for part in run.parts) for run in runs]
    weighed = [(part, total) for run, total in zip(runs, taken, strict=True) for part in run.parts]
    work = np.array([[part.work.get(kind, 0) / total for kind in kinds] for part, total in weighed])
    spent = np.array([part.seconds / total for part, total in weighed])
    most = work.max(axis=0)
    most[most == 0] = 1.0
    seconds = nnls(work / most, spent)[0] / most
    of = dict(zip(kinds, seconds.tolist(), strict=True))
    residuals = tuple(
        sum(of[kind] * n for part in run.parts for kind, n in part.work.items()) / total - 1
        for run, total in zip(runs, taken, strict=True)
    )
    return Speed(of, residuals)
