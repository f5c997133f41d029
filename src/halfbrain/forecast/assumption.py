"""What a bill assumes of machines and their use; a scenario can set each like any other input."""

from __future__ import annotations

from functools import lru_cache

from halfbrain.contenders.model import Input
from halfbrain.contenders.registry import rows

UTILISATION = "utilisation"
PRECISION = "precision"
BANDWIDTH_SHARE = "machine.bandwidth_share"
PRICE = "machine.price"
POWER = "machine.power"
ELECTRICITY = "machine.electricity"
EFFECTIVENESS = "machine.power_usage_effectiveness"
LIFETIME = "machine.lifetime"

# Without a fact: as the machine has it.
_OF_MACHINES = (
    Input(
        BANDWIDTH_SHARE,
        "",
        "share of its memory's bandwidth that programs reach",
        "hardware.utilisation.bandwidth",
        "share",
    ),
    Input(PRICE, "USD", "price of one", ""),
    Input(POWER, "watt", "what one draws, without its cooling", ""),
    Input(
        ELECTRICITY,
        "USD/kilowatt_hour",
        "price of electricity",
        "hardware.prices.electricity",
        "zero or more",
    ),
    Input(
        EFFECTIVENESS,
        "",
        "a site's power over its machines'",
        "hardware.prices.power_usage_effectiveness",
        "one or more",
    ),
    Input(LIFETIME, "year", "years over which one is written off", "hardware.prices.lifetime"),
)


@lru_cache(maxsize=1)
def assumptions() -> dict[str, Input]:
    """Every assumption by name: each contender's, then those of machines."""
    found = []
    for contender in rows().values():
        found += [
            Input(
                f"{contender.name}.{UTILISATION}",
                "",
                "share of a machine's peak that its programs reach",
                f"hardware.utilisation.{contender.utilisation}",
                "share",
            ),
            Input(
                f"{contender.name}.{PRECISION}",
                "bit",
                "width of its numbers, which decides the peak",
                "",
                "8, 16, 32 or 64",
            ),
        ]
    return {entry.name: entry for entry in (*found, *_OF_MACHINES)}
