"""What runs in a process of its own: ``python -m halfbrain.processes.worker MODULE FOLDER``.

The module's ``run`` gets the job in ``FOLDER/job.npz``, and its result goes to
``FOLDER/result.npz``; or the one line of its refusal goes to ``FOLDER/refusal``.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, get_type_hints

from halfbrain.errors import HalfbrainError
from halfbrain.processes.message import read, write
from halfbrain.written import write_text


def types_of(module: Any) -> tuple[type[Any], type[Any]]:
    """What a module's ``run`` takes, and what it gives back, by its annotations."""
    job, result = get_type_hints(module.run).values()
    return job, result


def main(name: str, folder: Path) -> int:
    """Run the job that lies in ``folder``; 0 if it has a result."""
    try:
        module = importlib.import_module(name)
        job, _ = types_of(module)
        write(folder / "result.npz", module.run(read(folder / "job.npz", job)))
    except HalfbrainError as error:
        write_text(folder / "refusal", str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
