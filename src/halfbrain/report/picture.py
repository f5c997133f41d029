"""Pictures as files: our style, the kinds there are, and writing one whole or not at all."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from halfbrain.errors import HalfbrainError
from halfbrain.written import replacing

_STYLE: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 0.9,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.parse_math": False,  # a dollar sign in a name begins no formula
    "svg.hashsalt": "halfbrain",  # the same run gives the same file
}
_UNDATED: dict[str, dict[str, Any]] = {
    "png": {},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def picture_kind(path: Path) -> str:
    """The kind of picture that a name asks for: png, svg or pdf.

    Raises
    ------
    HalfbrainError
        if it is another.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _UNDATED:
        raise HalfbrainError(f"{path}: a picture's name ends in .png, .svg or .pdf")
    return kind


def save(figure: Figure, path: Path) -> None:
    """Write a figure under a temporary name, which is renamed at the end.

    Raises
    ------
    HalfbrainError
        if the kind of picture is unknown, or the place cannot be written.
    """
    kind = picture_kind(path)
    try:
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind, dpi=160, metadata=_UNDATED[kind])
    except OSError as error:
        raise HalfbrainError(f"cannot write {path}: {error.strerror}") from None


@contextmanager
def style() -> Iterator[None]:
    """Our settings in place of the user's, for as long as it lasts."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A name in letters that the font lacks is drawn as boxes; that is no news to anyone.
        warnings.filterwarnings("ignore", message="Glyph")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield
