"""The same as one self-contained page: curves against samples, FLOP and biological time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from halfbrain.report.laboratory import effect, percent
from halfbrain.report.numbers import short
from halfbrain.version import VERSION
from halfbrain.written import write_text

Document = dict[str, Any]
_COLOURS = {
    "mlp": "#66707c",
    "transformer": "#3d49c4",
    "dendrites": "#9c5d06",
    "sparse": "#7c3f8c",
    "spiking": "#0f766e",
    "stdp": "#b3261e",
}
_AXES = {"samples": "samples seen", "flop": "FLOP of learning", "bio_seconds": "seconds of life"}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>halfbrain: {{ title }}</title>
<style>
body { margin: 0 auto; max-width: 1060px; padding: 24px; background: #fbfaf7; color: #1d2126;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font: 600 2rem/1.2 Georgia, serif; margin: 12px 0 16px; }
h2 { font: 600 1.4rem/1.2 Georgia, serif; margin: 44px 0 6px; }
p { max-width: 72ch; } .soft { color: #5b626b; font-size: .9rem; }
.wide { overflow-x: auto; } svg { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 14px 5px 0; text-align: right; border-bottom: 1px solid #e3dfd6;
  vertical-align: top; white-space: nowrap; }
th { font-weight: 600; color: #5b626b; } th:first-child, td:first-child { text-align: left; }
.claims td { white-space: normal; text-align: left; } .claims td:nth-child(3) { min-width: 8em; }
.supported { color: #1c7a43; font-weight: 600; } .not { color: #b3261e; font-weight: 600; }
.undecided { color: #8a6100; font-weight: 600; } blockquote { margin: 2px 0 0; color: #5b626b;
  font-size: .85rem; }
</style></head><body>
<h1>{{ title }}</h1>
<p class="soft">halfbrain {{ version }}. Means over seeds; 95 % intervals: bootstrap for one
learner, Student's t of paired seeds for two. FLOP of learning alone: forward, backward,
optimiser, or what the spiking engine counts; tests are free.
{% if verdicts %}p: of the claim's nearest bound, all claims together (Holm).{% endif %}</p>
{% if verdicts %}
<div class="wide"><table class="claims"><tr><th>claim</th><th></th><th>verdict</th><th></th></tr>
{% for v in verdicts %}<tr><td>{{ v.claim.key }}</td><td>{{ v.claim.says }}
<blockquote>line {{ v.claim.line }}: “{{ v.claim.quote }}”</blockquote></td>
<td class="{{ v.verdict }}">{{ v.verdict }}</td>
<td>{{ effect(v) }}<br><span class="soft">{{ scales[v.claim.plan] }}
{%- if v.found %}; p {{ number(v.holm_p) }}{% endif %}</span></td></tr>
{% endfor %}</table></div>{% endif %}
{% for e in experiments %}
<h2>{{ e.title }}</h2>
<p class="soft">{{ "{:,}".format(e.plan.samples) }} samples
{%- if e.plan.distinct %} of {{ "{:,}".format(e.plan.distinct) }} different ones{% endif %},
batches of {{ e.plan.batch }}, {{ e.plan.seeds }} seeds,
{% if e.plan.units %}{{ e.plan.units }} units in each hidden layer
{%- else %}up to {{ "{:,}".format(e.plan.parameters) }} parameters{% endif %}.</p>
{{ figures[loop.index0] }}
<div class="wide"><table><tr><th>learner</th><th>parameters</th><th>accuracy</th><th>forgotten</th>
<th>FLOP a sample</th><th>without zeros</th><th>tuned to</th><th>tuning FLOP</th></tr>
{% for name, l in e.learners.items() %}<tr><td>{{ l.title }}</td>
<td>{{ "{:,}".format(l.parameters) }}</td><td>{{ percent(l.accuracy) }}</td>
<td>{{ percent(l.forgotten) if e.plan.task.startswith(("permuted", "split")) else "-" }}</td>
<td>{{ number(l.flop_per_sample) }}</td><td>{{ number(l.effective_flop_per_sample) }}</td>
<td>{{ l.knob }} {{ l.chosen }}</td><td>{{ number(l.tuning_flop) }}</td></tr>
{% if l.diverged %}<tr><td colspan="8">seeds that diverged: {{ l.diverged }}</td></tr>{% endif %}
{% endfor %}</table></div>
<h3>To reach an accuracy</h3>
<div class="wide"><table><tr><th>learner</th>{% for level in levels(e) %}<th>{{
"{:.0%}".format(level) }}</th>{% endfor %}</tr>
{% for name, l in e.learners.items() %}<tr><td>{{ l.title }}, FLOP</td>
{% for level in levels(e) %}<td>{{ spent(l, level, "flop") }}</td>{% endfor %}</tr>
<tr><td class="soft">samples</td>
{% for level in levels(e) %}<td class="soft">{{ spent(l, level, "samples") }}</td>{% endfor %}</tr>
{% endfor %}</table></div>
{% endfor %}
</body></html>
"""


def write_page(path: Path, title: str, experiments: list[Document], judged: Document) -> None:
    """Write the page under a temporary name, then rename it.

    Parameters
    ----------
    path
        where.
    title
        its heading.
    experiments
        documents of :func:`halfbrain.learning.comparison.document`.
    judged
        ``{"verdicts": [...], "scales": {...}}``, or empty.

    Raises
    ------
    HalfbrainError
        if the place cannot be written.
    """
    environment = Environment(undefined=StrictUndefined, autoescape=True)
    text = environment.from_string(_PAGE).render(
        title=title,
        version=VERSION,
        experiments=experiments,
        figures=[Markup(curves(e)) for e in experiments],
        verdicts=judged.get("verdicts", []),
        scales=judged.get("scales", {}),
        effect=effect,
        percent=percent,
        number=lambda x: "-" if x is None else short(x),
        levels=_levels,
        spent=_spent,
    )
    write_text(path, text)


def _levels(e: Document) -> list[float]:
    return sorted({r["accuracy"] for entry in e["learners"].values() for r in entry["reached"]})


def _spent(learner: Document, level: float, axis: str) -> str:
    for r in learner["reached"]:
        if r["accuracy"] == level and r[axis]:
            some = "" if r["runs"] == r["of"] else f" ({r['runs']}/{r['of']})"
            return short(r[axis]["mean"]) + some
    return "-"


def curves(e: Document) -> str:
    """The learning curves of an experiment, as SVG."""
    axes = [k for k in _AXES if any(p[k] for x in e["learners"].values() for p in x["curve"])]
    figure = Figure((10.6, 3.5), layout="constrained")
    plots = figure.subplots(1, len(axes), sharey=True, squeeze=False)[0]
    for axis, plot in zip(axes, plots, strict=True):
        for name, learner in e["learners"].items():
            points = [p for p in learner["curve"] if p[axis]]
            if not points:
                continue
            x = [p[axis] for p in points]
            colour = _COLOURS.get(name, "#000000")
            plot.plot(x, [p["accuracy"]["mean"] for p in points], color=colour, label=name, lw=1.8)
            ends = [
                [p["accuracy"]["mean" if p["accuracy"][k] is None else k] for p in points]
                for k in ("low", "high")
            ]
            plot.fill_between(x, *ends, color=colour, alpha=0.18, lw=0)
        plot.set_xscale("log")
        plot.set_xlabel(_AXES[axis])
        plot.grid(color="#ece8df", lw=0.8)
        plot.set_axisbelow(True)
        plot.spines[["top", "right"]].set_visible(False)
        plot.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    plots[0].set_ylabel("accuracy on tests")
    plots[0].legend(frameon=False, fontsize=9)
    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": e["title"]}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    svg = out.getvalue()
    before, after = svg.index("<metadata>"), svg.index("</metadata>") + len("</metadata>")
    return svg[svg.index("<svg") : before] + svg[after:]
