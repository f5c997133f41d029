"""How what a machine does for a dollar and a joule grows: from the facts, or as one sets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from halfbrain.errors import FactError
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.setting import USER, Setting, figure, from_fact

_YEARS = {
    "flops_per_usd": "in which FLOP/s per USD double, up to 32 bits",
    "flops_per_usd_fp64": "in which FLOP/s per USD double in 64 bits",
    "flop_per_joule": "in which FLOP per joule double, up to 32 bits",
    "flop_per_joule_fp64": "in which FLOP per joule double in 64 bits",
    "bandwidth_per_usd": "in which byte/s per USD double",
    "byte_per_joule": "in which bytes moved per joule double",
    "memory_per_usd": "in which bytes per USD double",
    "shortest_use": "for which machines that hold a state are taken at least",
    "frontier_training_cost": "in which what the dearest training costs doubles",
}
TRENDS: dict[str, Setting] = {
    f"trend.{name}": Setting(
        f"trend.{name}", "year", f"years {about}", fact=f"hardware.trends.{name}"
    )
    for name, about in _YEARS.items()
}
ERASURES = "trend.erasures_per_flop"
TRENDS[ERASURES] = Setting(
    ERASURES,
    "erasure/FLOP",
    "bits that an operation erases, each at Landauer's limit",
    fact="hardware.landauer.erasures_per_flop",
)


@dataclass(frozen=True)
class Trends:
    """Doubling times and what goes with them; ``given`` are those that are set."""

    given: Mapping[str, Quantity] = field(default_factory=dict)

    def get(self, name: str) -> Quantity:
        """A trend by the part of its name after ``trend.``."""
        full = f"trend.{name}"
        return self.given.get(full) or from_fact(TRENDS[full].fact, TRENDS[full])

    def with_trend(self, name: str, value: object) -> Trends:
        """The same trends with one set, as ``trend.flops_per_usd`` to ``2 to 3``.

        Raises
        ------
        HalfbrainError
            if there is no such trend, or the value is no figure in its unit and range.
        """
        if name not in TRENDS:
            raise FactError(f"no trend {name[:60]!r}; there are {', '.join(TRENDS)}")
        try:
            return replace(self, given={**self.given, name: figure(value, "", TRENDS[name], USER)})
        except FactError as error:
            raise FactError(f"{name}: {error}") from None
