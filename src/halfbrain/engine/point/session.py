"""A run that keeps what it records: in files beside its output, until it ends.

``FILE.h5.spikes`` and ``FILE.h5.frames`` are appended to; ``FILE.h5.checkpoint`` says how much of
them belongs to the state that it holds. After a crash the run goes on from there, and what the
files have more is written again, bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine import checkpoint
from halfbrain.engine.kept import CHECKPOINT_SECONDS, Kept, keep_running, seconds_left
from halfbrain.engine.point.doubts import tell_late
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import RunError
from halfbrain.io import sonata_file as sonata
from halfbrain.recording.recorded import Report
from halfbrain.recording.spike_log import SpikeLog
from halfbrain.recording.spikes import mean_rates


def checkpoint_of(out: Path) -> Path:
    """Where the checkpoint of a run with this output is."""
    return out.with_name(out.name + ".checkpoint")


class Session:
    """Runs a simulation to an end, whatever interrupts it.

    Parameters
    ----------
    simulation
        newly built.
    out
        the SONATA file to write; None keeps only the number of spikes of each neuron.
    recipe
        any JSON from which the simulation can be built again; it is kept in the checkpoint.
    saved
        a checkpoint to go on from.
    between
        wall seconds between checkpoints.

    Attributes
    ----------
    kept
        how far the run is on disk; None without an output.
    """

    def __init__(
        self,
        simulation: PointGroup,
        out: Path | None,
        recipe: Mapping[str, Any],
        saved: checkpoint.Checkpoint | None = None,
        between: float = CHECKPOINT_SECONDS,
    ) -> None:
        self.simulation, self.out, self.recipe = simulation, out, recipe
        self.counts = np.zeros(int(simulation.layout.first[-1]), np.int64)
        self.kept: Kept | None = None
        self._log: SpikeLog | None = None
        self._resumed, self._waiting = saved is not None, bytearray()
        if saved:
            saved.restore(simulation)
            if saved.notes.get("recorded", self._recorded) != self._recorded:
                raise RunError(f"{saved.path}: is of a run that records other states")
            self.counts[:] = saved.more["counts"]
        if out:
            if not saved:  # or that of an earlier run would count what this one overwrites
                checkpoint.remove(checkpoint_of(out))
            self._log = SpikeLog(out.with_name(out.name + ".spikes"))
            self._log.truncate(saved.notes["spikes"] if saved else 0)
            self._frames = out.with_name(out.name + ".frames")
            with self._frames.open("ab") as file:
                file.truncate(saved.notes["frames"] if saved else 0)
            self.kept = Kept(
                out, self._save, self._write, self._clear, lambda: simulation.seconds, between
            )
            self.kept.saved_at = simulation.seconds if saved else None
        simulation.on_spikes = self._take

    @property
    def rates(self) -> dict[str, float]:
        """Mean rate of each population so far, hertz."""
        return mean_rates(self.counts, self.simulation.populations, self.simulation.seconds)

    def run(self, until: float, progress: Callable[[float], object] | None = None) -> None:
        """Run until a biological time; interrupted or not, what was recorded is written.

        Raises
        ------
        RunError
            if that time has passed, or the run cannot go on, as where a state is no number.
        KeyboardInterrupt
            once all is saved; ``kept`` says whether it is written too.
        """
        simulation = self.simulation
        left = seconds_left(until, simulation.seconds, simulation.dt, resumed=self._resumed)
        self._resumed = False
        tell_late(simulation.drawings, simulation.dt, until)

        def between(seconds: float) -> None:
            if progress:
                progress(seconds)
            if self.kept:
                self.kept.look()

        keep_running(lambda: simulation.run(left, between) if left else None, self.kept)

    def save(self) -> None:
        """Write a checkpoint now, if there is an output to keep it beside."""
        if self.kept:
            self.kept.keep()

    @property
    def _recorded(self) -> list[Any]:
        watched = self.simulation.watched.items()
        return [self.simulation.every, *([*key, who.tolist()] for key, who in watched)]

    def _save(self) -> None:
        assert self.out is not None
        assert self._log is not None
        self._append_frames()
        notes = dict(self.recipe) | {
            "recorded": self._recorded,
            "spikes": self._log.position,
            "frames": self._frames.stat().st_size,
        }
        checkpoint.save(checkpoint_of(self.out), self.simulation, notes, {"counts": self.counts})

    def _take(self, steps: NDArray[np.int64], neurons: NDArray[np.int64]) -> None:
        self.counts += np.bincount(neurons, minlength=len(self.counts))
        if self._log is not None:
            self._log.append(steps, neurons)

    def _append_frames(self) -> None:
        self._waiting += self.simulation.take_recorded().astype("<f4").tobytes()
        size = self._frames.stat().st_size
        try:
            with self._frames.open("ab") as file:
                file.write(self._waiting)
        except OSError as error:
            os.truncate(self._frames, size)
            raise RunError(f"cannot write {self._frames}: {error.strerror}") from None
        self._waiting.clear()

    def _write(self) -> None:
        """The SONATA file, from what the logs hold."""
        assert self.out is not None
        assert self._log is not None
        self._append_frames()
        simulation = self.simulation
        sonata.write(
            self.out,
            self._log,
            simulation.populations,
            simulation.dt,
            simulation.seconds,
            self._reports(),
            {
                "circuit": simulation.circuit.name,
                "seed": simulation.seed,
                "dtype": simulation.dtype,
                "source": simulation.circuit.source,
            },
        )

    def _reports(self) -> list[Report]:
        simulation, at, out = self.simulation, 0, []
        width = sum(len(chosen) for chosen in simulation.watched.values())
        if not width or not self._frames.stat().st_size:
            return []
        frames = np.memmap(self._frames, np.dtype("<f4"), "r").reshape(-1, width)
        step = simulation.every * simulation.dt
        for (population, variable), chosen in simulation.watched.items():
            cell = simulation.neurons_of[simulation.index_of(population)]
            unit = cell.model.model.variables[variable].unit
            data = frames[:, at : at + len(chosen)]
            out.append(Report(population, variable, unit, chosen, step, step, data))
            at += len(chosen)
        return out

    def _clear(self) -> None:
        """Remove what only an unfinished run needs; the checkpoint first, which counts the rest."""
        assert self.out is not None
        assert self._log is not None
        self._log.close()
        checkpoint.remove(checkpoint_of(self.out))
        for path in (self._log.path, self._frames):
            path.unlink(missing_ok=True)
