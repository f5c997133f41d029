"""The lines that the text repeats in each of its three rows: neurons, seconds, the total."""

from __future__ import annotations

from halfbrain.forecast.audit.step import Step, names

_MEANT, _YEARS, _YEAR = names(
    "seed.text.half_neocortex_neurons", "seed.text.years", "seed.text.seconds_per_year"
)


def neurons_and_seconds(row: str) -> tuple[Step, ...]:
    """The two slips that stand in every row."""
    return (
        Step(
            f"{row}-neurons",
            row,
            "So, for 1.3e9 neurons",
            "seed.text.neurons_used",
            _MEANT,
            digits=2,
            why="13 billion is 1.3e10: a power of ten is lost",
        ),
        Step(
            f"{row}-seconds",
            row,
            "4.78e8 bio_seconds",
            "seed.text.training_seconds_used",
            _YEARS * _YEAR,
            why="4.73e8 stands one line above",
        ),
    )


def total(row: str, text: str, rate: str, meant_rate: str) -> Step:
    """The row's last product: rate x seconds x neurons."""
    seconds, neurons = names("seed.text.training_seconds_used", "seed.text.neurons_used")
    return Step(
        f"{row}-total",
        row,
        text,
        f"seed.{row}.total",
        names(rate)[0] * seconds * neurons,
        meant={rate: meant_rate, neurons.name: "half-neocortex", seconds.name: "training-seconds"},
        why="the product is right; its inputs are not those that the text means",
    )
