"""What the authors of the Active Dendrites Network trained with."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = (
    "Iyer et al. 2022, arXiv 2201.00042; numenta/nupic.research, projects/dendrites/permutedMNIST"
)


@dataclass(frozen=True)
class Schedule:
    """Permuted MNIST, so many ``tasks`` in sequence; Adam at ``rate``, made anew for each task."""

    tasks: int
    epochs: int
    rate: float
    batch: int = 256


SCHEDULES = {
    schedule.tasks: schedule
    for schedule in (
        Schedule(2, 1, 5e-4),
        Schedule(5, 1, 5e-4),
        Schedule(10, 3, 5e-4),
        Schedule(25, 5, 3e-4),
        Schedule(50, 3, 3e-4),
        Schedule(100, 3, 1e-4),
    )
}


@dataclass(frozen=True)
class Intelligence:
    """With Synaptic Intelligence (Zenke et al. 2017, arXiv 1703.04200): one optimiser throughout.

    ``c`` is its strength, ``damping`` what keeps its quotient finite.
    """

    tasks: int
    segments: int
    hidden: tuple[int, int] = (2000, 2000)
    epochs: int = 20
    rate: float = 5e-4
    batch: int = 256
    c: float = 0.1
    damping: float = 0.1


WITH_INTELLIGENCE = {n: Intelligence(n, n) for n in (10, 50, 100)}
