"""NMODL, NEURON's language for channels and synapses (Hines and Carnevale 2000): its reader.

The whole of a file is read by our own grammar; what it says becomes instruction lists. Source:
doi 10.1162/089976600300015475.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from halfbrain.errors import ModelError
from halfbrain.nmodl.assembly import Assembly
from halfbrain.nmodl.parser import parse
from halfbrain.nmodl.reading import Reading
from halfbrain.nmodl.run import Given
from halfbrain.nmodl.values import TooLargeError
from halfbrain.program.mechanism import Mechanism
from halfbrain.reading import file_text

__all__ = ["read_mechanism"]


def read_mechanism(
    source: Path | str,
    rounds: int = Reading.rounds,
    *,
    newton: int = Reading.newton,
    usetable: bool = False,
    tables: Mapping[str, Given] | None = None,
    keep: Sequence[str] = (),
) -> Mechanism:
    """Read a mechanism from a .mod file, or from NMODL text.

    Parameters
    ----------
    source
        the file, or the text (anything with a line break in it or a brace).
    rounds
        how often a FROM loop is unrolled whose last round is known only when it runs, such as one
        over a synapse's release sites.
    newton
        how often Newton's method goes round where equations are not linear; each round squares the
        error.
    usetable
        take what has a TABLE from it, interpolated as NEURON does, instead of working it out.
    tables
        values of the file's FUNCTION_TABLEs, by name: a number, or arguments and values, between
        which it is a straight line.
    keep
        variables that the file sets and that are to be kept for each place, so that they can be
        recorded and pointed to: a current, say.

    Raises
    ------
    ModelError
        one line that names file and line, and how to mend it.

    Examples
    --------
    >>> import halfbrain as hb
    >>> text = '''NEURON { SUFFIX leak  RANGE g  NONSPECIFIC_CURRENT i }
    ... PARAMETER { g = 0.001 (siemens/cm2) }
    ... ASSIGNED { v (millivolt)  i (milliamp/cm2) }
    ... BREAKPOINT { i = g*(v + 65) }'''
    >>> hb.read_mod(text).name
    'leak'
    """
    if isinstance(source, str) and ("\n" in source or "{" in source):
        text, file, folder = source, "<text>", None
    else:
        path = Path(source)
        try:
            if not path.exists():
                raise FileNotFoundError
            text = file_text(path, errors="replace")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no such file"
            raise ModelError(f"{str(source)[:200]}: cannot be read ({reason})") from None
        file, folder = path.name, path.parent
    place = f"{file}:1"
    try:
        model = parse(text, file, folder)
        place = model.place
        assembly = Assembly(model, Reading(rounds, newton, usetable, tables or {}, tuple(keep)))
        made = assembly.mechanism(str(source) if folder else file)
    except RecursionError:
        raise ModelError(f"{place}: nested too deeply; take it apart") from None
    except TooLargeError as error:
        raise ModelError(f"{place}: {error}") from None
    kept = {row.removeprefix("own_").split("[")[0] for row in made.rows}
    for name in keep:
        if name not in kept:
            raise ModelError(f"{place}: {name[:40]!r} is to be kept, but the file does not set it")
    return made
