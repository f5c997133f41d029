"""What is believed of each step from enough compute to a mind that works: presets, one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from halfbrain.contenders.registry import contenders, rows
from halfbrain.errors import FactError, HalfbrainError, one_line
from halfbrain.facts.interval import Interval, parse_interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Confidence, Origin, Source
from halfbrain.facts.table import facts
from halfbrain.forecast.setting import settings
from halfbrain.forecast.shipped import Shelf

DEFAULT = "author-2022"
COMPUTE = "compute"
# Each is conditional on those before it.
BRANCHES: dict[str, str] = {
    COMPUTE: "the compute pays for the training",
    "abstraction": "the level of detail keeps what matters",
    "parameters": "its parameters can be found: wiring, weights, channels",
    "learning": "it learns from as little as a child does",
    "world": "a body and a world suffice to learn from",
    "runs": "it works within the trainings that the compute pays for",
    "unforeseen": "nothing else stops it that nobody has thought of",
}
Basis = Literal["computed", "stated", "apportioned", "judgement", "user"]
_CONFIDENCE: dict[Basis, Confidence] = {
    "computed": "computed",
    "stated": "read",
    "apportioned": "computed",
    "judgement": "judgement",
    "user": "user",
}
_SHELF = Shelf("beliefs", "preset", DEFAULT)
_KEYS = ("chance", "basis", "quote", "why")


@dataclass(frozen=True)
class Belief:
    """The chance that one step holds, given those before it.

    ``basis`` says whether it is ``computed`` and no belief, ``stated`` by the person whose beliefs
    these are, ``apportioned`` from a total of theirs, our ``judgement``, or the ``user``'s;
    ``quote`` is what was said.
    """

    chance: Quantity
    basis: Basis
    quote: str = ""
    why: str = ""


@dataclass(frozen=True)
class Beliefs:
    """Somebody's beliefs by contender and branch; ``totals`` are those that were given whole."""

    name: str
    title: str
    about: str
    given: Mapping[str, Mapping[str, Belief]]
    totals: Mapping[str, Belief]

    def with_belief(self, name: str, value: object) -> Beliefs:
        """The same beliefs with one set, named as ``blue-brain.abstraction``.

        Raises
        ------
        HalfbrainError
            if there is no such branch, or the value is no chance.
        """
        contender, _, branch = name.partition(".")
        if contender not in self.given or branch not in BRANCHES:
            raise HalfbrainError(
                f"no branch and no input {name[:60]!r}; branches are CONTENDER.BRANCH of "
                f"{', '.join(self.given)} and {', '.join(BRANCHES)}"
            )
        own = {**self.given[contender], branch: _belief(contender, branch, value)}
        totals = {key: total for key, total in self.totals.items() if key != contender}
        return replace(self, given={**self.given, contender: own}, totals=totals)


def leaf_name(contender: str, branch: str) -> str:
    """What the draws of a chance are named by."""
    return f"odds.{contender}.{branch}"


def is_branch(name: str) -> bool:
    """Whether ``name`` is meant as a branch, as ``blue-brain.abstraction``, and no input."""
    contender, dot, _ = name.partition(".")
    return bool(dot) and contender in rows() and name not in settings()


def belief_names() -> list[str]:
    """The beliefs that halfbrain ships."""
    return _SHELF.names()


def load_beliefs(name: str = DEFAULT) -> Beliefs:
    """Shipped beliefs by name, or those of a TOML file.

    Raises
    ------
    HalfbrainError
        in one line that names the file and the entry that is wrong.
    """
    found = _SHELF.read(name)
    source = facts().sources["seed-2022"] if found.ships else None
    return _parse(found.name, found.file, found.entries, source)


def _parse(
    name: str, file: str, entries: Mapping[str, Any], source: Source | None = None
) -> Beliefs:
    given: dict[str, dict[str, Belief]] = {}
    totals: dict[str, Belief] = {}
    for key, value in entries.items():
        if key in ("title", "about"):
            if not isinstance(value, str):
                raise FactError(f"{file}: {key} must be text in quotes")
            continue
        if key not in rows():
            raise FactError(
                f"{file}: unknown key {key[:40]!r}; known are title, about and the contenders "
                f"{', '.join(contenders())}"
            )
        if not isinstance(value, dict):
            raise FactError(f"{file}: {key} must be a table, [{key}]")
        try:
            own = {branch: _belief(key, branch, entry, source) for branch, entry in value.items()}
        except FactError as error:
            raise FactError(f"{file}: {error}") from None
        if "total" in own:
            totals[key] = own.pop("total")
        missing = [branch for branch in BRANCHES if branch not in own and branch != COMPUTE]
        if missing:
            raise FactError(f"{file}: {key} has no {', '.join(missing)}")
        given[key] = own
    if not given:
        raise FactError(f"{file}: has no contender; write [blue-brain] and a chance for each step")
    title, about = (one_line(entries.get(key, "")) for key in ("title", "about"))
    return Beliefs(name, title or one_line(file), about, given, totals)


def _belief(contender: str, branch: str, value: object, source: Source | None = None) -> Belief:
    if branch not in BRANCHES and branch != "total":
        raise FactError(
            f"{contender} has no branch {branch[:40]!r}; there are {', '.join(BRANCHES)}"
        )
    try:
        entry: dict[str, Any] = value if isinstance(value, dict) else {"chance": value}
        if unknown := sorted(set(entry) - set(_KEYS)):
            raise FactError(f"unknown key {unknown[0][:40]!r}; known are {', '.join(_KEYS)}")
        if "chance" not in entry:
            raise FactError("has no chance")
        if any(not isinstance(entry.get(key, ""), str) for key in _KEYS[1:]):
            raise FactError("basis, quote and why must be text in quotes")
        basis = entry.get("basis", "judgement" if source else "user")
        if basis not in get_args(Basis)[1:]:
            raise FactError(f"basis must be one of {', '.join(get_args(Basis)[1:])}")
        quote, why = one_line(entry.get("quote", "")), one_line(entry.get("why", ""))
        chance = Quantity.leaf(
            leaf_name(contender, branch),
            _chance(entry["chance"]),
            "",
            _origin(cast(Basis, basis), quote, why, source),
        )
    except FactError as error:
        raise FactError(f"{contender}.{branch}: {error}") from None
    return Belief(chance, cast(Basis, basis), quote, why)


def _origin(basis: Basis, quote: str, why: str, source: Source | None) -> Origin:
    said = f"“{quote}”" if quote else ""
    note = " ".join(part for part in (said, why) if part)
    if source is None or not quote:
        return Origin(_CONFIDENCE[basis], note=note)
    return Origin(_CONFIDENCE[basis], (source,), "text and comments", note)


def _chance(value: object) -> Interval:
    """A share, as ``0.5``, ``"0.3 to 0.7"`` or ``"30 to 70 %"``."""
    interval, written = parse_interval(value)
    if written not in ("", "%"):
        raise FactError(f"{written[:40]!r} is no unit of a chance; write 0.5 or 50 %")
    factor = 0.01 if written else 1.0
    if interval.low < 0 or interval.high * factor > 1:
        raise FactError(f"{interval} is no chance; it must lie between 0 and 1")
    return Interval(interval.low * factor, interval.high * factor, "fraction")
