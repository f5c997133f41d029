"""Threads that wait for one another: none goes on too early, none sleeps on."""

import subprocess
import sys
import threading
from contextlib import contextmanager

import numba
import numpy as np
import pytest

from halfbrain.codegen import native

MEETINGS = 20_000


def compiled(looks):
    """Threads that meet after work of uneven length; how often one was ahead of another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "_LOOKS", looks)
        barrier = numba.njit(native.barrier.py_func)

        @numba.njit(nogil=True)
        def meet(thread, threads, meeting, at, meetings):
            vain, early, state = 0, 0, np.uint32(thread + 1)
            for k in range(1, meetings + 1):
                state = np.uint32(state * np.uint32(1664525) + np.uint32(1013904223))
                for _ in range(state >> np.uint32(22)):
                    state ^= native._seen(meeting) & 1
                at[thread] = k
                vain = barrier(meeting, threads, vain)
                for other in range(threads):
                    early += at[other] < k
            return early

        alone = np.zeros(2, np.int64)
        meet(0, 1, alone.ctypes.data, alone, 1)
    return meet


@pytest.fixture(scope="module", params=[0, 200, native._LOOKS], ids=["asleep", "short", "as it is"])
def meet(request):
    """Always asleep, for lost wake-ups; about as long as the others take; as long as in a run."""
    return compiled(request.param)


@contextmanager
def busy(processes):
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


@pytest.mark.parametrize("processes", [0, 2])
@pytest.mark.parametrize("threads", [2, 4])
def test_all_meet_every_time(meet, threads, processes):
    meeting, at, early = np.zeros(16, np.int64), np.zeros(threads, np.int64), []

    def work(thread):
        early.append(meet(thread, threads, meeting.ctypes.data, at, MEETINGS))

    # Daemons: a test that hangs ends with pytest's time limit, and so does Python then.
    with busy(processes):
        workers = [threading.Thread(target=work, args=(t,), daemon=True) for t in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert early == [0] * threads
    assert meeting[:2].tolist() == [threads * MEETINGS, 0]
