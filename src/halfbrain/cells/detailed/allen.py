"""Cells of the Allen Cell Types Database: a ``*_fit.json`` and a morphology."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halfbrain.errors import DataError
from halfbrain.morphology import axon
from halfbrain.morphology.biophysics import Biophysics, Setting
from halfbrain.morphology.morphology import Morphology
from halfbrain.reading import file_text

_REGIONS = {"soma": "soma", "axon": "axon", "dend": "basal", "apic": "apical"}
_ALL = frozenset(_REGIONS.values())


def read_fit(file: Path) -> tuple[Biophysics, bool]:
    """The membrane in a fit file, and whether the model is all-active (or perisomatic).

    Perisomatic models have active channels in the soma only (Teeter et al. 2018,
    doi 10.1038/s41467-017-02717-4; Gouwens et al. 2018, doi 10.1038/s41467-017-02718-3).

    Raises
    ------
    DataError
        one line with the file and what is missing in it.
    """
    try:
        document = json.loads(file_text(file))
        return _membrane(document), "e_pas" not in document["passive"][0]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"{file}: cannot be read as JSON ({type(error).__name__})") from error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"{file}: is no fit of an Allen cell: {error}"[:200]) from error


def with_stub(morphology: Morphology, all_active: bool) -> Morphology:
    """The axon replaced as the fits expect it."""
    replace = axon.allen_all_active if all_active else axon.allen_perisomatic
    return replace(morphology)


def _membrane(document: Mapping[str, Any]) -> Biophysics:
    passive, conditions = document["passive"][0], document["conditions"][0]
    settings = [Setting(_ALL, "Ra", float(passive["ra"]))]
    if "e_pas" in passive:
        settings.append(Setting(_ALL, "e_pas", float(passive["e_pas"])))
    for row in passive.get("cm", ()):
        settings.append(Setting(_region(row["section"]), "cm", float(row["cm"])))
    inserted = [("pas", _ALL)]
    for row in document["genome"]:
        if row["section"] == "glob":
            continue
        if row["mechanism"]:
            inserted.append((str(row["mechanism"]), _region(row["section"])))
        settings.append(Setting(_region(row["section"]), str(row["name"]), float(row["value"])))
    for row in conditions["erev"]:
        for name in ("ena", "ek"):
            settings.append(Setting(_region(row["section"]), name, float(row[name])))
    return Biophysics(
        tuple(inserted),
        tuple(settings),
        float(conditions["celsius"]),
        float(conditions["v_init"]),
    )


def _region(section: str) -> frozenset[str]:
    return frozenset((_REGIONS[section],))
