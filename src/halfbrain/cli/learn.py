"""The command that has networks learn."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halfbrain.cli.app import Json, app, bars, console, print_json
from halfbrain.cli.output import Force
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.learning.learned import Learned
    from halfbrain.learning.schedule import Schedule

LEARNERS = ("diehl-cook",)
CHECKPOINT = Path("diehl-cook.checkpoint")


@app.command()
def learn(
    what: Annotated[
        str,
        typer.Argument(
            metavar="TASK",
            help="digits, mnist, fashion-mnist, mnist-1d, permuted-mnist:10, split-mnist:5 ...; "
            "or diehl-cook: MNIST by STDP.",
        ),
    ],
    learners: Annotated[
        str | None, typer.Option(help="mlp, dendrites, sparse, spiking, stdp, transformer.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(min=2, help="Runs a learner. Default: 5.")] = None,
    parameters: Annotated[
        int | None, typer.Option(min=1, help="Of each learner at most. Default: 40000.")
    ] = None,
    units: Annotated[
        int | None, typer.Option(min=4, help="In each hidden layer, whatever they take.")
    ] = None,
    budget_samples: Annotated[
        int | None, typer.Option(min=1, help="Learnt from, with repeats. Default: 40000.")
    ] = None,
    budget_flop: Annotated[
        float | None, typer.Option(help="FLOP after which a learner stops learning.")
    ] = None,
    distinct: Annotated[
        int | None, typer.Option(min=1, help="Different samples among them. Default: all.")
    ] = None,
    tests: Annotated[
        int | None, typer.Option(min=10, help="Tests of each part. Default: all.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with the curves.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the JSON there.")] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where finished runs are kept.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="Side by side. Default: 2.")
    ] = None,
    neurons: Annotated[
        int | None, typer.Option(min=2, help="diehl-cook: excitatory neurons. Default: 400.")
    ] = None,
    images: Annotated[
        int | None, typer.Option(min=1, help="diehl-cook: shown to learn from. Default: 60000.")
    ] = None,
    label_images: Annotated[
        int | None,
        typer.Option(min=1, help="diehl-cook: shown then, to label neurons. Default: 10000."),
    ] = None,
    test_images: Annotated[
        int | None, typer.Option(min=1, help="diehl-cook: shown to be named. Default: 10000.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="diehl-cook: the same seed, the same result. Default: 1."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="diehl-cook: learn from less, to end within this time.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="diehl-cook: where what is learnt is kept until the end.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="diehl-cook: go on from the checkpoint.")
    ] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compare learners on a task, by samples, FLOP and time of life; or have diehl-cook learn.

    Finished runs are kept in a folder: the same command goes on where it was stopped.
    """
    own = {
        "neurons": neurons,
        "images": images,
        "label_images": label_images,
        "test_images": test_images,
        "seed": seed,
    }
    asked = {name: value for name, value in own.items() if value is not None}
    more = {"minutes": minutes, "checkpoint": checkpoint, "resume": resume or None}
    compared = {
        "learners": learners,
        "seeds": seeds,
        "parameters": parameters,
        "units": units,
        "budget_samples": budget_samples,
        "budget_flop": budget_flop,
        "distinct": distinct,
        "tests": tests,
        "report": report,
        "out": out,
        "results": results,
        "processes": processes,
        "force": force or None,
    }
    if what.replace("_", "-") in LEARNERS:
        _none(compared, "is for tasks, not for diehl-cook")
        if minutes is not None and not 0 < minutes < 1e6:
            raise RunError(f"--minutes {minutes:g}: must be above 0")
        shown(asked, minutes, checkpoint or CHECKPOINT, resume, as_json)
        return
    from halfbrain.cli import laboratory

    _none({**own, **more}, "is for diehl-cook, not for tasks")
    given = {name: value for name, value in compared.items() if value is not None}
    laboratory.compare_learners(what, given, as_json)


def _none(options: Mapping[str, object], why: str) -> None:
    """Refuse options that are given."""
    for name, value in options.items():
        if value is not None:
            raise RunError(f"--{name.replace('_', '-')} {why}")


def shown(
    asked: dict[str, int], minutes: float | None, checkpoint: Path, resume: bool, as_json: bool
) -> None:
    """Learn by a schedule with what was ``asked`` for, and print what came of it."""
    from halfbrain.metering import known
    from halfbrain.report.learned import learned_document, print_learned

    learned = _learned(asked, minutes, checkpoint, resume)
    try:
        document = learned_document(learned, known.ceilings(1))
        if as_json:
            print_json(document)
        else:
            print_learned(console(), document)
    except KeyboardInterrupt:
        _say_stopped("after the testing", checkpoint)
        raise
    checkpoint.unlink(missing_ok=True)


def _learned(
    asked: dict[str, int], minutes: float | None, checkpoint: Path, resume: bool
) -> Learned:
    from halfbrain.learning import diehl_cook
    from halfbrain.learning.mnist import load_mnist
    from halfbrain.learning.schedule import Schedule

    # What cannot be is said before anything is downloaded.
    schedule = Schedule(**{"seed": 1, **asked})
    if resume:
        _same(asked, diehl_cook.saved_schedule(checkpoint), checkpoint)
    elif checkpoint.exists():
        raise RunError(
            f"{checkpoint}: what was learnt before is kept there; "
            f"go on with it (halfbrain learn diehl-cook --resume), or remove it"
        )
    with bars() as shown:
        task = shown.add_task("finding MNIST", total=None, note="")
        stage = ""

        def tell(what: str, done: int, total: int, note: str) -> None:
            nonlocal stage
            if what != stage:  # or the time that is left would be guessed from the stage before
                stage = what
                shown.reset(task, description=what, total=total or None)
            shown.update(task, completed=done, note=note)

        digits = load_mnist(lambda name, done, total: tell(f"downloading {name}", done, total, ""))

        def show(what: str, done: int, total: int, note: str) -> None:
            tell(what, done, total, f"{done:,} of {total:,} images{note and ', ' + note}")

        limit = None if minutes is None else minutes * 60
        try:
            if resume:
                return diehl_cook.resume(
                    checkpoint, digits=digits, budget_seconds=limit, progress=show
                )
            return diehl_cook.learn(
                schedule, digits=digits, out=checkpoint, budget_seconds=limit, progress=show
            )
        except KeyboardInterrupt:
            shown.stop()
            _say_stopped(f"in the {stage}", checkpoint)
            raise


def _say_stopped(where: str, checkpoint: Path) -> None:
    own = "" if checkpoint == CHECKPOINT else f" --checkpoint {checkpoint}"
    sys.stderr.write(
        f"halfbrain: stopped {where}; what was learnt is in {checkpoint}, and "
        f"halfbrain learn diehl-cook --resume{own} goes on\n"
    )


def _same(asked: dict[str, int], saved: Schedule, checkpoint: Path) -> None:
    """Refuse options that say otherwise than what is resumed."""
    for name, value in asked.items():
        kept = getattr(saved, name)
        if value != kept:
            raise RunError(f"{checkpoint}: its {name.replace('_', ' ')} is {kept}, not {value}")
