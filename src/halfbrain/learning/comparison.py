"""What an experiment's runs say: curves, the cost of an accuracy, learners against the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from halfbrain.learning.job import Point, Run
from halfbrain.learning.laboratory import Experiment, score
from halfbrain.learning.learners.catalogue import kind
from halfbrain.learning.statistics import Paired, at_cost, holm, mean, paired, to_reach

LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
Axis = Callable[[Point], float | None]
AXES: dict[str, Axis] = {
    "samples": lambda p: p.samples,
    "flop": lambda p: p.flop,
    "bio_seconds": lambda p: p.bio_seconds,
}


def whole(runs: Sequence[Run]) -> list[Run]:
    """Those that did not diverge."""
    return [run for run in runs if run.diverged is None]


def reached(run: Run, axis: str, level: float) -> float | None:
    """What a run spent until it reached an accuracy; None if it did not."""
    spent = [AXES[axis](point) for point in run.points]
    if None in spent:
        return None
    return to_reach(np.array(spent, float), [p.accuracy for p in run.points], level)


def common_level(*groups: Sequence[Run], levels: Sequence[float] = LEVELS) -> float | None:
    """The highest of the levels that every run of every group reached; None: not even the lowest.

    Without it a ratio of costs would leave out the runs that failed, which are the dear ones.
    """
    for level in sorted(levels, reverse=True):
        if all(group and all(_got(run, level) for run in group) for group in groups):
            return level
    return None


def _got(run: Run, level: float) -> bool:
    return run.diverged is None and reached(run, "samples", level) is not None


def orders(a: Sequence[Run], b: Sequence[Run], axis: str, level: float) -> Paired:
    """Orders of magnitude that a spends over b to reach a level: log10, paired by seed."""
    spent = [[reached(run, axis, level) for run in runs] for runs in (a, b)]
    logs = [np.log10(np.array(values, float)) for values in spent]
    return paired(logs[0], logs[1])


def final_difference(a: Sequence[Run], b: Sequence[Run]) -> Paired:
    """Accuracy of a over b at the end, paired by seed."""
    return paired([run.accuracy for run in a], [run.accuracy for run in b])


def document(of: Experiment, title: str, levels: Sequence[float] = LEVELS) -> dict[str, Any]:
    """All of an experiment as JSON."""
    learners = {name: _learner(of, name, levels) for name in of.plan.learners}
    spent = [entry["final_flop"] for entry in learners.values() if entry["final_flop"]]
    return {
        "title": title,
        "plan": asdict(of.plan),
        "learners": learners,
        "equal_flop": _equal_flop(of, min(spent)) if spent else None,
        "pairs": _pairs(of, levels),
        "wall_seconds": sum(run.wall_seconds for run in (*of.tuning, *of.final)),
    }


def _learner(of: Experiment, name: str, levels: Sequence[float]) -> dict[str, Any]:
    runs = of.runs(name)
    ok = whole(runs)
    tuning = [run for run in of.tuning if run.job.learner == name]
    last = [run.points[-1] for run in ok]
    samples = float(np.mean([p.samples for p in last])) if last else 0.0
    return {
        "title": kind(name).title,
        "parameters": runs[0].parameters,
        "knob": kind(name).knob,
        "chosen": of.chosen[name],
        "tuning": [
            {"knob": r.job.knob, "score": score(r), "diverged": r.diverged is not None}
            for r in tuning
        ],
        "tuning_flop": sum(run.points[-1].flop for run in tuning if run.points),
        "diverged": [run.job.seed for run in runs if run.diverged is not None],
        "accuracy": _mean([run.accuracy for run in ok]),
        "forgotten": _mean([run.forgotten for run in ok]),
        "final_flop": float(np.mean([p.flop for p in last])) if last else None,
        "flop_per_sample": np.mean([p.flop for p in last]) / samples if last else None,
        "effective_flop_per_sample": (
            np.mean([run.points[-1].flop * run.effective_share for run in ok]) / samples
            if ok
            else None
        ),
        "bio_seconds_per_sample": (
            last[0].bio_seconds / last[0].samples if last and last[0].bio_seconds else None
        ),
        "curve": _curve(ok),
        "reached": [
            {"accuracy": level, "runs": len(got), "of": len(runs)}
            | {axis: _mean([x for r in got if (x := reached(r, axis, level))]) for axis in AXES}
            for level in levels
            if (got := [run for run in ok if _got(run, level)])
        ],
    }


def _curve(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The mean over seeds, where all of them have a point."""
    tables = [{point.samples: point for point in run.points} for run in runs]
    if not tables:
        return []
    points = []
    for samples in sorted(set.intersection(*(set(table) for table in tables))):
        here = [table[samples] for table in tables]
        first = here[0]
        points.append(
            {
                "samples": samples,
                "flop": float(np.mean([p.flop for p in here])),
                "bio_seconds": first.bio_seconds,
                "accuracy": _mean([p.accuracy for p in here]),
            }
        )
    return points


def _equal_flop(of: Experiment, spent: float) -> dict[str, Any]:
    """Accuracy of each learner where each has spent as much as the cheapest did in all."""
    found = {}
    for name in of.plan.learners:
        right = [
            at_cost([p.flop for p in run.points], [p.accuracy for p in run.points], spent)
            for run in whole(of.runs(name))
        ]
        found[name] = _mean([x for x in right if x is not None])
    return {"flop": spent, "accuracy": found}


def _pairs(of: Experiment, levels: Sequence[float]) -> list[dict[str, Any]]:
    """Each learner against the first, seed by seed."""
    first, *others = of.plan.learners
    pairs: list[dict[str, Any]] = []
    tests: list[Paired] = []
    for name in others:
        a, b = both(of.runs(name), of.runs(first))
        if len(a) < 2:
            continue
        entry: dict[str, Any] = {"learner": name, "against": first, "seeds": len(a)}
        found = {"accuracy": final_difference(a, b)}
        level = common_level(a, b, levels=levels)
        entry["level"] = level
        if level is not None:
            found |= {f"{axis}_orders": orders(a, b, axis, level) for axis in ("flop", "samples")}
        for key, test in found.items():
            entry[key] = asdict(test)
            tests.append(test)
        pairs.append(entry)
    adjusted = iter(holm([test.p for test in tests]))
    for entry in pairs:
        for key in ("accuracy", "flop_orders", "samples_orders"):
            if key in entry:
                entry[key]["holm_p"] = next(adjusted)
    return pairs


def both(a: Sequence[Run], b: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The runs of the seeds with which neither diverged, in the same order."""
    kept = {run.job.seed for run in whole(a)} & {run.job.seed for run in whole(b)}
    return (
        [run for run in a if run.job.seed in kept],
        [run for run in b if run.job.seed in kept],
    )


def _mean(values: Sequence[float]) -> dict[str, Any] | None:
    if not values:
        return None
    found = asdict(mean(values))
    return {key: None if value != value else value for key, value in found.items()}
