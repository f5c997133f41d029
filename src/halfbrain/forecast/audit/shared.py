"""Steps that all rows share: neurons, seconds, and the table of training runs."""

from __future__ import annotations

from halfbrain.forecast.audit.step import Step, log10, names

_NEURONS, _RAT, _HUMAN = names(
    "seed.text.neocortex_neurons", "seed.text.rat_neurons", "brains.human.whole_brain_neurons"
)
(_RAT_SYNAPSES,) = names("seed.text.rat_synapses_meant")
_YEARS, _YEAR, _TRAINING = names(
    "seed.text.years", "seed.text.seconds_per_year", "seed.text.training_seconds"
)
_GPT3, _GOPHER, _CHINCHILLA, _PALM = names(
    "seed.training.gpt-3", "seed.training.gopher", "seed.training.chinchilla", "seed.training.palm"
)
_RECORDS = {
    key: names(f"training_runs.{key}.compute")[0]
    for key in ("gpt-3", "gopher", "chinchilla", "palm")
}

STEPS = (
    Step(
        "half-neocortex",
        "all",
        "around 26 billion. So let's say 13 billion for the half-neocortex",
        "seed.text.half_neocortex_neurons",
        _NEURONS / 2,
        digits=2,
    ),
    Step(
        "neocortex-neurons",
        "all",
        "neurons in the human neocortex is around 26 billion",
        "seed.text.neocortex_neurons",
        names("brains.human.neocortical_neurons")[0],
        digits=2,
        why="input: the published counts run from 16.3e9 (Azevedo 2009) to 19-23e9 (Pakkenberg and "
        "Gundersen 1997); 26e9 is at the top of the range",
    ),
    Step(
        "rat-synapses",
        "all",
        "200 million neurons and 1012 synapses",
        "seed.text.rat_synapses_written",
        _RAT_SYNAPSES,
        digits=1,
        why="10^12 was meant: the superscript was lost in copying",
    ),
    Step(
        "human-over-rat",
        "all",
        "human brain being an additional three orders of magnitude more complex",
        "seed.text.human_over_rat_orders",
        log10(_HUMAN / _RAT),
        digits="whole",
        why="by neurons (86e9 over 200e6) it is 2.6 orders; by synapses about 3",
    ),
    Step(
        "human-memory",
        "all",
        "will occupy a daunting estimated 100PB of memory",
        "seed.text.human_memory",
        None,
        why="the bytes for a synapse are not given; 1e12 synapses, a thousandfold, makes 100 bytes each",
    ),
    Step(
        "seconds-per-year",
        "all",
        "3.154e7 sec/year",
        "seed.text.seconds_per_year",
        names("brains.human.seconds_per_year")[0],
        digits=3,
        why="input: 365 days are 3.1536e7 s, a Julian year is 3.15576e7 s",
    ),
    Step(
        "training-seconds",
        "all",
        "3.154e7 sec/year * 15 years = 4.73e8 seconds of bio time",
        "seed.text.training_seconds",
        _YEAR * _YEARS,
    ),
    Step(
        "smallest-brain",
        "all",
        "Maybe as little as 30%",
        "seed.text.smallest_share",
        None,
        why="an opinion; no inputs are given",
    ),
    Step(
        "gopher-ratio",
        "table",
        "Gopher 6.3e23, 2x",
        "seed.training.gopher_over_gpt3",
        _GOPHER / _GPT3,
        digits=1,
    ),
    Step(
        "chinchilla-ratio",
        "table",
        "Chinchilla 5.8e23, 2x",
        "seed.training.chinchilla_over_gpt3",
        _CHINCHILLA / _GPT3,
        digits=1,
    ),
    Step(
        "palm-ratio",
        "table",
        "PaLM 2.5e24, 10x",
        "seed.training.palm_over_gpt3",
        _PALM / _GPT3,
        digits=2,
        why="8 times; the table rounds its other rows to a whole number",
    ),
    *(
        Step(
            f"{key}-record",
            "table",
            f"training compute of {title}",
            f"seed.training.{key}",
            _RECORDS[key],
            digits=1,
            why="input, against the published figure",
        )
        for key, title in (
            ("gpt-3", "GPT-3, 3.1e23"),
            ("gopher", "Gopher, 6.3e23"),
            ("chinchilla", "Chinchilla, 5.8e23"),
            ("palm", "PaLM, 2.5e24"),
        )
    ),
)
