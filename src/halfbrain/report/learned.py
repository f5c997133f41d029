"""What a learner reached and what it cost, as a document and as a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from halfbrain.learning.learned import Learned
from halfbrain.learning.shown import PLASTIC
from halfbrain.metering.ceilings import Ceilings
from halfbrain.metering.trials import between_trials
from halfbrain.program.cost import Cost
from halfbrain.report.numbers import short
from halfbrain.report.run import phase_rows
from halfbrain.report.table import FiguresTable


def learned_document(learned: Learned, ceilings: Ceilings) -> dict[str, Any]:
    """What ``--json`` prints of a learner; see docs/json.md."""
    learning, testing = learned.stages["learning"], learned.stages["testing"]
    # The network did not run in the rest of the time: weights were scaled, states set to rest.
    rest = max(learning.wall_seconds - learned.learner.wall_seconds, 0.0)
    between = between_trials(learned.learner, PLASTIC, learning.images + 1, rest)
    parts = {
        "learning": [*learned.learner.cost(ceilings.cache_bytes), between],
        "testing": learned.tester.cost(ceilings.cache_bytes),
    }
    costs = {name: sum((phase.cost for phase in of), Cost()) for name, of in parts.items()}
    dtype = learned.learner.dtype
    seconds = learning.images * learned.schedule.milliseconds * 1e-3
    shown = learned.stages["labelling"].images + testing.images
    return learned.document() | {
        "flop": sum(cost.flop for cost in costs.values()),
        "learning_flop": costs["learning"].flop,
        "flop_per_image_learnt": costs["learning"].flop / learning.images,
        "flop_per_image_tested": costs["testing"].flop / shown,
        "flop_per_neuron_bio_second": costs["learning"].flop / (learned.learner.neurons * seconds),
        "phases": {name: phase_rows(of, ceilings, dtype) for name, of in parts.items()},
        "memory_bytes": learned.learner.memory(),
        "dtype": dtype,
        "machine": asdict(ceilings),
    }


def print_learned(console: Console, document: dict[str, Any]) -> None:
    """The same in 80 columns."""
    d, schedule = document, document["schedule"]
    stages = d["stages"]
    console.print(
        f"{d['circuit']} on {d['data']}: {schedule['neurons']:,} excitatory neurons, "
        f"{d['synapses']:,} synapses, seed {schedule['seed']}"
    )
    learning = stages["learning"]
    console.print(
        f"{learning['images']:,} images learnt from, {schedule['milliseconds']} ms each at no more "
        f"than {schedule['rate_hz']:g} Hz"
    )
    if learning["images"] < schedule["images"]:
        console.print(f"(of {schedule['images']:,}: time was short)")
    console.print()
    for vote, result in d["votes"].items():
        low, high = result["p95"]
        console.print(
            f"{vote.replace('_', ' '):22s} {result['accuracy']:.2%} of "
            f"{stages['testing']['images']:,} test images (95 %: {low:.2%} to {high:.2%})"
        )
    console.print()
    console.print(_confusion(d["confusion"]))
    console.print()
    table = FiguresTable(box=None, pad_edge=False)
    table.add_column("stage")
    for name in ("images", "s of life", "wall s", "spikes"):
        table.add_column(name, justify="right")
    for name, stage in stages.items():
        table.add_row(
            name,
            f"{stage['images']:,}",
            f"{stage['bio_seconds']:,.0f}",
            f"{stage['wall_seconds']:,.1f}",
            short(stage["spikes"]),
        )
    console.print(table)
    table = FiguresTable(box=None, pad_edge=False)
    table.add_column("\nphase of learning")
    for name in ("\ns", "\nFLOP", "\nbytes", "\nevents", "of the\nroofline"):
        table.add_column(name, justify="right")
    for phase in d["phases"]["learning"]:
        if phase["name"] != "wait":
            table.add_row(
                phase["name"],
                f"{phase['wall_seconds']:.1f}",
                *(short(phase[key]) for key in ("flop", "bytes", "events")),
                f"{phase['roofline_fraction']:.0%}",
            )
    console.print()
    console.print(table)
    console.print(
        f"\n{short(d['learning_flop'])} FLOP to learn, {short(d['flop_per_image_learnt'])} for an "
        f"image; {short(d['flop_per_neuron_bio_second'])} for each neuron and second of life."
    )


def _confusion(rows: list[list[int]]) -> Table:
    table = FiguresTable(box=None, pad_edge=False, title="shown (down), named (across)")
    table.title_justify = "left"
    table.add_column("")
    for k in range(len(rows)):
        table.add_column(str(k), justify="right")
    table.add_column("none", justify="right")
    for k, row in enumerate(rows):
        table.add_row(str(k), *(str(n) if n else "." for n in row))
    return table
