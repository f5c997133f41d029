"""A neuron's picture as a file."""

from __future__ import annotations

from pathlib import Path

from halfbrain.errors import HalfbrainError
from halfbrain.morphology.drawing import COLOURS, draw
from halfbrain.morphology.morphology import Morphology
from halfbrain.report.picture import picture_kind, save, style


def write(morphology: Morphology, path: Path, colour: str = "region", title: str = "") -> None:
    """Draw a morphology as seen along the z axis.

    Raises
    ------
    HalfbrainError
        if the colour or the kind of picture is unknown, or the place cannot be written.
    """
    if colour not in COLOURS:
        raise HalfbrainError(f"--color {colour[:30]}: is none of {', '.join(COLOURS)}")
    picture_kind(path)
    with style():
        save(draw(morphology, colour, title), path)
