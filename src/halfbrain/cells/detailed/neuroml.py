"""The membrane in a NeuroML file of the Allen Cell Types Database, for BMTK's ``nml:`` cells.

As BMTK has it, the file's morphology is not used, and its channels are the mechanisms of these
names among the circuit's ``.mod`` files.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from halfbrain.errors import DataError
from halfbrain.morphology.biophysics import Biophysics, Setting

_REGIONS = {
    "soma": ("soma",),
    "somatic": ("soma",),
    "axon": ("axon",),
    "axonal": ("axon",),
    "dend": ("basal",),
    "basal": ("basal",),
    "dendritic": ("basal",),
    "apic": ("apical",),
    "apical": ("apical",),
    "all": ("soma", "axon", "basal", "apical"),
}
_UNITS = {
    "": 1.0,
    "mV": 1.0,
    "V": 1e3,
    "S_per_cm2": 1.0,
    "mS_per_cm2": 1e-3,
    "uF_per_cm2": 1.0,
    "ohm_cm": 1.0,
    "ms": 1.0,
    "s": 1e3,
}
_LONGEST = 50_000_000  # bytes


def read_neuroml(file: Path) -> Biophysics:
    """The mechanisms and settings of a cell's membrane; 34 degC and -80 mV, since it names neither.

    Raises
    ------
    DataError
        one line with the file and what is missing or not known in it.
    """
    try:
        if file.stat().st_size > _LONGEST:
            raise DataError(f"{file}: is longer than {_LONGEST:,} bytes")
        text = file.read_text("utf-8")
        if "<!ENTITY" in text:
            raise DataError(f"{file}: defines entities, which are not read")
        root = ElementTree.fromstring(text)
    except (OSError, UnicodeDecodeError, ElementTree.ParseError) as error:
        raise DataError(f"{file}: cannot be read as NeuroML: {error}"[:200]) from None
    inserted: list[tuple[str, frozenset[str]]] = []
    settings: list[Setting] = []
    for element in root.iter():
        part = _Part(element, file)
        if part.tag in ("channelDensity", "channelDensityNernst"):
            _channel(part, inserted, settings)
        elif part.tag.startswith("channelDensity") or part.tag == "channelPopulation":
            raise part.fail("is not read; channelDensity and channelDensityNernst are")
        elif part.tag == "specificCapacitance":
            settings.append(Setting(part.where, "cm", part.number("value")))
        elif part.tag == "resistivity":
            settings.append(Setting(part.where, "Ra", part.number("value")))
        elif part.tag == "concentrationModel":
            name = part.text("id")
            inserted.append((name, part.where))
            kind = part.text("type")
            for key in ("gamma", "decay"):
                settings.append(Setting(part.where, f"{key}_{kind}", part.number(key)))
    if not inserted:
        raise DataError(f"{file}: has no channels of a cell")
    return Biophysics(tuple(inserted), tuple(settings), 34.0, -80.0)


def _channel(
    part: _Part, inserted: list[tuple[str, frozenset[str]]], settings: list[Setting]
) -> None:
    channel = part.text("ionChannel")
    inserted.append((channel, part.where))
    density = part.number("condDensity")
    if channel == "pas":
        settings.append(Setting(part.where, "g_pas", density))
        settings.append(Setting(part.where, "e_pas", part.number("erev")))
        return
    settings.append(Setting(part.where, part.text("id"), density))
    if (ion := part.text("ion")) in ("na", "k"):
        settings.append(Setting(part.where, f"e{ion}", part.number("erev")))


class _Part:
    def __init__(self, element: ElementTree.Element, file: Path) -> None:
        self.element, self.file = element, file
        self.tag = element.tag.rpartition("}")[2]

    def fail(self, what: str) -> DataError:
        return DataError(f"{self.file}: {self.tag} {self.element.get('id', '')!r:.40}: {what}")

    @property
    def where(self) -> frozenset[str]:
        group = self.text("segmentGroup")
        if group.lower() not in _REGIONS:
            raise self.fail(f"segmentGroup {group[:40]!r} is no region of a cell")
        return frozenset(_REGIONS[group.lower()])

    def text(self, key: str) -> str:
        found = self.element.get(key)
        if not found:
            raise self.fail(f"has no {key}")
        return found

    def number(self, key: str) -> float:
        words = self.text(key).split()
        unit = words[1] if len(words) == 2 else ""
        try:
            if len(words) > 2 or unit not in _UNITS:
                raise ValueError
            return float(words[0]) * _UNITS[unit]
        except (ValueError, IndexError):
            raise self.fail(f"{key} {self.text(key)[:40]!r} is no number with a unit") from None
