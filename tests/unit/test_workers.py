"""Processes of the laboratory end with the one that started them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_workers_end_with_a_process_that_is_killed(tmp_path):
    code = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from halfbrain.learning.laboratory import _alone
if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"), _alone)
    held = [pool.submit(time.sleep, 600), pool.submit(time.sleep, 600)]
    while not all(job.running() for job in held):
        time.sleep(0.05)
    time.sleep(0.5)
    print(*pool._processes, flush=True)
    time.sleep(600)
"""
    script = tmp_path / "starts.py"
    script.write_text(code, "utf-8")
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    workers = [int(word) for word in process.stdout.readline().split()]
    assert len(workers) == 2
    process.kill()
    process.communicate()
    end = time.monotonic() + 60
    while any(runs(worker) for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.1)


def runs(process):
    """Whether a process is there; one that is over may wait for its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except OSError:
        return False
