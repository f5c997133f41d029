"""The spiking row: Brian2GeNN on a Titan Xp."""

from __future__ import annotations

from halfbrain.forecast.audit.rows import neurons_and_seconds, total
from halfbrain.forecast.audit.step import Step, log10, names

_NODES, _CORES, _CLOCK, _FLOP, _PER_BIO = names(
    "seed.spiking.nodes",
    "seed.spiking.cores_per_node",
    "seed.spiking.clock",
    "seed.spiking.flop_per_cycle",
    "seed.spiking.wall_per_bio",
)
_WALL, _BIO, _RUN_FLOP, _NEURONS, _RATE = names(
    "seed.spiking.wall_seconds",
    "seed.spiking.run_bio_seconds",
    "seed.spiking.run_flop",
    "seed.spiking.run_neurons",
    "seed.spiking.flop_per_neuron",
)
_TOTAL, _GPT3, _PALM, _EXTRA = names(
    "seed.spiking.total", "seed.training.gpt-3", "seed.training.palm", "seed.spiking.extra"
)
_MBODY = "contenders.brian2genn-mbody"
_MBODY_SYNAPSES, _MBODY_NEURONS, _HUMAN = names(
    f"{_MBODY}.synapses", f"{_MBODY}.neurons", "brains.human.synapses_per_neuron"
)

STEPS = (
    Step(
        "spiking-cores",
        "spiking",
        "3840 cores",
        "seed.spiking.cores_per_node",
        names("hardware.titan-xp.cores")[0],
        digits=4,
        why="input, against the data sheet",
    ),
    Step(
        "spiking-clock",
        "spiking",
        "1.6e9 cycles / second",
        "seed.spiking.clock",
        names("hardware.titan-xp.clock_boost")[0],
        digits=2,
        why="input: the boost clock, rounded",
    ),
    Step(
        "spiking-network",
        "spiking",
        "2.05e7 neurons",
        "seed.spiking.run_neurons",
        _MBODY_NEURONS,
        why="input: of the two networks it is Mbody (the mushroom body), 20,480,200 neurons and 308 million synapses; COBAHH "
        "ends at 1,024,000 on this GPU",
    ),
    Step(
        "spiking-wall",
        "spiking",
        "10 bio_seconds took 10^4 wall clock seconds",
        "seed.spiking.wall_seconds",
        names(f"{_MBODY}.wall_seconds_titan_xp_fp32_pre")[0],
        digits=1,
        why="input, against the authors' records: 874 s; the figure's top line, near 1e4, is the "
        "extrapolation to 100 s",
    ),
    Step(
        "spiking-real-time",
        "spiking",
        "so 1 bio_second to 1000 wall clock seconds",
        "seed.spiking.wall_per_bio",
        _WALL / _BIO,
        digits=4,
    ),
    Step(
        "spiking-units",
        "spiking",
        "flops = cores * (cycles/second) * (flops/cycle)",
        "seed.spiking.one_flop",
        _NODES * _CORES * _CLOCK * _FLOP,
        why="units: the formula gives operations a second, not operations; the next line multiplies "
        "by the seconds",
    ),
    Step(
        "spiking-run",
        "spiking",
        "(1 node * 3840 cores) * (1.6e9 cycles / second) * (2 flops / cycle) * 1e3 seconds = 1.229e16",
        "seed.spiking.run_flop",
        _NODES * _CORES * _CLOCK * _FLOP * _PER_BIO,
        digits=4,
    ),
    Step(
        "spiking-per-neuron",
        "spiking",
        "flops / 2.05e7 neurons = 6.14e6 flp/n",
        "seed.spiking.flop_per_neuron",
        _RUN_FLOP / _NEURONS,
        meant={_RUN_FLOP.name: "spiking-run"},
        why="1.229e16 / 2.05e7 is 5.99e8; 6.14e6 is what 10 seconds (for 1,000) and 2.0e7 neurons give",
    ),
    Step(
        "spiking-per-second",
        "spiking",
        "6.14e6 flp/n / 1 bio_second = 6.14e6 flp/n/s",
        "seed.spiking.flop_per_neuron_second",
        _RATE,
        meant={_RATE.name: "spiking-per-neuron"},
    ),
    *neurons_and_seconds("spiking"),
    Step(
        "spiking-type",
        "spiking",
        "1.3e9 neurons of the Cortex+Plasticity simulation type",
        why="a label: copied from Blue Brain's row; this network is Mbody",
    ),
    total(
        "spiking",
        "6.14e6 flp/n/s * 4.78e8 bio_seconds * 1.3e9 neurons = 3.82e24 flops",
        "seed.spiking.flop_per_neuron_second",
        "spiking-per-second",
    ),
    Step(
        "spiking-over-gpt3",
        "spiking",
        "about 1 OOM over GPT-3",
        "seed.spiking.orders_over_gpt3",
        log10(_TOTAL / _GPT3),
        meant={_TOTAL.name: "spiking-total"},
        digits="whole",
    ),
    Step(
        "spiking-over-palm",
        "spiking",
        "less than an OOM over PaLM",
        "seed.spiking.orders_over_palm_less_than",
        log10(_TOTAL / _PALM),
        meant={_TOTAL.name: "spiking-total"},
        digits="at most",
    ),
    Step(
        "spiking-extra",
        "spiking",
        "I would add an additional OOM",
        "seed.spiking.extra",
        why="said, but not multiplied in: the estimate stays 3.82e24, and would be 3.82e25",
    ),
    Step(
        "spiking-synapses",
        "spiking",
        "undershot the number of synapses for human pre-frontal cortex by an order of magnitude",
        "seed.spiking.synapses_undershot",
        _HUMAN * _MBODY_NEURONS / _MBODY_SYNAPSES,
        digits=1,
        why="true of COBAHH (1,000 a neuron); the row's own network has 15 a neuron, nearly three "
        "orders too few",
    ),
    Step(
        "spiking-over-ann",
        "spiking",
        "at least 1, probably more like 2 OOMs more compute intensive to train",
        "seed.text.spiking_orders_over_ann_high",
        why="a comment's guess, which its author meant to test; no inputs are given",
    ),
    Step(
        "spiking-carlsmith",
        "spiking",
        "a real-time human brain simulation might require something like 1e15 FLOP/s",
        "seed.text.emulation_rate_carlsmith",
        _RATE * names("seed.text.neurons_used")[0],
        meant={_RATE.name: "spiking-per-second", "seed.text.neurons_used": "half-neocortex"},
        digits="at least",
        why="a reader's question, not answered there: the row amounts to 8e15 FLOP/s as written, "
        "7.8e18 as mended",
    ),
)
