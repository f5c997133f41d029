"""Morphologies of any kind of file that is read."""

from __future__ import annotations

from pathlib import Path

from halfbrain.errors import DataError, warn
from halfbrain.morphology import hdf5, neurolucida, swc
from halfbrain.morphology.morphology import Morphology

_READERS = {".swc": swc.read, ".asc": neurolucida.read, ".h5": hdf5.read}


def read(path: str | Path) -> Morphology:
    """Read and check a morphology: SWC, Neurolucida ASC; HDF5, by MorphIO.

    Sections are those that NEURON's Import3d makes of the same file. Notes are warned of.

    Raises
    ------
    DataError
        one line that names the file, where it can the line, and what is wrong.
    """
    file = Path(path)
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise DataError(f"{file}: a morphology is a .swc, .asc or .h5 file")
    if not file.is_file():
        raise DataError(f"{file}: there is no such file")
    made = reader(file)
    if not any((section.points[:, 3] > 0).any() for section in made.sections):
        raise DataError(f"{file}: no point has a diameter above zero; give it diameters")
    for note in made.notes:
        warn(note)
    return made
