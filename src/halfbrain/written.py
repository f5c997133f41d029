"""Files that are written whole or not at all: under a temporary name, renamed at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halfbrain.errors import RunError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """An empty file beside ``path``, to be filled; it takes that place, or is removed on an error.

    Raises
    ------
    OSError
        if the place cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text.

    Raises
    ------
    RunError
        one line, if the place cannot be written.
    """
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, "utf-8")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from None
