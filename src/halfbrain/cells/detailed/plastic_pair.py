"""The plastic synapses between two cells that EModelRunner brings (Chindemi et al. 2022).

Their parameters, places and the peaks of calcium that their thresholds follow from are files of
the package; nothing of them is copied. Source of the model: doi 10.1038/s41467-022-30214-w.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.detailed.installed import recipe
from halfbrain.errors import DataError
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.reading import file_text

SEED = 788373  # the package's, for its streams' global index
_CELL, _GID, _FOLDER = "synplas-cADpyr_L4UPC", 111376, "examples/synplas_sample_dir"
_UNUSED = "SK_E2"  # the package takes it out of this cell before it pairs spikes


@dataclass(frozen=True)
class PlasticPair:
    """The cell after the synapses, which are the mechanism that it has placed last.

    ``delays`` (ms) are from the spike of the cell before to each synapse. ``peaks`` has, for each
    synapse, how high the package says that integrated calcium rises after one spike before the
    synapse, and after one of the cell (us/liter).
    """

    cell: Compartments
    delays: NDArray[np.float64]
    peaks: NDArray[np.float64]

    @property
    def synapses(self) -> Placed:
        """The synapses."""
        return self.cell.placed[-1]

    def with_release(self, chance: float) -> PlasticPair:
        """The same with another chance of release, which plasticity does not change."""
        same = dict.fromkeys(("Use0_TM", "Use_d_TM", "Use_p_TM"), chance)
        placed = dataclasses.replace(self.synapses, parameters={**self.synapses.parameters, **same})
        cell = dataclasses.replace(self.cell, placed=(*self.cell.placed[:-1], placed))
        return dataclasses.replace(self, cell=cell)


def plastic_pair() -> PlasticPair:
    """Read it.

    Raises
    ------
    DataError
        if the package is not installed, or its files are others.
    """
    try:
        package = metadata.distribution("emodelrunner")
    except metadata.PackageNotFoundError:
        raise DataError("the plastic pair is EModelRunner's: pip install emodelrunner") from None
    folder = Path(str(package.locate_file(_FOLDER)))
    made = recipe(_CELL)
    cell = made.compartments()
    kept = tuple(p for p in cell.placed if p.mechanism.name != _UNUSED)
    try:
        rows = np.loadtxt(folder / "synapses/synapses.tsv", skiprows=1, ndmin=2)
        fit = _read(folder / "config/fit_params.json")
        extra = _read(folder / "synapses/syn_extra_params.json")
        measured = _read(folder / "synapses/cpre_cpost.json")
        keys = [str((_GID, int(row[0]))) for row in rows]
        peaks = np.array([[measured[of][key] for of in ("c_pre", "c_post")] for key in keys])
        each = [
            _parameters(extra[key], fit, peak) | {"tau_d_AMPA": row[9]}
            for key, peak, row in zip(keys, peaks, rows, strict=True)
        ]
        values = {name: np.array([one[name] for one in each]) for name in each[0]}
        shared = {k.split("_Glu")[0]: v for k, v in fit.items() if k.endswith("_GluSynapse")}
        where = np.array([_place(cell, int(row[3]), row[4]) for row in rows])
        streams = np.array([[_GID + 250, int(row[0]) + 100, 300] for row in rows])
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise DataError(
            f"{folder}: are no plastic synapses of EModelRunner: {error}"[:200]
        ) from None
    synapses = Placed(made.library("GluSynapse"), where, {**values, **shared}, streams)
    return PlasticPair(dataclasses.replace(cell, placed=(*kept, synapses)), rows[:, 10], peaks)


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file_text(file)))


def _place(cell: Compartments, basal: int, position: float) -> int:
    """The compartment at a position of a basal section."""
    section = [k for k, region in enumerate(cell.regions) if region == "basal"][basal]
    own = np.flatnonzero((cell.section == section) & (cell.area > 0))
    return int(own[np.argmin(abs(cell.position[own] - position))])


def _parameters(
    extra: Mapping[str, Any], fit: Mapping[str, float], peaks: NDArray[np.float64]
) -> dict[str, float]:
    """Of one synapse: thresholds are sums of its peaks, with weights by where it is."""
    first = {"basal": 0, "apical": 2}[extra["loc"]]
    threshold = [
        fit[f"a{first + k}0"] * peaks[0] + fit[f"a{first + k}1"] * peaks[1] for k in (0, 1)
    ]
    values = {name: float(x) for name, x in extra.items() if name != "loc"}
    return values | {"theta_d_GB": threshold[0], "theta_p_GB": threshold[1]}
