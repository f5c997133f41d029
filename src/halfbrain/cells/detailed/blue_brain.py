"""Blue Brain's single cells, as EModelRunner's folders hold them."""

from __future__ import annotations

import configparser
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halfbrain.errors import DataError
from halfbrain.morphology.biophysics import Biophysics, Setting
from halfbrain.reading import file_text

_LISTS = {
    "all": ("soma", "axon", "basal", "apical", "myelin"),
    "allact": ("soma", "axon", "basal", "apical"),
    "alldend": ("basal", "apical"),
    "somadend": ("soma", "basal", "apical"),
    "somaxon": ("soma", "axon"),
    "somatic": ("soma",),
    "axonal": ("axon",),
    "basal": ("basal",),
    "apical": ("apical",),
    "myelinated": ("myelin",),
}


@dataclass(frozen=True)
class Entry:
    """One cell of a folder: its fitted parameters' name, its files and conditions."""

    emodel: str
    package: str
    morphology: Path
    definitions: Path
    fitted: Path
    protocols: Path | None
    celsius: float
    v_init: float


def entries(config: Path) -> list[Entry]:
    """The cells that an EModelRunner configuration names: one, or two where a synapse is modelled.

    Raises
    ------
    DataError
        one line with the file and what is missing in it.
    """
    folder = config.parent.parent
    parser = configparser.ConfigParser(defaults={"memodel_dir": "."})
    try:
        parser.read_string(file_text(config))
        paths, cell = parser["Paths"], parser["Cell"]
        fitted = folder / paths.get("params_path", "config/params/final.json")
        protocols = folder / paths["prot_path"] if "prot_path" in paths else None
        found = []
        for prefix in ("", "precell_"):
            if f"{prefix}emodel" in cell:
                found.append(
                    Entry(
                        cell[f"{prefix}emodel"],
                        parser["Package"]["type"],
                        folder / paths[f"{prefix}morph_path"],
                        folder / paths[f"{prefix}unoptimized_params_path"],
                        fitted,
                        protocols,
                        float(cell["celsius"]),
                        float(cell["v_init"]),
                    )
                )
    except (OSError, UnicodeDecodeError, configparser.Error, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise DataError(f"{config}: is no configuration of EModelRunner: {reason}") from error
    return found


def read_membrane(entry: Entry) -> Biophysics:
    """The membrane: what the definitions fix, and the fitted values for the rest.

    Raises
    ------
    DataError
        one line with the file and what is missing in it.
    """
    definitions = _json(entry.definitions)
    try:
        fitted = {str(k): float(v) for k, v in _json(entry.fitted)[entry.emodel]["params"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{entry.fitted}: has no parameters of {entry.emodel}") from error
    try:
        return _membrane(definitions, fitted, entry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"{entry.definitions}: is no list of EModelRunner's parameters: {error}"[:200]
        ) from error


def _json(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file_text(file)))
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: cannot be read as JSON ({type(error).__name__})") from error


def _membrane(
    definitions: Mapping[str, Any], fitted: Mapping[str, float], entry: Entry
) -> Biophysics:
    def value(row: Mapping[str, Any], place: str) -> float:
        if isinstance(row["val"], list):
            return fitted[f"{row['name']}.{place}"]
        return float(row["val"])

    inserted = [
        (str(mechanism), frozenset(_LISTS[place]))
        for place, group in definitions["mechanisms"].items()
        for mechanism in group["mech"]
    ]
    rows = {k: v for k, v in definitions["parameters"].items() if k != "__comment"}
    formulas = {name: str(how["fun"]) for name, how in definitions["distributions"].items()}
    constants: dict[str, dict[str, float]] = {name: {} for name in formulas}
    for place, group in rows.items():
        if place.startswith("distribution_"):
            for row in group:
                constants[place.removeprefix("distribution_")][row["name"]] = value(row, place)
    settings = []
    for place, group in rows.items():
        if place == "global" or place.startswith("distribution_"):
            continue
        for row in group:
            how = row.get("dist", "uniform")
            settings.append(
                Setting(
                    frozenset(_LISTS[place]),
                    str(row["name"]),
                    value(row, place),
                    "" if how == "uniform" else formulas[how],
                    constants.get(how, {}),
                )
            )
    return Biophysics(tuple(inserted), tuple(settings), entry.celsius, entry.v_init)
