"""Installed morphologies and mechanisms, broken at random, read and run: ``mutated.py [COUNT]``.

Each is read and used as a user would; what comes of it is a line of error or a cell that runs.
A seed and a number give the same text each time. Cases run in a child process, so that a crash of
a library is found too; times are of the processor, since a busy machine makes no file hang.
"""

import contextlib
import importlib.util
import io
import os
import pickle
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.cells.detailed.passive import PAS
from halfbrain.cli import mechanism as command
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import HalfbrainError
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.mechanism import Mechanism

PACKAGES = {
    "bmtk": ".",
    "emodelrunner": "../examples",
    "bluepyemodel": ".",
    "bluepyopt": ".",
    "dbbs_catalogue": ".",
    "braincell": "../data",
    "neuron": ".",
}
LIMIT = 5.0  # s of the processor
_HUNG = 60  # s of the clock: stopped, since nothing else would end it
_BATCH = 25


def installed(*suffixes: str) -> list[Path]:
    """The files of some kinds that the packages bring, in a fixed order."""
    found: dict[Path, None] = {}
    for name, where in PACKAGES.items():
        spec = importlib.util.find_spec(name)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            files = (Path(place) / where).resolve().rglob("*")
            found |= dict.fromkeys(sorted(f for f in files if f.suffix.lower() in suffixes))
    return list(found)


_ODD = (
    "", "0", "-1", "1", "2", "-0.0", "1e300", "-1e300", "1e-300", "1e-45", "nan", "inf", "-inf",
    "1" * 400, "1e99999", "9" * 20, "0x1F", "1_000", "\u0663", "\u00b5m", "\u202e", "\U0001f9e0",
    "\x00", "\u2028", "\ufeff", "e\u0301" * 50, "None", "{", "}", "(", ")", "[", "]", '"', "'", "~",
    "#", ";", "%s", "..", "1..2", "a" * 3000, "-" * 300, "!" * 300, "VERBATIM", "COMMENT",
    "ENDVERBATIM",
    "FROM i = 0 TO 1e9 {", "WHILE (1) {", "USEION zz READ ezz", "TABLE m FROM 0 TO 1 WITH 9",
    "SOLVE states METHOD sparse", "STATE { m }", "LOCAL a[1000]", "NEURON {",
    'INCLUDE "/dev/zero"',
)  # fmt: skip


def mutated(original: bytes, seed: int, number: int) -> bytes:
    """A file's content with one to four changes."""
    chance = random.Random(f"{seed} {number}")
    data = original
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = chance.choice(_MILD if chance.random() < 0.7 else _CHANGES)(data, chance)
    return data


def _flipped(data, chance):
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 30))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(data, chance):
    return data[: chance.randrange(len(data) + 1)]


def _headless(data, chance):
    return data[chance.randrange(len(data) + 1) :]


def _lines(change):
    def changed(data, chance):
        lines = data.split(b"\n")
        change(lines, chance, chance.randrange(len(lines)))
        return b"\n".join(lines)

    return changed


@_lines
def _doubled(lines, chance, at):
    lines[at:at] = lines[at : at + chance.choice((1, 1, 5, 50))] * chance.choice((1, 1, 3))


@_lines
def _dropped(lines, chance, at):
    del lines[at : at + chance.choice((1, 1, 5, 50))]


@_lines
def _swapped(lines, chance, at):
    other = chance.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


@_lines
def _columns(lines, chance, at):
    words = lines[at].split()
    a, b = chance.randrange(8), chance.randrange(8)
    for i in range(at, len(lines) if chance.random() < 0.5 else at + 1):
        words = lines[i].split()
        if max(a, b) < len(words):
            words[a], words[b] = words[b], words[a]
            lines[i] = b" ".join(words)


@_lines
def _word(lines, chance, at):
    words = lines[at].split(b" ")
    words[chance.randrange(len(words))] = chance.choice(_ODD).encode()
    lines[at] = b" ".join(words)


@_lines
def _borrowed(lines, chance, at):
    words, others = lines[at].split(b" "), lines[chance.randrange(len(lines))].split()
    if others:
        words[chance.randrange(len(words))] = chance.choice(others)
    lines[at] = b" ".join(words)


@_lines
def _scaled(lines, chance, at):
    """A column of numbers a thousand or a million times as large, as in the wrong unit."""
    column, zeros = chance.randrange(7), chance.choice((b"000", b"000000", b"e-6", b"e3"))
    for i, line in enumerate(lines):
        words = line.split()
        if column < len(words):
            words[column] += zeros
            lines[i] = b" ".join(words)


@_lines
def _deep(lines, chance, at):
    opening, closing = chance.choice(
        ((b"(", b")"), (b"{", b"}"), (b"((Dendrite)", b")"), (b"- ", b""))
    )
    depth = chance.choice((10, 100, 5000))
    lines[at] += opening * depth + (b" x " + closing * depth if chance.random() < 0.5 else b"")


def _ends(data, chance):
    return data.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\xe2\x80\xa8", b" ")))


def _coded(data, chance):
    text = data.decode("latin-1")
    return text.encode(chance.choice(("utf-16", "utf-8-sig", "utf-32", "cp037")), "replace")


def _empty(data, chance):
    return chance.choice((b"", b"\n", b" \t\n" * 9, b"\x00" * 99))


def _twice(data, chance):
    return data + data


def _number(data, chance):
    """One number for another that may stand there."""
    found = list(re.finditer(rb"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?", data))
    if not found:
        return data
    one = chance.choice(found)
    other = chance.choice(
        (
            b"0", b"1", b"-1", b"2", b"1e6", b"1e-6", b"1e30", b"1000", b"0.5",
            one[0] + b"0", b"-" + one[0], chance.choice(found)[0],
        )
    )  # fmt: skip
    return data[: one.start()] + other + data[one.end() :]


def _name(data, chance):
    """One word for another of the same file."""
    found = list(re.finditer(rb"\b[A-Za-z]\w*\b", data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.start()] + chance.choice(found)[0] + data[one.end() :]


def _sign(data, chance):
    """One sign for another."""
    found = list(re.finditer(rb"[-+*/^<>=!&|(){}\[\],~']", data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.start()] + chance.choice(found)[0] + data[one.end() :]


_MILD = (*(_number,) * 8, *(_name,) * 3, _sign, _dropped, _doubled, _swapped)
_CHANGES = (
    *(_flipped, _cut, _doubled, _dropped, _swapped, _columns, _word, _borrowed) * 4,
    *(_word, _borrowed) * 6,
    _headless, _scaled, _deep, _ends, _coded, _empty, _twice,
)  # fmt: skip


# -- what a user does with a file -----------------------------------------------------------------


def use_mechanism(file: Path) -> None:
    """Read it, ask for another step, have the command print it in both ways; some are run too."""
    from halfbrain.nmodl import read_mechanism

    read = read_mechanism(file)
    read.step(0.1)
    programs = [read.initial, read.current, read.step(0.1)]
    drawn = any(program.draws for program in programs if program is not None)
    if read.kind == "density" and not read.pointers and not drawn and int(file.stem) % 10 == 0:
        _run(read)  # one in ten, since each is compiled
    for as_json in (False, True):
        with contextlib.redirect_stdout(io.StringIO()):
            command.mechanism(file, as_json=as_json)


def _run(read: Mechanism) -> None:
    """Four steps in a cell of one compartment; values may grow beyond all bounds, as they say."""
    at_rest = {name: 1.0 for ion in read.ions for name in (*ion.reads, *ion.writes)}
    one, none = np.ones(1), np.zeros(1)
    cell = Compartments(
        np.array([-1]), 400 * one, none, one, 10 * one, none, np.zeros(1, np.int64), one / 2,
        ("soma",), (Placed(read, np.zeros(1, np.int64), {}),), at_rest, (), 34.0, -70.0,
    )  # fmt: skip
    simulation = CableSimulation([cell], dt=0.025, threads=1)
    simulation.run(0.1)


def use_morphology(file: Path) -> None:
    """Cut it by d_lambda with a leak, and run four steps from a voltage that is not the leak's."""
    cell: Compartments = detailed_cell(file)
    assert np.isfinite(cell.area).all()
    assert cell.area.sum() > 0
    assert (cell.parent[1:] >= 0).all()
    alone = cell.parent[1:] == 0  # the root of a tree that is not joined
    assert ((cell.coupling[1:] > 0) | (alone & (cell.coupling[1:] == 0))).all()
    simulation = CableSimulation([cell], dt=0.025, threads=1)
    simulation.current_clamp(0, 0, 0.0, 1.0, 0.01)
    soma = simulation.record(0, 0)
    simulation.run(0.1)
    assert np.isfinite(simulation.recorded(soma)).all()


@dataclass(frozen=True)
class Case:
    """What came of a file: ``read``, ``refused``, or what must not be."""

    number: int
    source: str
    end: str
    said: str
    seconds: float

    @property
    def has_line(self) -> bool:
        """Whether a line of the file is named."""
        return re.search(r"\.(mod|swc|asc):\d+: |line \d+:", self.said) is not None

    @property
    def wrong(self) -> str:
        """Why this is not as it must be; empty if it is."""
        if self.end not in ("read", "refused"):
            return self.end
        if "\n" in self.said or len(self.said) > 600:
            return "not one line"
        if self.end == "refused" and f"{self.number}{Path(self.source).suffix}" not in self.said:
            return "no file named"
        return f"over {LIMIT:g} s" if self.seconds > LIMIT else ""


def tried(file: Path, number: int, source: str) -> Case:
    """What comes of a file."""
    use = use_mechanism if file.suffix.lower() == ".mod" else use_morphology
    end, said = "read", ""
    began = time.process_time()
    signal.alarm(_HUNG)
    try:
        use(file)
    except HalfbrainError as error:
        end, said = "refused", str(error)
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        end, said = (
            "traceback",
            f"{type(error).__name__}: {error} ({where.name}:{where.lineno})"[:300],
        )
    finally:
        signal.alarm(0)
    return Case(number, source, end, said, time.process_time() - began)


def _late(signum, frame):
    raise TimeoutError("it hangs")


def cases(files: list[Path], count: int, seed: int, folder: Path) -> list[Case]:
    """Try ``count`` mutations, files by turns, some in a child process at a time."""
    _warmed()
    found: list[Case] = []
    while len(found) < count:
        first = len(found)
        end = min(first + _BATCH, count)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            _child(write, files, range(first, end), seed, folder)
        os.close(write)
        with os.fdopen(read, "rb") as pipe, contextlib.suppress(EOFError):
            while True:
                found.append(pickle.load(pipe))
        _, status = os.waitpid(child, 0)
        if len(found) < end:  # the child is dead: the case that it was at is to blame
            number = len(found)
            source = str(files[number % len(files)])
            found.append(Case(number, source, "crash", f"status {status}", 0.0))
    return found


@lru_cache(maxsize=1)
def _warmed() -> None:
    """Have the engine compiled and kept on disk, in a child process, before times are taken."""
    child = os.fork()
    if child == 0:
        try:
            _run(PAS)
        finally:
            os._exit(0)  # what is wrong with it, the cases tell
    os.waitpid(child, 0)


def _child(write: int, files: list[Path], numbers: range, seed: int, folder: Path) -> None:
    signal.signal(signal.SIGALRM, _late)
    with os.fdopen(write, "wb", 0) as pipe:
        for number in numbers:
            source = files[number % len(files)]
            file = folder / f"{number}{source.suffix.lower()}"
            file.write_bytes(mutated(source.read_bytes(), seed, number))
            pipe.write(pickle.dumps(tried(file, number, str(source))))
            file.unlink()
    os._exit(0)


def main(count: int) -> int:
    """Try ``count`` of each kind and tell what came of them."""
    bad = 0
    for kinds in ((".mod",), (".swc",), (".asc",)):
        files = installed(*kinds)
        with tempfile.TemporaryDirectory() as name:
            found = cases(files, count, 1, Path(name))
        wrong = [case for case in found if case.wrong]
        bad += len(wrong)
        refused = sum(case.end == "refused" for case in found)
        lined = sum(case.has_line for case in found)
        slowest = max(found, key=lambda case: case.seconds)
        print(
            f"{count} {kinds[0]} of {len(files)} files: {refused} refused ({lined} with a line), "
            f"{len(wrong)} wrong; {sum(c.seconds for c in found):.0f} s of the processor, the "
            f"slowest {slowest.seconds:.1f} s (number {slowest.number})"
        )
        for case in wrong:
            print(f"  {case.number} {case.source}: {case.wrong}: {case.said}")
    return bad


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000) > 0)
