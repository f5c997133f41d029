"""Run a module's work in a process of its own, so that threads, memory and crashes are its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Protocol, TypeVar

import halfbrain
from halfbrain.errors import RunError, one_line
from halfbrain.processes.message import read, write
from halfbrain.processes.worker import types_of

Job = TypeVar("Job", contravariant=True)
Result = TypeVar("Result", covariant=True)


class Work(Protocol[Job, Result]):
    """A module with work for a process: its ``run`` says by its types what it takes and gives."""

    __name__: str

    def run(self, job: Job, /) -> Result:
        """Run a job in this process."""


class RefusedError(RunError):
    """A job is refused; the message is the reason alone."""


class CrashedError(RunError):
    """A process ended with exit status ``code`` and no result; ``said`` is what it wrote last."""

    def __init__(self, code: int, said: str, output: Path | None) -> None:
        lines = [one_line(line) for line in said.splitlines() if line.strip()]
        last = lines[-1].strip()[:300] if lines else "it said nothing"
        how = f"ended with exit status {code}"
        if code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
        super().__init__(f"{how}; {last}" + (f" (all of it in {output})" if output else ""))
        self.code = code
        self.said = said


def run_apart(
    work: Work[Job, Result],
    job: Job,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
    timeout: float | None = None,
) -> Result:
    """Have a module run a job in a process of its own, and wait for its result.

    Parameters
    ----------
    folder
        where the job, the result and the process's ``output.txt`` stay, and where it runs; one for
        this time only, if not given.
    environment
        variables that it has besides this process's.
    python
        the interpreter, which needs what halfbrain needs.
    timeout
        seconds after which it is stopped, with all that it started.

    Raises
    ------
    RefusedError
        with the line of the error that the module raised.
    CrashedError
        one line, if it ends without a result.
    RunError
        one line, if it cannot start, or takes too long.
    """
    with tempfile.TemporaryDirectory() if folder is None else nullcontext(str(folder)) as place:
        own = Path(place).resolve()
        own.mkdir(parents=True, exist_ok=True)
        result, refusal, output = own / "result.npz", own / "refusal", own / "output.txt"
        result.unlink(missing_ok=True)
        refusal.unlink(missing_ok=True)
        write(own / "job.npz", job)
        variables = {**os.environ, **_variables(), **(environment or {})}
        module = "halfbrain.processes.worker"
        command = [_program(python), "-P", "-m", module, work.__name__, str(own)]
        with _started(command, own, output, variables) as process:
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                raise RunError(f"stopped after {timeout:g} s without a result") from None
        if result.exists():
            found: Result = read(result, types_of(work)[1])
            return found
        if refusal.exists():
            raise RefusedError(refusal.read_text("utf-8"))
        raise CrashedError(code, _last(output), output if folder else None)


def _variables() -> dict[str, str]:
    """It finds this halfbrain, wherever it runs."""
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [Path(halfbrain.__file__).parents[1], *map(Path, filter(None, others))]
    whole = os.pathsep.join(str(path.absolute()) for path in paths)
    return {"PYTHONPATH": whole, "PYTHONWARNINGS": "ignore"}


def _program(python: str) -> str:
    """The interpreter's path; a link to one stays the link, which an environment is found by."""
    return str(Path(shutil.which(python) or python).absolute())


@contextmanager
def _started(
    command: list[str], folder: Path, output: Path, variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not left running."""
    with output.open("w") as said:
        try:
            # A session of its own, so that a compiler or a binary it started is stopped with it.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=variables,
                cwd=folder,
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(f"cannot start {command[0]}: {error.strerror}") from None
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _last(output: Path) -> str:
    with output.open("rb") as file:
        file.seek(max(0, output.stat().st_size - 2**16))
        return file.read().decode("utf-8", "replace")
