"""Run a command and leave the most memory that it held: ``python measured.py FILE COMMAND ...``.

It stands between Brian2 and the program that Brian2 compiled, as the memory of all children
together would count the compiler's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(record: Path, command: list[str]) -> int:
    """Run it; returns its exit status."""
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    record.write_text(str(usage.ru_maxrss * 1024))  # Linux counts in KiB
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
