"""Counts every contender that can be run, and writes what ships: ``make counts``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import halfbrain.contenders as room
from halfbrain.contenders.counted import FOLDER, as_data
from halfbrain.contenders.measured import Measured
from halfbrain.contenders.runs import blue_brain, numenta, spiking
from halfbrain.written import write_text

COUNTED: Mapping[str, Callable[..., Measured]] = {
    "numenta": numenta.networks,
    "spiking": spiking.measure,
    "blue-brain": blue_brain.measure,
}


def write(folder: Path) -> None:
    """Count all, and write a file for each contender."""
    folder.mkdir(exist_ok=True)
    for name, measure in COUNTED.items():
        write_text(folder / f"{name}.json", json.dumps(as_data(measure()), indent=1) + "\n")


if __name__ == "__main__":
    write(Path(room.__path__[0]) / FOLDER)
