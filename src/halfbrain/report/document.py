"""The results as plain data: what ``--json`` prints and the page holds (docs/json.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from halfbrain.contenders.counted import Counted, counted
from halfbrain.contenders.question import NEURONS, SYNAPSES, WORKED_OUT
from halfbrain.contenders.registry import alternatives, rows
from halfbrain.facts.draws import Draws
from halfbrain.facts.explain import children
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import Facts
from halfbrain.facts.units import unit_text
from halfbrain.forecast.additions import additions
from halfbrain.forecast.audit.audit import Audit
from halfbrain.forecast.backcast import Backcast
from halfbrain.forecast.calibration import Calibration
from halfbrain.forecast.comparison import fit, orders_over
from halfbrain.forecast.difference import Difference, difference
from halfbrain.forecast.estimate import Forecast, Spread, forecast
from halfbrain.forecast.formula import run
from halfbrain.forecast.lives import once_trained, runs_it_may_take, with_runs
from halfbrain.forecast.machine import Bill, bill
from halfbrain.forecast.reported import Beside
from halfbrain.forecast.scenario import Scenario
from halfbrain.forecast.sensitivity import sobol
from halfbrain.forecast.ties import Tie, in_effect
from halfbrain.forecast.yardstick import yardstick
from halfbrain.report.measured import measurements

Document = dict[str, Any]


def estimate_document(
    scenario: Scenario,
    names: Iterable[str],
    samples: int,
    seed: int,
    machine: str | None = None,
    against: Scenario | None = None,
) -> Document:
    """The estimate of the named contenders under a scenario, and ``against`` another's.

    A contender brings its alternatives along, beneath it.
    """
    wanted = set(names)
    draws = Draws(samples, seed)
    inputs = scenario.inputs()
    told = worked_out_document(scenario, draws)
    return {
        "scenario": {
            "name": scenario.name,
            "title": scenario.heading,
            "about": scenario.account,
            "counting": scenario.counting,
            "figures": scenario.figures,
            "changed": list(scenario.changed),
            "inputs": {name: figure_document(value) for name, value in inputs.items()} | told,
            "worked_out": list(told),
            "ties": ties_document(in_effect(inputs, scenario.ties)),
        },
        "samples": samples,
        "seed": seed,
        "against": against and {"name": against.name, "title": against.heading},
        "runs_it_may_take": figure_document(runs_it_may_take()),
        "contenders": [
            _contender(forecast(name, scenario), draws, machine, against)
            for name, contender in rows().items()
            if name in wanted and contender.under not in wanted
        ],
    }


def _contender(
    result: Forecast, draws: Draws, machine: str | None, against: Scenario | None
) -> Document:
    name, scenario = result.contender.name, result.scenario
    counts = counted(result.contender)
    flop = Spread.of(result.flop, draws)
    budget = fit(result, draws)

    def spread(name: str) -> Document:
        return asdict(Spread.of(result.quantity(name), draws))

    each = Spread.of(result.quantity("flop_per_neuron_second"), draws)
    others = (forecast(other, scenario) for other in alternatives(name) if result.by_terms)

    return {
        "name": result.contender.name,
        "title": result.contender.title,
        "about": result.contender.about,
        "basis": result.basis,
        "counting": result.counting,
        "peak": result.contender.peak,
        "flop": asdict(flop),
        "flop_per_neuron_bio_second": asdict(each),
        "flop_per_bio_second": spread("flop_per_bio_second"),
        "memory_bytes": spread("memory"),
        "bytes_moved": spread("bytes_moved"),
        "terms": {name: asdict(Spread.of(value, draws)) for name, value in result.terms().items()},
        "orders_over": orders_over(flop),
        "twelve_orders_over_palm": {
            "budget_flop": budget.budget,
            "times": asdict(budget.times),
            "largest_brain_neurons": asdict(budget.neurons),
            "share_with_enough_compute": budget.enough,
        },
        "sensitivity": [
            {
                "name": index.name,
                "names": list(index.names),
                "index": index.total,
                "first_order": index.first,
            }
            for index in sobol(result.flop, draws.seed)
        ],
        "machine": bill_document(bill(result, machine, draws)) if machine else None,
        "measurements": measurements(result.measured, each.p50) if result.measured else None,
        "yardstick": asdict(best) if (best := yardstick(result, draws)) else None,
        "counted": counts_document(counts) if counts and result.basis == "counted" else None,
        "published": published_document(result, draws),
        "against": (
            difference_document(difference(name, scenario, against, draws)) if against else None
        ),
        "flop_with_runs": asdict(Spread.of(with_runs(result), draws)),
        "once_trained": asdict(run) if (run := once_trained(result, draws)) else None,
        "left_out": [asdict(one) for one in additions(result, draws)],
        "under": result.contender.under,
        "alternatives": [
            {
                **_contender(other, draws, machine, against),
                "times_dearer": asdict(Spread.of(other.flop / result.flop, draws)),
            }
            for other in others
        ],
    }


def bill_document(found: Bill) -> Document:
    """The bill on a machine, with its assumptions and their origins."""
    return {
        **asdict(replace(found, assumptions={})),
        "assumptions": {name: figure_document(one) for name, one in found.assumptions.items()},
    }


def published_document(result: Forecast, draws: Draws) -> Document | None:
    """An answer that rests on counts, beside that of published figures; None for others."""
    if result.basis != "counted":
        return None
    scenario = result.scenario
    found = difference(result.contender.name, scenario, scenario.published(), draws)
    return difference_document(found)


def worked_out_document(scenario: Scenario, draws: Draws) -> Document:
    """The size of the brain that is asked for, where it is worked out and not set."""
    inputs = scenario.inputs()
    values = run([*WORKED_OUT], inputs)
    return {
        value.name: figure_document(
            Quantity.leaf(
                value.name,
                Interval(found.p5, found.p95),
                value.unit,
                Origin("computed", note=f"From {' and '.join(value.names)}, if it is not set."),
            )
        )
        for value in (NEURONS, SYNAPSES)
        if value.name not in inputs
        for found in [Spread.of(values[value.name], draws)]
    }


def ties_document(ties: Iterable[Tie]) -> list[Document]:
    """Inputs that are not drawn independently of each other."""
    return [
        {"names": list(tie.names), "correlation": tie.correlation, "fact": tie.fact} for tie in ties
    ]


def counts_document(found: Counted) -> Document:
    """The runs that a contender was counted in."""
    return {
        "version": found.version,
        "precision": found.precision,
        "seed": found.seed,
        "runs": [
            {
                "circuit": run.circuit,
                "neurons": run.neurons,
                "synapses": run.synapses,
                "bio_seconds": run.bio_seconds,
                "steps": run.steps,
                "flop": run.flop,
                "bytes": run.bytes,
                "flop_per_neuron_bio_second": run.flop_per_neuron_bio_second,
            }
            for run in found.runs
        ],
    }


def difference_document(found: Difference) -> Document:
    """A contender's answer beside another, with the inputs that make the difference."""
    return {
        "flop": asdict(found.other),
        "ratio": _finite(found.ratio),
        "counting": _finite(found.counting),
        "reasons": [
            {
                "name": reason.name,
                "here": reason.one and figure_document(reason.one),
                "there": reason.other and figure_document(reason.other),
                "factor": _finite(reason.factor),
                "matters": reason.matters,
                "outside": reason.outside,
                "why": reason.why,
            }
            for reason in found.reasons
        ],
    }


def _finite(ratio: float) -> float | None:
    """A ratio as JSON can have it; None over nothing."""
    return ratio if math.isfinite(ratio) else None


def audit_document(audit: Audit) -> Document:
    """Every step of the audit and the mended totals."""
    return {
        "steps": [
            {
                "id": finding.step.id,
                "contender": finding.step.contender,
                "text": finding.step.text,
                "published": finding.published,
                "unit": finding.unit,
                "recomputed": finding.recomputed,
                "meant": finding.meant,
                "ratio": finding.ratio,
                "verdict": finding.verdict,
                "why": finding.why,
            }
            for finding in audit.findings
        ],
        "corrected": {row: {"flop": value} for row, value in audit.corrected.items()},
    }


def facts_document(facts: Facts, figures: Iterable[Quantity] | None = None) -> Document:
    """Figures with their sources."""
    chosen = list(facts.figures() if figures is None else figures)
    return {"facts": [{"name": figure.name, **figure_document(figure)} for figure in chosen]}


def figure_document(figure: Quantity) -> Document:
    """One figure: its interval, unit and origin."""
    interval, origin = figure.interval, figure.origin or Origin("computed")
    assert interval is not None
    return {
        "low": interval.low,
        "high": interval.high,
        "shape": interval.shape,
        "unit": unit_text(figure.unit),
        "confidence": origin.confidence,
        "sources": [
            {"key": source.key, "text": str(source), "title": source.title, "link": source.link}
            for source in origin.sources
        ],
        "where": origin.where,
        "note": origin.note,
        "fact": origin.fact,
    }


def tree_document(node: Quantity, draws: Draws | None = None) -> Document:
    """A quantity with its parts, down to the figures."""
    draws = draws or Draws()
    document: Document = {"name": node.label, "unit": unit_text(node.unit)}
    if node.interval is not None:
        spanned = [tree_document(part, draws) for part in node.parts]
        return document | figure_document(node) | ({"parts": spanned} if spanned else {})
    return document | {
        "operation": node.operation,
        **asdict(Spread.of(node, draws)),
        "parts": [tree_document(part, draws) for part in children(node)],
    }


def reported_document(beside: Beside) -> Document:
    """A figure of the text of 2022 beside ours."""
    return {
        "about": beside.reported.about,
        "unit": beside.unit,
        "theirs": asdict(beside.theirs),
        "ours": asdict(beside.ours),
        "theirs_over_ours": asdict(beside.ratio),
        "why": beside.reported.why,
    }


def backcast_document(cases: Iterable[Backcast], fits: Iterable[Calibration]) -> Document:
    """The cost model held against published runs; fits on either half of them, with their tests."""
    return {"runs": [asdict(case) for case in cases], "fits": [asdict(fit) for fit in fits]}
