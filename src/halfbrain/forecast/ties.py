"""Inputs tied to each other: a rank correlation that the user gives, or one fact behind both.

Tied inputs keep their intervals; their normal scores are correlated (a Gaussian copula). A rank
correlation r (Spearman's) is one of 2 sin(pi r / 6) between the scores (Kruskal 1958, Ordinal
measures of association, doi 10.1080/01621459.1958.10501481).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from halfbrain.errors import FactError, one_line
from halfbrain.facts.quantity import Quantity, Streams
from halfbrain.forecast.setting import setting


@dataclass(frozen=True)
class Tie:
    """Two inputs, in the order of their names, and the rank correlation of their draws.

    ``fact`` is the fact that both rest on, where that ties them; they then are one draw.
    """

    one: str
    other: str
    correlation: float
    fact: str = ""

    @property
    def names(self) -> tuple[str, str]:
        """The two inputs."""
        return self.one, self.other

    @property
    def name(self) -> str:
        """The inputs in words."""
        return " with ".join(self.names)

    def __str__(self) -> str:
        return f"{self.name} ({self.fact or f'{self.correlation:g}'})"


def read_ties(given: Iterable[tuple[str, object]], inputs: Mapping[str, Quantity]) -> list[Tie]:
    """Ties from ``"firing_rate, cortex_synapses"`` and a rank correlation each.

    Raises
    ------
    FactError
        if these are not two uncertain inputs, or that is no correlation.
    """
    found: dict[str, Tie] = {}
    for names, value in given:
        tie = _read(names, value)
        if tie.name in found:
            raise FactError(f"{tie.name} are tied twice; leave one of the ties")
        for name in tie.names:
            if name not in inputs:
                raise FactError(
                    f"{tie}: {name} is worked out; tie what it is worked out from, or set it"
                )
            if not inputs[name].uncertain:
                raise FactError(f"{tie}: {name} is certain; a tie needs an interval")
        found[tie.name] = tie
    return list(found.values())


def _read(names: str, value: object) -> Tie:
    inputs = [name.strip() for name in names.split(",")]
    if len(inputs) != 2:
        raise FactError(f"{names[:60]!r}: a tie has two inputs, with a comma between them")
    one, other = sorted(setting(name).name for name in inputs)
    if one == other:
        raise FactError(f"{one} cannot be tied to itself")
    try:
        correlation = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        correlation = math.nan
    if not -1 < correlation < 1:
        raise FactError(
            f"{one} with {other}: {one_line(str(value))[:40]!r} is no rank correlation; "
            "write a number between -1 and 1, such as -0.5"
        )
    return Tie(one, other, correlation)


def tied(inputs: Mapping[str, Quantity], ties: Iterable[Tie]) -> dict[str, Quantity]:
    """The inputs with those that are tied drawn so; a tie of what is certain does nothing.

    Scores of a group are its Cholesky factor times independent ones, in the order of the names by
    which they are drawn: no order of writing changes a draw.

    Raises
    ------
    FactError
        if ties contradict each other.
    """
    spread = {name for name, figure in inputs.items() if figure.uncertain}
    pairs: dict[tuple[str, str], Tie] = {}
    for tie in ties:
        if not {*tie.names} <= spread:
            continue
        one, other = sorted(inputs[name].stream for name in tie.names)
        if one == other:
            raise FactError(f"{tie}: both rest on {one}, so they are one draw already")
        if (one, other) in pairs:
            raise FactError(f"{tie} and {pairs[one, other]} tie the same facts")
        pairs[one, other] = tie
    mixed: dict[str, Streams] = {}
    for group in _connected(pairs):
        mixed |= _mixed(group, pairs)
    return {
        name: replace(figure, mixed=mixed[figure.stream]) if figure.stream in mixed else figure
        for name, figure in inputs.items()
    }


def in_effect(inputs: Mapping[str, Quantity], ties: Iterable[Tie]) -> list[Tie]:
    """All that makes inputs depend on each other: ties, and facts that several of them rest on."""
    spread = {name: figure for name, figure in sorted(inputs.items()) if figure.uncertain}
    facts: dict[str, list[str]] = {}
    for name, figure in spread.items():
        facts.setdefault(figure.stream, []).append(name)
    return [tie for tie in ties if {*tie.names} <= set(spread)] + [
        Tie(one, other, 1.0, fact)
        for fact, names in facts.items()
        for one, other in pairwise(names)
    ]


def _connected(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    groups: list[set[str]] = []
    for pair in pairs:
        joined = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in joined]
        groups.append(set(pair).union(*joined))
    return [sorted(group) for group in groups]


def _mixed(group: list[str], pairs: Mapping[tuple[str, str], Tie]) -> dict[str, Streams]:
    matrix = np.eye(len(group))
    for i, one in enumerate(group):
        for j, other in enumerate(group[:i]):
            if (other, one) in pairs:
                score = 2 * math.sin(math.pi / 6 * pairs[other, one].correlation)
                matrix[i, j] = matrix[j, i] = score
    try:
        lower = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        told = ", ".join(str(tie) for pair, tie in sorted(pairs.items()) if pair[0] in group)
        raise FactError(
            f"no inputs can be tied so at once: {told}; make the ties weaker, "
            "or tie the inputs that share a partner to each other as well"
        ) from None
    return {
        name: tuple((other, float(w)) for other, w in zip(group, row, strict=True) if w != 0)
        for name, row in zip(group, lower, strict=True)
    }
