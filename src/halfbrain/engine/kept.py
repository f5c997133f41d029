"""How far a run is kept: in its checkpoint, and in the file that it is for.

The checkpoint is written before the file, and goes when the file is there. So whatever happens to
the writing (Ctrl-C, a full disk, a crash), the run can be gone on with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from halfbrain.engine.interrupts import interrupts
from halfbrain.errors import RunError

CHECKPOINT_SECONDS = 30.0  # wall time between checkpoints


@dataclass(eq=False)
class Kept:
    """Saves and writes a run; ``out`` is its file.

    Attributes
    ----------
    save
        writes the checkpoint.
    write
        writes the file from what was recorded.
    clear
        removes what only an unfinished run needs.
    now
        the biological time, seconds.
    saved_at, written_at
        that of the checkpoint and of the file; None before there is one.
    """

    out: Path
    save: Callable[[], object]
    write: Callable[[], object]
    clear: Callable[[], object]
    now: Callable[[], float]
    between: float = CHECKPOINT_SECONDS
    saved_at: float | None = None
    written_at: float | None = None

    def __post_init__(self) -> None:
        self._looked, self._began = time.monotonic(), self.now()

    def look(self) -> None:
        """Save, if the last time is long ago."""
        if time.monotonic() - self._looked > self.between:
            self.keep()
            self._looked = time.monotonic()

    def keep(self) -> None:
        """Save now; Ctrl-C waits until that is done.

        Raises
        ------
        RunError
            one line, if the place cannot be written.
        """
        with interrupts():
            self.save()
            self.saved_at = self.now()

    def stop(self) -> None:
        """Save and write what there is of a run that is cut short."""
        try:
            self.keep()
            self._put()
        except RunError as error:
            raise RunError(f"{error}; {self.told}") from None

    def finish(self) -> None:
        """Write the file of a run that is over, and clear away what it no longer needs."""
        failed = None
        try:
            self.keep()
        except RunError as error:
            failed = error  # there may still be room for the file
        try:
            self._put()
        except RunError as error:
            raise RunError(f"{failed or error}; {self.told}") from None
        with interrupts():
            self.saved_at = None
            self.clear()

    def failed(self, error: RunError) -> RunError:
        """What to say of a run that cannot go on, once what there is of it is saved and written."""
        if self.now() == self._began:
            return error
        with suppress(RunError):  # the first error is the one to be mended
            self.keep()
        with suppress(RunError):
            self._put()
        return RunError(f"{error}; {self.told}")

    def _put(self) -> None:
        self.write()
        self.written_at = self.now()

    @property
    def told(self) -> str:
        """Where the run is kept, and how to go on: the end of a line."""
        if self.written_at == self.now():
            goes_on = f", and --resume {self.out} goes on" if self.saved_at == self.now() else ""
            return f"what was recorded is in {self.out}{goes_on}"
        if self.saved_at is None:
            return "no checkpoint was kept yet"
        return f"--resume {self.out} goes on from {self.saved_at:.9g} s, and writes that file"


def keep_running(run: Callable[[], object], kept: Kept | None) -> None:
    """Run to the end, and keep what came of it, whatever comes between.

    Raises
    ------
    RunError
        what the run, or the writing, failed by; and where it is kept.
    KeyboardInterrupt
        once the run is saved; ``kept.told`` says whether it is written too.
    """
    try:
        run()
    except KeyboardInterrupt:
        if kept:
            kept.stop()
        raise
    except RunError as error:
        raise kept.failed(error) if kept else error from None
    if kept:
        kept.finish()


def seconds_left(until: float, now: float, dt: float, *, resumed: bool) -> float:
    """What a run has before it; all in seconds. Of one that was cut short in the end it may be 0.

    Raises
    ------
    RunError
        if the time has passed.
    """
    if resumed and abs(until - now) < dt / 2:
        return 0.0
    if now and until - now < dt / 2:
        raise RunError(
            f"the run is already at {now:g} s of biological time; give more --seconds than that"
        )
    return until - now
