"""Text that is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from halfbrain.errors import HalfbrainError


def write_text(path: Path, text: str) -> None:
    """Write under a temporary name, then rename.

    Raises
    ------
    HalfbrainError
        if the place cannot be written.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True) if temporary else None
        raise HalfbrainError(f"cannot write {path}: {error.strerror}") from None
