"""Files that are written whole or not at all: under a temporary name, renamed at the end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halfbrain.errors import RunError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """An empty file beside ``path``, to be filled; it takes that place, or is removed on an error.

    What is no plain file, such as ``/dev/null``, stays: what was written goes into it.

    Raises
    ------
    OSError
        if the place cannot be written.
    """
    special = path.exists() and not path.is_file() and not path.is_dir()
    handle, name = tempfile.mkstemp(dir=None if special else path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if special:
            with temporary.open("rb") as whole, path.open("wb") as out:
                shutil.copyfileobj(whole, out)
            return
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
