"""The command that has a network learn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halfbrain.cli.app import Json, app, console, print_json, progress
from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.learning.learned import Learned
    from halfbrain.learning.schedule import Schedule

LEARNERS = ("diehl-cook",)
CHECKPOINT = Path("diehl-cook.checkpoint")


@app.command()
def learn(
    learner: Annotated[str, typer.Argument(help="diehl-cook: handwritten digits, by STDP.")],
    neurons: Annotated[
        int | None, typer.Option(min=2, help="Excitatory neurons. Default: 400.")
    ] = None,
    images: Annotated[
        int | None, typer.Option(min=1, help="Shown to learn from. Default: 60000.")
    ] = None,
    label_images: Annotated[
        int | None, typer.Option(min=1, help="Shown then, to label neurons. Default: 10000.")
    ] = None,
    test_images: Annotated[
        int | None, typer.Option(min=1, help="Shown to be named. Default: 10000.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed gives the same result. Default: 1.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Learn from fewer images, to end within this wall time.")
    ] = None,
    checkpoint: Annotated[
        Path, typer.Option(help="Where what is learnt is kept until the end.")
    ] = CHECKPOINT,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")] = False,
    as_json: Json = False,
) -> None:
    """Have a network learn MNIST's digits, and test it on those that it never saw."""
    if learner.replace("_", "-") not in LEARNERS:
        raise RunError(f"no learner {learner[:40]!r}; there is {', '.join(LEARNERS)}")
    if minutes is not None and not 0 < minutes < 1e6:
        raise RunError(f"--minutes {minutes:g}: must be above 0")
    given = {
        "neurons": neurons,
        "images": images,
        "label_images": label_images,
        "test_images": test_images,
        "seed": seed,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    shown(asked, minutes, checkpoint, resume, as_json)


def shown(
    asked: dict[str, int], minutes: float | None, checkpoint: Path, resume: bool, as_json: bool
) -> None:
    """Learn by a schedule with what was ``asked`` for, and print what came of it."""
    from halfbrain.metering import known
    from halfbrain.report.learned import learned_document, print_learned

    learned = _learned(asked, minutes, checkpoint, resume)
    document = learned_document(learned, known.ceilings(1))
    if as_json:
        print_json(document)
    else:
        print_learned(console(), document)


def _learned(
    asked: dict[str, int], minutes: float | None, checkpoint: Path, resume: bool
) -> Learned:
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn

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
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    with progress(*columns) as bars:
        task = bars.add_task("finding MNIST", total=None, note="")
        stage = ""

        def tell(what: str, done: int, total: int, note: str) -> None:
            nonlocal stage
            if what != stage:  # or the time that is left would be guessed from the stage before
                stage = what
                bars.reset(task, description=what, total=total or None)
            bars.update(task, completed=done, note=note)

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
            bars.stop()
            own = "" if checkpoint == CHECKPOINT else f" --checkpoint {checkpoint}"
            sys.stderr.write(
                f"halfbrain: stopped in the {stage}; what was learnt is in {checkpoint}, and "
                f"halfbrain learn diehl-cook --resume{own} goes on\n"
            )
            raise


def _same(asked: dict[str, int], saved: Schedule, checkpoint: Path) -> None:
    """Refuse options that say otherwise than what is resumed."""
    for name, value in asked.items():
        kept = getattr(saved, name)
        if value != kept:
            raise RunError(f"{checkpoint}: its {name.replace('_', ' ')} is {kept}, not {value}")
