"""The contenders that an engine can run; each is imported when it is run."""

from __future__ import annotations

from importlib import import_module

from halfbrain.contenders.measured import Measured, Progress

ENGINES = ("numenta", "spiking", "blue-brain")  # a file of this folder for each


def measure(name: str, progress: Progress) -> Measured:
    """Run a contender's circuits here, at all their sizes.

    Raises
    ------
    MissingError
        one line, if a package that it runs on is not installed.
    """
    run = import_module(f"halfbrain.contenders.runs.{name.replace('-', '_')}")
    found: Measured = run.measure(others=run.OTHERS, progress=progress)
    return found
