"""Files of text that a user names: plain files, and no longer than text is."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

_LONGEST = 500_000_000  # bytes


def file_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises
    ------
    OSError
        with its reason as ``strerror``; also if it is a pipe or a device, which may never end.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "is no plain file", str(path))
    if found.st_size > _LONGEST:
        raise OSError(errno.EFBIG, f"is longer than {_LONGEST:,} bytes", str(path))
    return path.read_bytes()


def file_text(path: Path, encoding: str = "utf-8", errors: str = "strict") -> str:
    """The same as text, its ends of lines as Python has them."""
    text = file_bytes(path).decode(encoding, errors)
    return text.replace("\r\n", "\n").replace("\r", "\n")
