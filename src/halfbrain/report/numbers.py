"""Numbers as people read them."""

from __future__ import annotations

from halfbrain.report.document import Document

_PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")


def short(value: float) -> str:
    """Two significant digits: ``3.8e24``, ``0.18``, ``15``."""
    if value == 0:
        return "0"
    if 0.01 <= abs(value) < 1000:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def percent(share: float) -> str:
    """A share in per cent, near a hundred as exactly as near nothing: ``5.1``, ``99.6``."""
    if 0.99 <= share < 1:
        return f"{100 - float(f'{100 * (1 - share):.1g}'):.10g}"
    return f"{100 * share:.2g}" if share < 1 else "100"


def spread(values: Document) -> str:
    """The 90 % interval."""
    return f"{short(values['p5'])} to {short(values['p95'])}"


def interval(figure: Document) -> str:
    """A figure's ends, or the one number that both are."""
    low, high = short(figure["low"]), short(figure["high"])
    return low if low == high else f"{low} to {high}"


def prefixed(value: float, unit: str) -> str:
    """With an SI prefix: ``93 PB``."""
    index = 0
    while abs(value) >= 1000 and index < len(_PREFIXES) - 1:
        value /= 1000
        index += 1
    return f"{short(value)} {_PREFIXES[index]}{unit}"


def years(value: float) -> str:
    """A time in years, or in days and hours where it is short."""
    if value >= 1:
        return f"{short(value)} years"
    days = value * 365.25
    return f"{short(days)} days" if days >= 1 else f"{short(days * 24)} h"


def signed(orders: float) -> str:
    """Orders of magnitude with their sign: ``+4.1``."""
    return f"{orders:+.1f}"
