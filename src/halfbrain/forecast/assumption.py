"""What a bill or a plan assumes of machines; a scenario can set each like any other input."""

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
NETWORK_LATENCY = "machine.network_latency"
NETWORK_BANDWIDTH = "machine.network_bandwidth"
NODE = "machine.devices_per_node"
SHORTEST_DELAY = "plan.shortest_delay"
BYTES_PER_SPIKE = "plan.bytes_per_spike"
NEIGHBOURS = "plan.neighbours"

# Without a fact: as the machine has it.
_OF_ALL = (
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
    Input(NETWORK_LATENCY, "second", "a small message from one node to another", ""),
    Input(NETWORK_BANDWIDTH, "byte/second", "of one device's link to other nodes, one way", ""),
    Input(NODE, "device", "devices of a node, with faster links among them", "", "one or more"),
    Input(
        SHORTEST_DELAY,
        "bio_second",
        "shortest delay of a spike, in which devices exchange them once",
        "plan.exchange.shortest_delay",
    ),
    Input(
        BYTES_PER_SPIKE,
        "byte",
        "what is sent of a spike to each device that it reaches",
        "plan.exchange.bytes_per_spike",
    ),
    Input(
        NEIGHBOURS,
        "device",
        "devices that one exchanges spikes with, where tissue is shared out by place",
        "plan.exchange.neighbours",
    ),
)


@lru_cache(maxsize=1)
def assumptions() -> dict[str, Input]:
    """Every assumption by name: each contender's, then those of machines and plans."""
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
    return {entry.name: entry for entry in (*found, *_OF_ALL)}
