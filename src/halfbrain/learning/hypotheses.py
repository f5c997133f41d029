"""What the text of 2022 says of learning, put to the test.

The text is `compute-estimates-for-brain-emulation.txt`; a claim is quoted with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from halfbrain.learning.comparison import both, common_level, final_difference, orders
from halfbrain.learning.laboratory import Experiment, Plan
from halfbrain.learning.statistics import Paired, holm, paired

INFINITE = float("inf")
_LINE_378 = (
    "spiking neural nets are at least 1, probably more like 2 OOMs more compute intensive to "
    "train, similarly effective, somewhat more efficient at learning from data. I think Numenta "
    "is probably even harder to train and even more data efficient"
)
_MORE = "This seems to help learn more from a given dataset"
_OVERWRITING = "information that can be 'fit' into the network without 'overwriting' previous info"
_EPOCHS = "it needs maybe 10x more epochs over the same dataset"
_SURPASS = "it can eventually surpass the roughly-equivalent MLP"


@dataclass(frozen=True)
class Claim:
    """A claim, as an interval in which an effect must lie.

    Attributes
    ----------
    key
        short name.
    says
        what is tested.
    line, quote
        of the text.
    plan
        which experiment tests it.
    a, b
        the learners compared.
    effect
        ``flop``, ``samples``: orders of magnitude of a over b to the highest common accuracy;
        ``accuracy``: of a over b in the end; ``kept``: how much less a forgets than b.
    least, most
        between which the effect lies if the claim is true.
    """

    key: str
    says: str
    line: int
    quote: str
    plan: str
    a: str
    b: str
    effect: str
    least: float
    most: float = INFINITE


CLAIMS = (
    Claim(
        "a1",
        "spiking costs 10 times the FLOP of an MLP, or more",
        378,
        _LINE_378,
        "curves",
        "spiking",
        "mlp",
        "flop",
        1.0,
    ),
    Claim(
        "a2",
        "so does spike timing (STDP)",
        378,
        _LINE_378,
        "timing",
        "stdp",
        "mlp",
        "flop",
        1.0,
    ),
    Claim(
        "b1",
        "spiking reaches an accuracy from fewer samples than an MLP",
        378,
        _LINE_378,
        "curves",
        "spiking",
        "mlp",
        "samples",
        -INFINITE,
        0.0,
    ),
    Claim(
        "b2",
        "spiking learns more than an MLP from few examples",
        378,
        _LINE_378,
        "few",
        "spiking",
        "mlp",
        "accuracy",
        0.0,
    ),
    Claim(
        "c",
        "dendrites cost more FLOP than spiking",
        378,
        _LINE_378,
        "curves",
        "dendrites",
        "spiking",
        "flop",
        0.0,
    ),
    Claim(
        "d1",
        "dendrites learn more than spiking from few examples",
        378,
        _LINE_378,
        "few",
        "dendrites",
        "spiking",
        "accuracy",
        0.0,
    ),
    Claim(
        "d2",
        "dendrites learn more than an MLP from few examples",
        56,
        _MORE,
        "few",
        "dendrites",
        "mlp",
        "accuracy",
        0.0,
    ),
    Claim(
        "d3",
        "dendrites forget less than an MLP of as many units",
        56,
        _OVERWRITING,
        "sequence",
        "dendrites",
        "mlp",
        "kept",
        0.0,
    ),
    Claim(
        "e1",
        "dendrites need about 10 times the epochs (3 to 30)",
        56,
        _EPOCHS,
        "curves",
        "dendrites",
        "mlp",
        "samples",
        0.5,
        1.5,
    ),
    Claim(
        "e2",
        "dendrites surpass an MLP of as many parameters in the end",
        56,
        _SURPASS,
        "curves",
        "dendrites",
        "mlp",
        "accuracy",
        0.0,
    ),
)


def plans(quick: bool, seeds: int) -> dict[str, Plan]:
    """The experiments: small ones for minutes, or those on MNIST, for hours."""
    if quick:
        return {
            "curves": Plan("digits", ("mlp", "spiking", "dendrites"), seeds, 40_000, 40_000),
            "timing": Plan("digits", ("mlp", "stdp"), seeds, 80_000, 4_000),
            "few": Plan("digits", ("mlp", "spiking", "dendrites"), seeds, 40_000, 6_400, 100),
            "sequence": Plan(
                "permuted-digits:3", ("mlp", "dendrites"), seeds, 40_000, 12_288, units=256
            ),
        }
    return {
        "curves": Plan("mnist", ("mlp", "spiking", "dendrites"), seeds, 400_000, 1_200_000),
        "timing": Plan("mnist", ("mlp", "stdp"), seeds, 314_000, 20_000, tests=2_000),
        "few": Plan("mnist", ("mlp", "spiking", "dendrites"), seeds, 400_000, 100_000, 1_000),
        "sequence": Plan(
            "permuted-mnist:10",
            ("mlp", "dendrites"),
            seeds,
            400_000,
            200_000,
            batch=256,
            tests=500,
            units=2048,
        ),
    }


@dataclass(frozen=True)
class Verdict:
    """What came of a claim.

    Attributes
    ----------
    verdict
        ``supported`` if the whole 95 % interval lies where the claim says, ``not supported`` if
        none of it does, ``undecided`` else.
    found
        the effect; None where there is nothing to compare, with the reason in ``why``.
    level
        accuracy to which costs are compared.
    holm_p
        of the claim's nearest bound as the truth, over all claims together.
    """

    claim: Claim
    verdict: str
    found: Paired | None
    level: float | None
    why: str
    holm_p: float | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, where an open bound is null."""
        claim = asdict(self.claim)
        for bound in ("least", "most"):
            claim[bound] = None if abs(claim[bound]) == INFINITE else claim[bound]
        found = None if self.found is None else asdict(self.found)
        rest = {k: getattr(self, k) for k in ("verdict", "level", "why", "holm_p")}
        return {"claim": claim, "found": found, **rest}


def judge(claim: Claim, of: Experiment) -> Verdict:
    """Test a claim on its experiment."""
    a, b = both(of.runs(claim.a), of.runs(claim.b))
    if len(a) < 2:
        return Verdict(
            claim, "undecided", None, None, "fewer than two pairs of runs got to the end"
        )
    level = None
    if claim.effect in ("flop", "samples"):
        level = common_level(a, b)
        if level is None:
            return Verdict(claim, "undecided", None, None, "no accuracy was reached by all runs")
        found = orders(a, b, claim.effect, level)
    elif claim.effect == "kept":
        found = paired([run.forgotten for run in b], [run.forgotten for run in a])
    else:
        found = final_difference(a, b)
    return Verdict(claim, _where(found, claim.least, claim.most), found, level, "")


def _where(found: Paired, least: float, most: float) -> str:
    if least <= found.t_low and found.t_high <= most:
        return "supported"
    if found.t_high < least or found.t_low > most:
        return "not supported"
    return "undecided"


def verdicts(experiments: Mapping[str, Experiment]) -> list[Verdict]:
    """All claims, with p values against their nearest bounds, adjusted together (Holm)."""
    found = [judge(claim, experiments[claim.plan]) for claim in CLAIMS]
    tested = [v for v in found if v.found is not None]
    adjusted = dict(zip(map(id, tested), holm([_p(v) for v in tested]), strict=True))
    return [
        Verdict(v.claim, v.verdict, v.found, v.level, v.why, adjusted.get(id(v))) for v in found
    ]


def _p(verdict: Verdict) -> float:
    """Of the bound next to the effect, were it the truth."""
    from scipy import stats

    found, claim = verdict.found, verdict.claim
    assert found is not None
    bounds = [x for x in (claim.least, claim.most) if abs(x) != INFINITE]
    bound = min(bounds, key=lambda x: abs(x - found.difference.mean))
    n = found.difference.n
    half = (found.t_high - found.t_low) / 2
    if half == 0:
        return 1.0 if found.difference.mean == bound else 0.0
    error = half / stats.t.ppf(0.975, n - 1)
    return float(2 * stats.t.sf(abs(found.difference.mean - bound) / error, n - 1))
