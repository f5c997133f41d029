"""What a simulation recorded, for everybody who reads Neo or SONATA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halfbrain.errors import RunError
from halfbrain.io import sonata_file
from halfbrain.io.neo_block import to_neo
from halfbrain.recording.recorded import Trace
from halfbrain.recording.spikes import Spikes

if TYPE_CHECKING:
    import neo


class RunSpikes(Spikes):
    """Spikes of a simulation: ``spikes["E"].times``, ``spikes.rates()``, and files of them."""

    def to_neo(self) -> neo.Block:
        """A Neo block with a spike train for each neuron.

        Raises
        ------
        RunError
            one line, where Neo is not installed.
        """
        return to_neo(self)

    def to_sonata(self, path: Path | str) -> None:
        """Write a SONATA HDF5 file.

        Raises
        ------
        RunError
            one line, where the place cannot be written.
        """
        sonata_file.write(Path(path), self, self.populations, self.dt, self.seconds)


class Traces(Mapping[tuple[Any, ...], Trace]):
    """What was recorded, by the key that asked for it: ``recorded["E", "v"].values``."""

    def __init__(self, traces: Mapping[tuple[Any, ...], Trace]) -> None:
        self._traces = dict(traces)

    def __getitem__(self, key: tuple[Any, ...]) -> Trace:
        """What was asked for by that key.

        Raises
        ------
        RunError
            one line, if nothing was.
        """
        found: Trace | None = self._traces.get(key)
        if found is None:
            known = ", ".join(map(repr, self._traces))
            raise RunError(f"nothing was recorded as {key!r}; there is {known or 'nothing'}")
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._traces

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._traces)

    def __len__(self) -> int:
        return len(self._traces)
