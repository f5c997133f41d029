"""Blue Brain's row: CoreNEURON on a Blue Gene/Q."""

from __future__ import annotations

from halfbrain.forecast.audit.rows import neurons_and_seconds, total
from halfbrain.forecast.audit.step import Step, log10, names

_ROW = "seed.blue-brain"
_NODES, _CORES, _CLOCK, _FLOP, _WALL, _BIO = names(
    f"{_ROW}.nodes",
    f"{_ROW}.cores_per_node",
    f"{_ROW}.clock",
    f"{_ROW}.flop_per_cycle",
    f"{_ROW}.wall_seconds",
    f"{_ROW}.run_bio_seconds",
)
_RUN_FLOP, _NEURONS, _EACH, _EACH_USED, _RATE, _TOTAL = names(
    f"{_ROW}.run_flop",
    f"{_ROW}.run_neurons",
    f"{_ROW}.flop_per_neuron",
    f"{_ROW}.flop_per_neuron_used",
    f"{_ROW}.flop_per_neuron_second",
    f"{_ROW}.total",
)
_EQUATIONS, _CIRCUIT, _BB4_NODES = names(
    f"{_ROW}.equations_per_neuron", f"{_ROW}.circuit_neurons", f"{_ROW}.bb4_nodes"
)
_SECONDS, _USED, _COMMENT, _PALM, _GPT3, _MORE = names(
    "seed.text.training_seconds_used",
    "seed.text.neurons_used",
    f"{_ROW}.flop_per_neuron_second_in_comment",
    "seed.training.palm",
    "seed.training.gpt-3",
    "seed.text.more_compute",
)
_HUMAN, _SYNAPSES, _COMMENT_TOTAL = names(
    "brains.human.synapses_per_neuron", f"{_ROW}.run_synapses", f"{_ROW}.total_in_comment"
)

STEPS = (
    Step(
        "blue-brain-equations",
        "blue-brain",
        "about 20,000 differential equations [...] 31,000 neurons [...] over 600 million equations",
        f"{_ROW}.circuit_equations",
        _EQUATIONS * _CIRCUIT,
        digits="at least",
    ),
    Step(
        "blue-brain-step",
        "blue-brain",
        "every 25 ms of biological time",
        f"{_ROW}.equations_every",
        names("contenders.coreneuron-cortex-plasticity.step")[0],
        digits=2,
        why="units: the step is 0.025 ms, 25 microseconds",
    ),
    Step(
        "blue-brain-bb4",
        "blue-brain",
        "4,096 nodes comprising 65,536 PowerPC A2 cores",
        f"{_ROW}.bb4_cores",
        _BB4_NODES * _CORES,
        digits=5,
    ),
    Step(
        "blue-brain-cores",
        "blue-brain",
        "each node 16 cores @ 1.6GHz",
        f"{_ROW}.cores_per_node",
        names("hardware.bgq-node.cores")[0],
        digits=2,
        why="input, against the machine's",
    ),
    Step(
        "blue-brain-a2",
        "blue-brain",
        "PowerPC A2 (Blue Gene/Q) gets 8 64bit flops per core per cycle",
        f"{_ROW}.flop_per_cycle",
        names("hardware.bgq-node.flop_per_cycle")[0],
        digits=1,
        why="input, against the machine's",
    ),
    Step(
        "blue-brain-theta",
        "blue-brain",
        "27 seconds of compute time for 0.1 seconds of biological time for 1? neuron(s)",
        f"{_ROW}.theta_wall_seconds",
        why="the number of neurons is not known, and no result is worked out; 270 s for a second",
    ),
    Step(
        "blue-brain-bio",
        "blue-brain",
        "2e3 seconds of 2048 nodes [...] for 0.001? seconds",
        f"{_ROW}.run_bio_seconds",
        why="input, marked as a guess; the scenario seed-records takes 0.001 to 10 s, and nearly all "
        "of that row's spread comes from it",
    ),
    Step(
        "blue-brain-units",
        "blue-brain",
        "flops = cores * (cycles/second) * (flops/cycle)",
        f"{_ROW}.run_flop",
        _NODES * _CORES * _CLOCK * _FLOP,
        why="units: the formula gives operations a second, not operations; the next line multiplies "
        "by the seconds",
    ),
    Step(
        "blue-brain-run",
        "blue-brain",
        "(2048 nodes * 16 cores) * (1.6e9 cycles / second) * (8 flops / cycle) * 2e3 seconds = 8.39e17",
        f"{_ROW}.run_flop",
        _NODES * _CORES * _CLOCK * _FLOP * _WALL,
    ),
    Step(
        "blue-brain-per-neuron",
        "blue-brain",
        "8.39e17 flops / 2.19e5 neurons = 3.83e12 flp/n",
        f"{_ROW}.flop_per_neuron",
        _RUN_FLOP / _NEURONS,
        meant={_RUN_FLOP.name: "blue-brain-run"},
    ),
    Step(
        "blue-brain-copied",
        "blue-brain",
        "3.82e12 flp/n [one line below 3.83e12 flp/n]",
        f"{_ROW}.flop_per_neuron_used",
        _EACH,
        meant={_EACH.name: "blue-brain-per-neuron"},
        why="a last digit lost in copying",
    ),
    Step(
        "blue-brain-per-second",
        "blue-brain",
        "3.82e12 flp/n / 0.001 bio_second = 3.83e15 flp/n/s",
        f"{_ROW}.flop_per_neuron_second",
        _EACH_USED / _BIO,
        meant={_EACH_USED.name: "blue-brain-per-neuron"},
        why="3.82e12 gives 3.82e15; 3.83e15 is what 3.83e12 gives",
    ),
    Step(
        "blue-brain-copied-back",
        "blue-brain",
        "3.82e15 flp/n/s [3.83e15 above]",
        f"{_ROW}.flop_per_neuron_second_used",
        _RATE,
        meant={_RATE.name: "blue-brain-per-second"},
        why="a last digit lost in copying",
    ),
    *neurons_and_seconds("blue-brain"),
    total(
        "blue-brain",
        "3.82e15 flp/n/s * 4.78e8 bio_seconds * 1.3e9 neurons = 2.37e33 flops",
        f"{_ROW}.flop_per_neuron_second_used",
        "blue-brain-per-second",
    ),
    Step(
        "blue-brain-peta",
        "blue-brain",
        "2.37e33 flops = 2.37e18 petaFLOPs",
        f"{_ROW}.total_petaflop",
        _TOTAL,
        meant={_TOTAL.name: "blue-brain-total"},
    ),
    Step(
        "blue-brain-over-gpt3",
        "blue-brain",
        "10 OOMs over GPT-3",
        f"{_ROW}.orders_over_gpt3",
        log10(_TOTAL / _GPT3),
        meant={_TOTAL.name: "blue-brain-total"},
        digits="whole",
    ),
    Step(
        "blue-brain-over-palm",
        "blue-brain",
        "9 OOMs over PaLM",
        f"{_ROW}.orders_over_palm",
        log10(_TOTAL / _PALM),
        meant={_TOTAL.name: "blue-brain-total"},
        digits="whole",
    ),
    Step(
        "blue-brain-human",
        "blue-brain",
        "My guess is somewhat less than 2 OOMs extra cost in worst case",
        f"{_ROW}.human_extra_at_most",
        _HUMAN * _NEURONS / _SYNAPSES,
        digits="at most",
        why="a human neuron has a few times the synapses of the simulated rodent's",
    ),
    Step(
        "blue-brain-twelve",
        "blue-brain",
        "12 OOMs and using the Blue Brain Project",
        "seed.text.once",
        _PALM * _MORE / _TOTAL,
        meant={_TOTAL.name: "blue-brain-total"},
        digits="at least",
        why="it fits: that many trainings in PaLM's compute and twelve orders more",
    ),
    Step(
        "blue-brain-comment",
        "blue-brain",
        "3.82e12 flp/n/s * 4.78e8 bio_seconds * 1.3e9 neurons = 2.37e30 flops [comment, before its mend]",
        _COMMENT_TOTAL.name,
        _COMMENT * _SECONDS * _USED,
        meant={
            _COMMENT.name: "blue-brain-per-second",
            _SECONDS.name: "training-seconds",
            _USED.name: "half-neocortex",
        },
        why="the product is right, the rate three orders too small; a reader found it",
    ),
    Step(
        "blue-brain-comment-peta",
        "blue-brain",
        "2.37e30 flops = 2.37e15 petaFLOPs [comment]",
        f"{_ROW}.total_in_comment_petaflop",
        _COMMENT_TOTAL,
        meant={_COMMENT_TOTAL.name: "blue-brain-comment"},
    ),
)
