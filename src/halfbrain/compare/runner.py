"""Run a peer in a process of its own, so that its threads, memory and crashes are its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import halfbrain
from halfbrain.compare.catalogue import PEERS
from halfbrain.compare.files import read_result, write
from halfbrain.compare.job import Job, PeerResult
from halfbrain.errors import RunError


def run_peer(
    name: str, job: Job, *, timeout: float = 3600.0, python: str = sys.executable
) -> PeerResult:
    """Run ``job`` on a peer and wait for it.

    Parameters
    ----------
    name
        one of :data:`halfbrain.compare.catalogue.PEERS`.
    timeout
        seconds after which it is stopped.
    python
        the interpreter that has the peer installed (and what halfbrain itself needs), where it is
        another than this one.

    Raises
    ------
    RunError
        one line: the peer is missing, refuses the circuit, crashed, or took too long.
    """
    if name not in PEERS:
        raise RunError(f"no peer {name[:40]!r}; there are {', '.join(PEERS)}")
    folder = job.folder / name
    write(folder / "job", replace(job, folder=folder.resolve()))
    for old in (folder / "refusal", folder / "result" / "what.json"):
        old.unlink(missing_ok=True)
    here = str(Path(halfbrain.__file__).parents[1])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        "OMP_NUM_THREADS": str(job.threads),
        "PYTHONWARNINGS": "ignore",
    }
    with (folder / "output.txt").open("w") as output:
        try:
            # A session of its own, so that a compiler or a binary it started is stopped with it.
            process = subprocess.Popen(
                [python, "-P", "-m", "halfbrain.compare.worker", name, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise RunError(f"{name}: cannot start {python}: {error.strerror}") from None
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RunError(f"{name}: stopped after {timeout:g} s without a result") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if (folder / "refusal").exists():
        raise RunError(f"{name}: {(folder / 'refusal').read_text('utf-8')}")
    if code != 0:
        raise RunError(f"{name}: {_ending(code)}; {_last_line(folder / 'output.txt')}")
    return read_result(folder / "result")


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit status {code}"


def _last_line(path: Path) -> str:
    with path.open("rb") as output:
        output.seek(max(0, path.stat().st_size - 4096))
        lines = output.read().decode("utf-8", "replace").split("\n")
    text = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return f"{text[:300]} (all of it in {path})"
