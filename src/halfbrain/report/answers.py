"""What the forecast is asked, one call for each question: the command line asks the same.

Every answer has typed values, the ``document`` that ``--json`` prints (docs/json.md), and prints
itself as the command does.
"""

from __future__ import annotations

import io
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from halfbrain.contenders.registry import contender as known
from halfbrain.contenders.registry import contenders
from halfbrain.errors import HalfbrainError, escaped
from halfbrain.facts.draws import SAMPLES, SEED, Draws
from halfbrain.facts.explain import explain as tree
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import facts
from halfbrain.forecast import odds as chances
from halfbrain.forecast import plan as planning
from halfbrain.forecast import when as years
from halfbrain.forecast.asked import Progress, families, measured, scenario_of, tell_bill
from halfbrain.forecast.audit.audit import audit as run_audit
from halfbrain.forecast.audit.step import Finding
from halfbrain.forecast.backcast import Backcast, backcasts
from halfbrain.forecast.beliefs import Beliefs, is_branch, load_beliefs
from halfbrain.forecast.calibration import Calibration, both_ways
from halfbrain.forecast.estimate import Forecast, Spread, forecast
from halfbrain.forecast.levers import Lever, levers
from halfbrain.forecast.machine import Bill, bill, costs
from halfbrain.forecast.own_machine import machine as known_machine
from halfbrain.forecast.plan import Plan, Target
from halfbrain.forecast.reported import beside, told
from halfbrain.forecast.scenario import DEFAULT, Scenario, load_scenario
from halfbrain.forecast.trends import Trends
from halfbrain.report import beside as beside_published
from halfbrain.report.backcast import print_backcast
from halfbrain.report.document import (
    Document,
    audit_document,
    backcast_document,
    estimate_document,
    facts_document,
    published_document,
    reported_document,
    tree_document,
)
from halfbrain.report.odds import odds_document, print_chain, print_odds
from halfbrain.report.plan import plan_document, print_plan
from halfbrain.report.terminal import print_audit, print_estimate, print_facts
from halfbrain.report.when import print_when, when_document

T = TypeVar("T")
Ties = Mapping[str, object] | Iterable[tuple[str, object]]
WIDTH = 80  # columns of what an answer prints


class Answer:
    """What a question was answered: prints as the command does."""

    @property
    @abstractmethod
    def document(self) -> Document:
        """The answer as plain data, as ``--json`` prints it (docs/json.md)."""

    @abstractmethod
    def print(self, console: Console) -> None:
        """Print it in a terminal."""

    def __str__(self) -> str:
        written = io.StringIO()
        self.print(Console(file=written, width=WIDTH, highlight=False))
        return escaped(written.getvalue().rstrip())


class Answers(Answer, Mapping[str, T]):
    """An answer of several parts, by name."""

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, T]:
        """The parts by name, in the order in which they are printed."""

    def __getitem__(self, name: str) -> T:
        if name not in self.parts:
            raise HalfbrainError(f"no {name[:40]!r} here; there are {', '.join(self.parts)}")
        return self.parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __contains__(self, name: object) -> bool:
        return name in self.parts

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {', '.join(self.parts)}>"


@dataclass(frozen=True)
class Cost:
    """What one contender costs: each value has its 5th, 50th and 95th percentiles.

    ``forecast`` has the same as trees of figures with their sources; ``bill`` is None without a
    machine.
    """

    forecast: Forecast
    draws: Draws
    bill: Bill | None = None

    def _spread(self, name: str) -> Spread:
        return Spread.of(self.forecast.quantity(name), self.draws)

    @property
    def flop(self) -> Spread:
        """FLOP of the whole training."""
        return Spread.of(self.forecast.flop, self.draws)

    @property
    def flop_per_bio_second(self) -> Spread:
        """FLOP for a second of life, while learning."""
        return self._spread("flop_per_bio_second")

    @property
    def flop_per_neuron_bio_second(self) -> Spread:
        """FLOP of one neuron for a second of life."""
        return self._spread("flop_per_neuron_second")

    @property
    def memory(self) -> Spread:
        """Bytes of state."""
        return self._spread("memory")

    @property
    def bytes_moved(self) -> Spread:
        """Bytes moved in the whole training."""
        return self._spread("bytes_moved")

    @property
    def terms(self) -> dict[str, Spread]:
        """FLOP of the whole training by cost term, where operations are counted."""
        return {name: Spread.of(one, self.draws) for name, one in self.forecast.terms().items()}


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Answers[Cost]):
    """What each contender would cost; ``estimate["spiking"].flop`` is its FLOP."""

    scenario: Scenario
    names: tuple[str, ...]
    draws: Draws
    machine: str | None = None
    against: Scenario | None = None

    @cached_property
    def parts(self) -> Mapping[str, Cost]:
        """What each contender costs, by its name."""
        found = {name: forecast(name, self.scenario) for name in self.names}
        on = self.machine
        return {
            name: Cost(each, self.draws, bill(each, on, self.draws) if on else None)
            for name, each in found.items()
        }

    @cached_property
    def document(self) -> Document:
        """The answer as plain data, alternatives of each contender too."""
        draws = self.draws
        return estimate_document(
            self.scenario, self.names, draws.n, draws.seed, self.machine, self.against
        )

    def print(self, console: Console) -> None:
        """Print the tables."""
        print_estimate(console, self.document)

    def write(self, path: str | Path) -> None:
        """Write the page that shows it, one HTML file.

        Raises
        ------
        HalfbrainError
            if the place cannot be written.
        """
        from halfbrain.report import page

        shown = families(self.names)
        page.write(self.scenario, shown, self.draws.n, self.draws.seed, Path(path))


def estimate(
    *contender: str,
    scenario: str | Scenario = DEFAULT,
    settings: Mapping[str, object] | None = None,
    ties: Ties = (),
    machine: str | None = None,
    against: str | Scenario | None = None,
    published: bool = False,
    measure: bool = False,
    samples: int = SAMPLES,
    seed: int = SEED,
    progress: Progress | None = None,
    **inputs: object,
) -> Estimate:
    """FLOP, memory and more of each contender: ``halfbrain estimate`` in Python.

    Parameters
    ----------
    contender
        names, such as ``"spiking"``; without any, all of them.
    scenario
        a shipped scenario, such as ``"seed-2022"``, or a TOML file.
    inputs, settings
        inputs of the scenario by name, as ``neurons="5e9"``, ``firing_rate="0.1 to 1"`` or
        ``neurons=hb.fact("brains.mouse.neocortical_neurons")``; those whose names have a dot go
        into ``settings``.
    ties
        rank correlations of two inputs, as ``{"firing_rate,cortex_synapses": -0.5}``.
    machine
        a machine of the facts, such as ``"h100"``, or a TOML file: then there is a bill too.
    against
        another scenario, to stand beside this one in the document.
    published
        rest on published figures alone, not on what is counted.
    measure
        run what can be run on this machine, and use what it costs here; ``progress`` is told what
        is measured, and the share of it that is done.
    samples, seed
        Monte Carlo draws; the same seed gives the same answer.

    Returns
    -------
    Estimate
        by contender a :class:`Cost`: FLOP, bytes and so on as percentiles. It prints as tables;
        ``document`` is plain data; ``write(path)`` writes the page.

    Raises
    ------
    HalfbrainError
        one line: an unknown name, or a value that is no figure in its unit and range.

    Examples
    --------
    >>> import halfbrain as hb
    >>> found = hb.estimate(neurons="5e9", samples=1000)
    >>> list(found)
    ['transformer', 'numenta', 'spiking', 'blue-brain']
    >>> flop = found["spiking"].flop
    >>> flop.p5 < flop.p50 < flop.p95
    True
    """
    names = [known(name).name for name in contender or contenders()]
    given = _settings(settings, inputs)
    chosen = scenario_of(scenario, published, given, names, _pairs(ties))
    tell_bill(given, machine)
    other = load_scenario(against) if isinstance(against, str) else against
    if machine is not None:
        known_machine(machine)
    if measure:
        chosen = measured(chosen, names, progress)
    return Estimate(chosen, tuple(names), Draws(samples, seed), machine, other)


@dataclass(frozen=True)
class Explained(Answer):
    """The tree of one estimate, down to its sources; ``quantity`` is its root."""

    contender: str
    quantity: Quantity
    forecast: Forecast
    draws: Draws
    machine: str | None = None

    @cached_property
    def document(self) -> Document:
        """The tree as plain data, and what is published of the contender."""
        own = tree_document(self.quantity, self.draws) if self.machine else None
        return {
            "contender": self.contender,
            "tree": tree_document(self.forecast.flop, self.draws),
            "machine": own and {"machine": self.machine, "tree": own},
            "published": published_document(self.forecast, self.draws),
            "reported": [reported_document(one) for one in beside(self.forecast, self.draws)],
        }

    def print(self, console: Console) -> None:
        """Print the tree, and published figures beneath it."""
        width = min(console.width, WIDTH)
        console.print(Text(tree(self.quantity, self.draws, width)))
        if counted := published_document(self.forecast, self.draws):
            console.print(Text("\n" + beside_published.told(counted, width)))
        if found := beside(self.forecast, self.draws):
            console.print(Text("\n" + told(found, width)))


def explain(
    contender: str,
    *,
    scenario: str | Scenario = DEFAULT,
    settings: Mapping[str, object] | None = None,
    ties: Ties = (),
    machine: str | None = None,
    published: bool = False,
    measure: bool = False,
    samples: int = SAMPLES,
    seed: int = SEED,
    progress: Progress | None = None,
    **inputs: object,
) -> Explained:
    """Where a contender's FLOP come from, down to the sources: ``halfbrain explain`` in Python.

    With a machine the tree is that of its bill there: money, or as far as the machine is known.
    Parameters are those of :func:`estimate`.

    Raises
    ------
    HalfbrainError
        one line: an unknown name, or a value that cannot be.

    Examples
    --------
    >>> import halfbrain as hb
    >>> print(str(hb.explain("spiking", samples=1000)).splitlines()[0])
    spiking.flop = ... FLOP
    """
    name = known(contender).name
    given = _settings(settings, inputs)
    chosen = scenario_of(scenario, published, given, [name], _pairs(ties))
    tell_bill(given, machine)
    if measure:
        chosen = measured(chosen, [name], progress)
    result = forecast(name, chosen)
    there = costs(result, machine).whole if machine else None
    return Explained(contender, there or result.flop, result, Draws(samples, seed), machine)


@dataclass(frozen=True)
class Planned(Answer):
    """A plan, and the ``levers`` that would move it."""

    contender: str
    scenario: Scenario
    machine: str
    target: Target
    draws: Draws

    @cached_property
    def plan(self) -> Plan:
        """Devices by memory, compute, bandwidth and network, time, energy and money."""
        result = forecast(self.contender, self.scenario)
        return planning.plan(result, self.machine, self.target, self.draws)

    @cached_property
    def levers(self) -> list[Lever]:
        """What would move it, most first."""
        result = forecast(self.contender, self.scenario)
        return levers(result, self.machine, self.target, self.draws)

    @cached_property
    def document(self) -> Document:
        """The plan as plain data."""
        draws = self.draws
        return plan_document(
            self.scenario, self.contender, self.machine, self.target, draws.n, draws.seed
        )

    def print(self, console: Console) -> None:
        """Print the plan."""
        print_plan(console, self.document)


def plan(
    contender: str,
    machine: str,
    *,
    days: float | None = None,
    budget: float | None = None,
    scenario: str | Scenario = DEFAULT,
    settings: Mapping[str, object] | None = None,
    ties: Ties = (),
    published: bool = False,
    samples: int = 20_000,
    seed: int = SEED,
    **inputs: object,
) -> Planned:
    """How many devices a training takes, and what decides that: ``halfbrain plan`` in Python.

    The parameters that are not listed are those of :func:`estimate`.

    Parameters
    ----------
    contender
        such as ``"spiking"``.
    machine
        of the facts, from ``"laptop"`` to ``"world-2025"``, or a TOML file (docs/plan.md).
    days, budget
        the whole training in so many days, or as fast as so many USD allow; without either, in
        real time.

    Returns
    -------
    Planned
        ``plan`` has the numbers of devices as percentiles, ``levers`` what would move them.

    Raises
    ------
    HalfbrainError
        one line: an unknown name, two targets, or a machine that lacks a figure.

    Examples
    --------
    >>> import halfbrain as hb
    >>> found = hb.plan("spiking", "h100", samples=1000)
    >>> found.plan.ways[0].name
    'all to all'
    >>> found.plan.memory.p50 > 1000
    True
    """
    if days is not None and budget is not None:
        raise HalfbrainError("days and budget are one or the other")
    target = Target("real time") if budget is None else Target("budget", budget)
    target = target if days is None else Target("days", days)
    name, given = known(contender).name, _settings(settings, inputs)
    chosen = scenario_of(scenario, published, given, [name], _pairs(ties))
    return Planned(name, chosen, machine, target, Draws(samples, seed))


@dataclass(frozen=True, eq=False, repr=False)
class Years(Answers[years.When]):
    """The year in which each contender's training becomes affordable."""

    scenario: Scenario
    names: tuple[str, ...]
    machine: str
    money: years.Budget
    trends: Trends
    draws: Draws

    @cached_property
    def parts(self) -> Mapping[str, years.When]:
        """When each becomes affordable, by its name."""
        return {
            name: years.when(
                forecast(name, self.scenario), self.machine, self.money, self.trends, self.draws
            )
            for name in self.names
        }

    @cached_property
    def document(self) -> Document:
        """The answer as plain data, alternatives of each contender too."""
        n, seed = self.draws.n, self.draws.seed
        return when_document(
            self.scenario, self.names, self.machine, self.money, self.trends, n, seed
        )

    def print(self, console: Console) -> None:
        """Print the years."""
        print_when(console, self.document)


def when(
    *contender: str,
    budget: str | float | None = None,
    ceiling: str | float | None = None,
    machine: str = years.MACHINE,
    scenario: str | Scenario = DEFAULT,
    settings: Mapping[str, object] | None = None,
    ties: Ties = (),
    published: bool = False,
    samples: int = SAMPLES,
    seed: int = SEED,
    **inputs: object,
) -> Years:
    """The year in which a training becomes affordable: ``halfbrain when`` in Python.

    The parameters that are not listed are those of :func:`estimate`.

    Parameters
    ----------
    contender
        names; without any, all of them.
    budget, ceiling
        USD that there are, as ``"1e9"``, and to which they grow; without them, what the dearest
        training has cost and what Project Apollo has.
    machine
        of the facts; trends are counted from its date.
    settings
        as those of :func:`estimate`, and trends, as ``{"trend.flops_per_usd": "2 to 3"}``.

    Raises
    ------
    HalfbrainError
        one line: an unknown name, or a value that cannot be.

    Examples
    --------
    >>> import halfbrain as hb
    >>> found = hb.when("spiking", budget="1e9", samples=1000)
    >>> found["spiking"].growing.p50 <= found["spiking"].fixed.p50
    True
    """
    names = [known(name).name for name in contender or contenders()]
    given, trends = _settings(settings, inputs), Trends()
    for name in [name for name in given if name.startswith("trend.")]:
        trends = trends.with_trend(name, given.pop(name))
    chosen = scenario_of(scenario, published, given, names, _pairs(ties))
    money = years.budget(_usd(budget), _usd(ceiling), trends)
    return Years(chosen, tuple(names), machine, money, trends, Draws(samples, seed))


@dataclass(frozen=True, eq=False, repr=False)
class Chances(Answers[chances.Odds]):
    """The chance of each contender that it works, step by step: beliefs, not measurements."""

    beliefs: Beliefs
    scenario: Scenario
    draws: Draws
    chain: bool = False

    @cached_property
    def parts(self) -> Mapping[str, chances.Odds]:
        """The chances of each, by its name."""
        found = chances.odds(self.beliefs, self.scenario, self.draws)
        return {each.contender: each for each in found}

    @cached_property
    def together(self) -> chances.Together:
        """Bounds of the chance that at least one works."""
        return chances.at_least_one([*self.parts.values()], self.draws)

    @cached_property
    def document(self) -> Document:
        """The chances as plain data."""
        return odds_document(self.beliefs, self.scenario, self.draws.n, self.draws.seed)

    def print(self, console: Console) -> None:
        """Print the chances, or the chain of the one contender that was asked for."""
        (print_chain if self.chain else print_odds)(console, self.document)


def odds(
    contender: str | None = None,
    *,
    preset: str = "author-2022",
    scenario: str | Scenario = DEFAULT,
    settings: Mapping[str, object] | None = None,
    ties: Ties = (),
    published: bool = False,
    samples: int = SAMPLES,
    seed: int = SEED,
    **inputs: object,
) -> Chances:
    """Chances that a contender works, given the compute: ``halfbrain odds`` in Python.

    The parameters that are not listed are those of :func:`estimate`.

    Parameters
    ----------
    contender
        one contender's chain of chances; without it, those of all.
    preset
        whose beliefs: ``"author-2022"``, ``"sceptic"``, ``"even"``, or a TOML file.
    settings
        as those of :func:`estimate`, and steps, as ``{"blue-brain.abstraction": "0.5 to 0.9"}``.

    Raises
    ------
    HalfbrainError
        one line: an unknown name, or a value that cannot be.

    Examples
    --------
    >>> import halfbrain as hb
    >>> found = hb.odds("spiking", samples=1000)
    >>> 0 < found["spiking"].works.p50 < 1
    True
    """
    believed, given = load_beliefs(preset), _settings(settings, inputs)
    for name in filter(is_branch, list(given)):
        believed = believed.with_belief(name, given.pop(name))
    names = list(believed.given)
    chosen = scenario_of(scenario, published, given, names, _pairs(ties))
    if contender is not None:
        if contender not in believed.given:
            raise HalfbrainError(
                f"{preset} says nothing of {contender[:40]!r}; it speaks of {', '.join(names)}"
            )
        believed = replace(believed, given={contender: believed.given[contender]})
    return Chances(believed, chosen, Draws(samples, seed), contender is not None)


@dataclass(frozen=True, eq=False, repr=False)
class Backcasts(Answers[Backcast]):
    """Published simulation runs, each beside what the cost model says of it."""

    @cached_property
    def parts(self) -> Mapping[str, Backcast]:
        """The runs by name, largest first."""
        return {case.run: case for case in backcasts()}

    @cached_property
    def fits(self) -> tuple[Calibration, Calibration]:
        """What a fit on either half of the studies says of the other half."""
        return both_ways()

    @cached_property
    def document(self) -> Document:
        """The runs and fits as plain data."""
        return backcast_document(self.parts.values(), self.fits)

    def print(self, console: Console) -> None:
        """Print the runs, the memory and the fit."""
        print_backcast(console, self.document)


def backcast() -> Backcasts:
    """The cost model held against published simulation runs: ``halfbrain backcast`` in Python.

    Examples
    --------
    >>> import halfbrain as hb
    >>> runs = hb.backcast()
    >>> max(run.neurons for run in runs.values()) > 1e9
    True
    """
    return Backcasts()


@dataclass(frozen=True, eq=False, repr=False)
class Audited(Answers[Finding]):
    """Every calculation in the text of 2022, recomputed, by its name."""

    findings: tuple[Finding, ...]
    corrected: Mapping[str, float]

    @cached_property
    def parts(self) -> Mapping[str, Finding]:
        """What was found of each step, by its name."""
        return {finding.step.id: finding for finding in self.findings}

    @cached_property
    def document(self) -> Document:
        """The steps and mended totals as plain data."""
        return audit_document(run_audit())

    def print(self, console: Console) -> None:
        """Print the steps."""
        print_audit(console, self.document)


def audit() -> Audited:
    """Every calculation in the text of 2022, recomputed: ``halfbrain audit`` in Python.

    ``corrected`` has the mended total of each row that has one, in FLOP.

    Examples
    --------
    >>> import halfbrain as hb
    >>> sorted(hb.audit().corrected)
    ['blue-brain', 'spiking']
    """
    found = run_audit()
    return Audited(found.findings, found.corrected)


@dataclass(frozen=True, eq=False, repr=False)
class Figures(Answers[Quantity]):
    """Figures taken from the world, by name."""

    figures: tuple[Quantity, ...]

    @cached_property
    def parts(self) -> Mapping[str, Quantity]:
        """The figures by name."""
        return {figure.name: figure for figure in self.figures}

    @cached_property
    def document(self) -> Document:
        """The figures with their sources as plain data."""
        return facts_document(facts(), self.figures)

    def print(self, console: Console) -> None:
        """Print the figures."""
        print_facts(console, self.document)


def fact(name: str) -> Quantity:
    """One figure taken from the world, with its source, by its whole name.

    Raises
    ------
    FactError
        one line, if there is none of that name.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.fact("hardware.h100.power").magnitude("W")
    700.0
    """
    return facts().get(name)


def find_facts(name: str = "") -> Figures:
    """The figures taken from the world, with their sources: ``halfbrain facts`` in Python.

    Parameters
    ----------
    name
        a table, ``TABLE.ITEM``, ``TABLE.ITEM.FIGURE``, or a word to look for; without it, all.

    Raises
    ------
    FactError
        one line, if there are none.

    Examples
    --------
    >>> import halfbrain as hb
    >>> "hardware.h100.power" in hb.find_facts("hardware.h100")
    True
    """
    return Figures(tuple(facts().find(name)))


def _usd(amount: str | float | None) -> str | None:
    return None if amount is None else str(amount)


def _pairs(ties: Ties) -> Iterable[tuple[str, object]]:
    return ties.items() if isinstance(ties, Mapping) else ties


def _settings(
    settings: Mapping[str, object] | None, inputs: Mapping[str, object]
) -> dict[str, object]:
    """What is set by keyword and by name, each once."""
    for name in inputs:
        if name in (settings or {}):
            raise HalfbrainError(f"{name[:60]} is set twice; leave one of them")
    return {**inputs, **(settings or {})}
