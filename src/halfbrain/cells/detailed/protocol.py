"""The currents that a cell's authors inject: steps of constant current into the soma."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from halfbrain.errors import DataError
from halfbrain.reading import file_text


@dataclass(frozen=True)
class Step:
    """A current in nA from ``delay`` on for ``duration``, both in ms."""

    delay: float
    duration: float
    amplitude: float


@dataclass(frozen=True)
class Protocol:
    """Currents that are summed, over a run of ``duration`` ms."""

    name: str
    steps: tuple[Step, ...]
    duration: float


def read_protocols(file: Path) -> tuple[Protocol, ...]:
    """The protocols of a file of EModelRunner's whose amplitudes are all given as numbers.

    Others are relative to a threshold that must first be searched for; they are left out.

    Raises
    ------
    DataError
        one line with the file and the protocol that cannot be read.
    """
    try:
        document = json.loads(file_text(file))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: cannot be read as JSON ({type(error).__name__})") from error
    found = []
    for name, body in document.items():
        try:
            if body.get("type") != "StepProtocol":
                continue
            parts = body["stimuli"].values()
            if any(part["amp"] is None for part in parts):
                continue
            steps = tuple(
                Step(float(part["delay"]), float(part["duration"]), float(part["amp"]))
                for part in parts
            )
            whole = max(float(part["totduration"]) for part in parts)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"{file}: protocol {name[:40]!r} cannot be read: {error}") from error
        found.append(Protocol(str(name), steps, whole))
    return tuple(found)
