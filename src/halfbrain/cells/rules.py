"""The library of plasticity rules.

A weight has the unit of the receptor that it is for, so a rule's constants of that unit (``w_max``,
``w_unit``) are set for each use; see :func:`halfbrain.cells.catalogue.named_rule`.
"""

from __future__ import annotations

from dataclasses import replace

from halfbrain.cells.plasticity import Plasticity

PAIR_STDP = Plasticity(
    name="pair_stdp",
    pre={"pre": "20 ms"},
    post={"post": "20 ms"},
    on_pre="w = clip(w - A_minus*w_max*post, 0, w_max)",
    on_post="w = clip(w + A_plus*w_max*pre, 0, w_max)",
    constants={"A_plus": "0.005", "A_minus": "0.00525", "w_max": "1 nS"},
    source="Song, Miller and Abbott 2000, doi 10.1038/78829: every pair of spikes counts",
)

PAIR_STDP_NEAREST = replace(
    PAIR_STDP,
    name="pair_stdp_nearest",
    nearest=True,
    source="Morrison, Diesmann and Gerstner 2008, doi 10.1007/s00422-008-0233-1, fig. 7: each "
    "spike pairs with the last one of the other side; step sizes of Song et al. 2000",
)

POWER_LAW_STDP = Plasticity(
    name="power_law_stdp",
    pre={"pre": "15 ms"},
    post={"post": "30 ms"},
    # Depression never makes a weight larger or turns its sign.
    on_pre="w = clip(w - lambda_*alpha*w*post, 0, w)",
    on_post="w += lambda_*w_unit*(w/w_unit)**mu*pre",
    constants={"lambda_": "0.1", "alpha": "0.0513", "mu": "0.4", "w_unit": "1 pA"},
    source="Morrison, Aertsen and Diesmann 2007, doi 10.1162/neco.2007.19.6.1437; "
    "values of NEST's hpc_benchmark",
)

_TRIPLET_SOURCE = "Pfister and Gerstner 2006, doi 10.1523/JNEUROSCI.1425-06.2006, eqs 3 and 4"

TRIPLET_STDP = Plasticity(
    name="triplet_stdp",
    pre={"r1": "16.8 ms", "r2": "101 ms"},
    post={"o1": "33.7 ms", "o2": "125 ms"},
    on_pre="w = clip(w - w_unit*o1*(A2_minus + A3_minus*r2), 0, w_max)",
    on_post="w = clip(w + w_unit*r1*(A2_plus + A3_plus*o2), 0, w_max)",
    constants={
        "A2_plus": "5e-10",
        "A3_plus": "6.2e-3",
        "A2_minus": "7e-3",
        "A3_minus": "2.3e-4",
        "w_unit": "1 nS",
        "w_max": "100 nS",
    },
    source=f"{_TRIPLET_SOURCE}, table 3: visual cortex, all-to-all, full model",
)

TRIPLET_STDP_HIPPOCAMPUS = replace(
    TRIPLET_STDP,
    name="triplet_stdp_hippocampus",
    pre={"r1": "16.8 ms", "r2": "946 ms"},
    post={"o1": "33.7 ms", "o2": "27 ms"},
    constants={
        "A2_plus": "6.1e-3",
        "A3_plus": "6.7e-3",
        "A2_minus": "1.6e-3",
        "A3_minus": "1.4e-3",
        "w_unit": "1 nS",
        "w_max": "100 nS",
    },
    source=f"{_TRIPLET_SOURCE}, table 4: hippocampal culture, all-to-all, full model",
)

MBODY_STDP = Plasticity(
    name="mbody_stdp",
    pre={"pre": "10 ms"},
    post={"post": "10 ms"},
    on_pre="w = clip(w - step*post, 0, w_max)",
    on_post="w = clip(w + step*pre, 0, w_max)",
    constants={"step": "0.1 nS", "w_max": "3.75 nS"},
    source="Brian2GeNN's Mbody_example: pairs, steps of one size, clipped",
)

MBODY_STDP_SIGMOID = replace(
    MBODY_STDP,
    name="mbody_stdp_sigmoid",
    deliver="w_max/2*(tanh(slope*(w/w_max - 1/2)) + 1)",
    constants={**MBODY_STDP.constants, "slope": "0.5"},
    source="Nowotny et al. 2005, doi 10.1007/s00422-005-0019-7: the raw weight is read out "
    "through a sigmoid, its slope that of GeNN's MBody1 in units of 1/w_max; steps as mbody_stdp",
)

# ``up`` is u - U and ``down`` 1 - x, which both decay to zero between spikes.
TSODYKS_MARKRAM = Plasticity(
    name="tsodyks_markram",
    pre={"up": "1000 ms", "down": "100 ms"},
    on_source="down += (U + up)*(1 - down); up = (U + up)*(1 - U)",
    deliver="w*(U + up)*(1 - down)",
    constants={"U": "0.04"},
    source="Markram, Wang and Tsodyks 1998, doi 10.1073/pnas.95.9.5323, facilitating; "
    "values of Tsodyks, Uziel and Markram 2000, excitatory to inhibitory",
)

TSODYKS_MARKRAM_DEPRESSING = Plasticity(
    name="tsodyks_markram_depressing",
    pre={"down": "800 ms"},
    on_source="down += U*(1 - down)",
    deliver="w*U*(1 - down)",
    constants={"U": "0.5"},
    source="Tsodyks and Markram 1997, doi 10.1073/pnas.94.2.719, eq. 2: depression only",
)

POST_PRE = Plasticity(
    name="post_pre",
    pre={"pre": "20 ms"},
    post={"post": "20 ms"},
    on_pre="w = clip(w - nu_pre*w_unit*post, 0, w_max)",
    on_post="w = clip(w + nu_post*w_unit*pre, 0, w_max)",
    constants={"nu_pre": "1e-4", "nu_post": "1e-2", "w_unit": "1 mV", "w_max": "1 mV"},
    nearest=True,
    source="BindsNET's PostPre with the values of its DiehlAndCook2015",
)

RULES = (
    PAIR_STDP,
    PAIR_STDP_NEAREST,
    POWER_LAW_STDP,
    TRIPLET_STDP,
    TRIPLET_STDP_HIPPOCAMPUS,
    MBODY_STDP,
    MBODY_STDP_SIGMOID,
    TSODYKS_MARKRAM,
    TSODYKS_MARKRAM_DEPRESSING,
    POST_PRE,
)
