"""The process in which a peer runs: ``python -m halfbrain.compare.worker NAME FOLDER``.

It reads the job in ``FOLDER/job`` and leaves ``FOLDER/result``, or one line in ``FOLDER/refusal``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from halfbrain.compare.catalogue import peer
from halfbrain.compare.files import read_job, write
from halfbrain.errors import HalfbrainError


def main(name: str, folder: Path) -> int:
    """Run the job that lies in ``folder``; 0 if it has a result."""
    try:
        simulator = peer(name)
        if reason := simulator.available():
            raise HalfbrainError(reason)
        write(folder / "result", simulator.run(read_job(folder / "job")))
    except HalfbrainError as error:
        (folder / "refusal").write_text(str(error), "utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
