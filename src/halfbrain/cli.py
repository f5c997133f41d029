"""The command line of halfbrain."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from halfbrain.errors import HalfbrainError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="How much compute would it take to train half a human neocortex?",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON (docs/json.md) instead of text.")]
PAGE = Path("halfbrain-report.html")


@app.command()
def estimate(
    contender: Annotated[
        list[str] | None, typer.Option(help="A contender; give it again for more. Default: all.")
    ] = None,
    neurons: Annotated[str | None, typer.Option(help="As 13e9, or '9e9 to 13e9'.")] = None,
    years: Annotated[
        str | None, typer.Option(help="Years of biological time to learn from.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any input, as firing_rate='0.1 to 1'."),
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="A shipped scenario, such as seed-2022, or a TOML file.")
    ] = "ours",
    machine: Annotated[
        str | None, typer.Option(help="A machine of the facts, such as h100: time, energy, money.")
    ] = None,
    samples: Annotated[
        int, typer.Option(min=100, max=2_000_000, help="Monte Carlo draws.")
    ] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same output.")] = 2022,
    report: Annotated[
        Path | None,
        typer.Option(help=f"Where to write the page. Default: {PAGE}; with --json, none."),
    ] = None,
    as_json: Json = False,
) -> None:
    """FLOP, memory and more for each contender, and the page that shows them."""
    from halfbrain.contenders.registry import contender as known
    from halfbrain.contenders.registry import contenders
    from halfbrain.forecast.machine import machine as known_machine
    from halfbrain.forecast.scenario import load_scenario
    from halfbrain.report import page
    from halfbrain.report.document import estimate_document
    from halfbrain.report.terminal import print_estimate

    chosen = load_scenario(scenario)
    for name, value in [("neurons", neurons), ("years", years), *map(_assignment, set_ or [])]:
        if value is not None:
            chosen = chosen.with_setting(name, value)
    names = [known(name).name for name in contender or contenders()]
    if machine is not None:
        known_machine(machine)
    document = estimate_document(chosen, names, samples, seed, machine)
    if report is None and not as_json:
        report = PAGE
    if report is not None:
        page.write(chosen, names, samples, seed, report)
    if as_json:
        _print_json(document)
        return
    console = _console()
    print_estimate(console, document)
    console.print(f"\nThe page: {report}", highlight=False)


@app.command()
def audit(as_json: Json = False) -> None:
    """Every calculation in the text of 2022, recomputed."""
    from halfbrain.forecast.audit.audit import audit as run_audit
    from halfbrain.report.document import audit_document
    from halfbrain.report.terminal import print_audit

    document = audit_document(run_audit())
    if as_json:
        _print_json(document)
    else:
        print_audit(_console(), document)


@app.command("facts")
def facts_(
    name: Annotated[
        str | None,
        typer.Argument(help="A table, TABLE.ITEM, TABLE.ITEM.FIGURE, or a word to look for."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The figures taken from the world, with their sources."""
    from halfbrain.facts.table import facts
    from halfbrain.report.document import facts_document
    from halfbrain.report.terminal import print_facts

    table = facts()
    document = facts_document(table, table.find(name or ""))
    if as_json:
        _print_json(document)
    else:
        print_facts(_console(), document)


@app.command()
def explain(
    contender: Annotated[str, typer.Argument(help="Such as spiking or blue-brain.")],
    scenario: Annotated[str, typer.Option(help="A shipped scenario or a TOML file.")] = "ours",
    as_json: Json = False,
) -> None:
    """The tree of one estimate, down to its sources."""
    from halfbrain.forecast.estimate import forecast
    from halfbrain.forecast.scenario import load_scenario
    from halfbrain.report.document import tree_document

    result = forecast(contender, load_scenario(scenario))
    if as_json:
        _print_json({"contender": contender, "tree": tree_document(result.flop)})
    else:
        _console().print(Text(result.flop.explain()))


@app.command()
def backcast(as_json: Json = False) -> None:
    """The cost model held against published simulation runs."""
    from halfbrain.forecast.backcast import backcasts
    from halfbrain.report.document import backcast_document
    from halfbrain.report.terminal import print_backcast

    document = backcast_document(backcasts())
    if as_json:
        _print_json(document)
    else:
        print_backcast(_console(), document)


@app.command()
def machine(
    threads: Annotated[int | None, typer.Option(min=1, help="Default: all cores.")] = None,
    as_json: Json = False,
) -> None:
    """Measure this machine's ceilings: arithmetic, exponentials, memory (about 10 seconds)."""
    import os

    from rich.progress import Progress, SpinnerColumn, TextColumn

    from halfbrain.metering.ceilings import measure
    from halfbrain.report.terminal import print_ceilings

    cores = os.cpu_count() or 1
    if threads is not None and threads > cores:
        raise HalfbrainError(f"--threads {threads}: this machine has {cores}")
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")
        ceilings = measure(threads, progress=lambda name: progress.update(task, description=name))
    if as_json:
        _print_json(asdict(ceilings))
    else:
        print_ceilings(_console(), ceilings)


@app.command()
def plot(
    file: Annotated[Path, typer.Argument(help="A recording: spikes and states in SONATA HDF5.")],
    out: Annotated[
        Path | None,
        typer.Option(help="A .png, .svg or .pdf. Default: the file's name with .png."),
    ] = None,
    start: Annotated[
        float, typer.Option("--from", metavar="S", help="Where to begin, in seconds.")
    ] = 0.0,
    stop: Annotated[
        float | None, typer.Option("--to", metavar="S", help="Where to end. Default: the end.")
    ] = None,
) -> None:
    """Draw a recording: raster, rates, irregularity, and the states if there are any."""
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from halfbrain.engine import sonata
    from halfbrain.report import activity

    picture = out or file.with_suffix(".png")
    activity.picture_kind(picture)
    if picture == file:
        raise HalfbrainError(f"--out {picture}: would overwrite the recording")
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    console = Console(stderr=True)
    # Where nobody watches, a mistake stays the one line that it is.
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(f"reading {file}")
        recorded = sonata.read(file)
        progress.update(task, description=f"drawing {picture}")
        activity.write(recorded, picture, start, float("inf") if stop is None else stop)
    _console().print(f"The picture: {picture}", highlight=False, markup=False, soft_wrap=True)


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise HalfbrainError(f"--set {text[:60]!r}: write NAME=VALUE, as firing_rate='0.1 to 1'")
    return name.strip(), value.strip()


def _print_json(document: dict[str, Any]) -> None:
    # Infinity and NaN are no JSON; nothing that is printed may hold them.
    sys.stdout.write(json.dumps(document, indent=1, allow_nan=False) + "\n")


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def _fail(message: str) -> NoReturn:
    line = " ".join(message.split())
    sys.stderr.write(f"halfbrain: {line}\n")
    raise SystemExit(2)


def main() -> None:
    """Run the command line; a user's mistake is one line and exit status 2."""
    try:
        app(standalone_mode=False)
    except HalfbrainError as error:
        _fail(str(error))
    except typer.TyperException as error:  # an unknown option, a missing value
        _fail(error.format_message() if isinstance(error, typer.BadParameter) else str(error))
    except (typer.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except BrokenPipeError:  # the reader of a pipe has gone, as with `halfbrain facts | head`
        sys.stderr.close()
        raise SystemExit(0) from None
