"""What a command writes: said before the work, if it cannot be written or is there already."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.io.sonata import Loaded, LoadedPoints

Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def check_output(
    path: Path | None, option: str, *, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """See that a file can be written in the end; None: that none is asked for.

    Without ``force`` no file may be there; in no case one of ``inputs``, or a folder.

    Raises
    ------
    RunError
        one line.
    """
    if path is None:
        return
    try:
        if not path.parent.is_dir():
            raise RunError(f"{option} {path}: there is no folder {path.parent}")
        if path.is_dir():
            raise RunError(f"{option} {path}: is a folder; name a file in it")
        if path.is_file():
            for one in inputs:
                if one.exists() and path.samefile(one):
                    raise RunError(f"{option} {path}: is read by this command; name another file")
            if not force:
                raise RunError(f"{option} {path}: is there already; --force writes over it")
        if path.is_file() or not path.exists():
            with tempfile.TemporaryFile(dir=path.parent):
                pass
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RunError(f"{option} {path}: cannot be written: {why}") from None


def check_run_output(out: Path | None, *, force: bool, inputs: Iterable[Path] = ()) -> None:
    """The same of a run that is begun, which keeps more files beside its own.

    Raises
    ------
    RunError
        one line.
    """
    if out is None:
        return
    if out.exists() and not out.is_file() and not out.is_dir():
        raise RunError(f"--out {out}: is no plain file")
    for ending in (".checkpoint", ".cells"):
        kept = out.with_name(out.name + ending)
        if kept.exists() and not force:
            raise RunError(
                f"--out {out}: a run that was cut short is kept in {kept}; --resume {out} goes on "
                f"with it, --force begins anew"
            )
    check_output(out, "--out", force=force, inputs=inputs)


def sonata_output(loaded: Loaded | LoadedPoints, out: Path | None, *, force: bool) -> Path:
    """Where a SONATA run's spikes go; sees to all files that its configuration names.

    Folders that it names are made.

    Raises
    ------
    RunError
        one line.
    """
    named = [pair for pair in loaded.outputs if out is None or pair[1] != loaded.spikes]
    for _, file in named:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"cannot make {file.parent}: {error.strerror or error}") from None
    for option, file in named:
        check_output(file, option, force=force, inputs=loaded.inputs)
    check_run_output(out or loaded.spikes, force=force, inputs=loaded.inputs)
    return out or loaded.spikes
