"""SONATA's JSON: circuit and simulation configurations, with the variables of their manifests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halfbrain.errors import DataError, warn

_LONGEST = 50_000_000  # bytes; node sets may list many neurons
_PATHS = ("file", "network", "simulation", "neurolucida-asc")  # beside what ends in _file or _dir
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def read_json(file: Path) -> Any:  # noqa: ANN401
    """What a JSON file holds.

    Raises
    ------
    DataError
        one line with the file and, if it is no JSON, the line in it.
    """
    try:
        if not file.is_file():
            raise DataError(f"{file}: there is no such file")
        if file.stat().st_size > _LONGEST:
            raise DataError(f"{file}: is longer than {_LONGEST:,} bytes")
        return json.loads(file.read_text("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise DataError(f"{file}:{error.lineno}: is no JSON: {error.msg}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: cannot be read as JSON ({type(error).__name__})") from error


@dataclass(frozen=True)
class Config:
    """A part of a configuration: ``document`` at the place ``where`` of ``file``."""

    file: Path
    document: Mapping[str, Any]
    where: str = ""

    def fail(self, what: str, key: str = "") -> DataError:
        """The error that something is wrong with this part, or a key of it."""
        place = f"{self.where}.{key}" if self.where and key else self.where or key
        return DataError(f"{self.file}: {place + ': ' if place else ''}{what}")

    def part(self, key: str) -> Config:
        """A part of this part; empty if it is not there."""
        inner = self.document.get(key) or {}
        where = f"{self.where}.{key}" if self.where else key
        if not isinstance(inner, Mapping):
            raise self.fail("must be an object {...}", key)
        return Config(self.file, inner, where)

    def parts(self, key: str) -> list[Config]:
        """The parts that a list holds."""
        inner = self.document.get(key) or []
        where = f"{self.where}.{key}" if self.where else key
        if not isinstance(inner, list) or not all(isinstance(one, Mapping) for one in inner):
            raise self.fail("must be a list of objects", key)
        return [Config(self.file, one, f"{where}[{i}]") for i, one in enumerate(inner)]

    def named(self) -> list[tuple[str, Config]]:
        """The parts by their names."""
        return [(name, self.part(name)) for name in self.document]

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        value = self.document.get(key, default)
        if not isinstance(value, str):
            raise self.fail("is missing" if value is None else f"is no text: {value!r:.40}", key)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        value = self.document.get(key, default)
        if value is None:
            raise self.fail("is missing", key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
            raise self.fail(f"is no number: {value!r:.40}", key)
        return float(value)

    def flag(self, key: str) -> bool:
        """True or false, which it is where nothing is said."""
        value = self.document.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(f"is neither true nor false: {value!r:.40}", key)
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        """Finite numbers: a list of them, or one."""
        value = self.document.get(key)
        if not isinstance(value, list):
            return (self.number(key),)
        return tuple(Config(self.file, {key: one}, self.where).number(key) for one in value)

    def texts(self, key: str) -> list[str]:
        """Texts: a list of them, or one."""
        value = self.document.get(key) or []
        many = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in many):
            raise self.fail(f"is no text: {value!r:.40}", key)
        return many

    def path(self, key: str) -> Path | None:
        """A path, from the folder of the file that names it; None if there is none."""
        value = self.document.get(key)
        if value is None or value == "":
            return None
        return self.file.parent / self.text(key)


def read_config(file: Path, mechanisms: Path | None = None) -> Config:
    """A circuit or simulation configuration, with the files of configuration that it names.

    What the file itself says goes before what is in those, part by part; files of node sets add
    up, those of the simulation going before the circuit's. ``mechanisms`` goes before all of
    them, as ``components.mechanisms_dir``.

    Raises
    ------
    DataError
        one line with the file, the key, and what is wrong.
    """
    document = _document(file)
    merged: dict[str, Any] = {}
    for key in ("network", "simulation"):
        if isinstance(document.get(key), str):
            other = _document(Path(document[key]))
            if key == "simulation" and isinstance(other.get("network"), str):
                merged = _over(_document(Path(other["network"])), merged)
            merged = _over(other, merged)
    merged = _over(document, merged)
    if mechanisms is not None:
        merged = _over({"components": {"mechanisms_dir": str(mechanisms)}}, merged)
    return Config(file, merged)


# What would make another circuit of it, and is not read; then what else is, so that nothing is
# passed over without a word.
_REFUSED = (("", "connection_overrides"), ("conditions", "modifications"))
_READ = {
    "": "manifest network simulation networks components run inputs reports output conditions "
    "node_set node_sets_file node_sets compartment_sets_file target_simulator version metadata",
    "conditions": "celsius v_init usetable mechanisms extracellular_calcium "
    "randomize_gaba_rise_time",
}


def check_read(config: Config) -> None:
    """Refuse what is not read and would change the circuit; a note for other keys not known.

    Raises
    ------
    DataError
        one line with the file and the key.
    """
    for where, key in _REFUSED:
        part = config.part(where) if where else config
        if part.document.get(key):
            raise part.fail("is not read, and without it this is another simulation", key)
    for where, read in _READ.items():
        part = config.part(where) if where else config
        for key in part.document.keys() - set(read.split()):
            if part.document[key] and not key.startswith("$"):
                warn(str(part.fail("is not read", key)))


def _over(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two documents as one; where both say something, and it has no parts, the first does."""
    both = second | first
    for key in first.keys() & second.keys():
        if isinstance(first[key], dict) and isinstance(second[key], dict):
            both[key] = second[key] | first[key]
        elif key == "node_sets_file":
            both[key] = [*_listed(second[key]), *_listed(first[key])]
    return both


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


def files_read(config: Config) -> list[Path]:
    """The files that a configuration names to be read, and those in folders that it names."""
    found: list[Path] = [config.file]

    def look(part: object) -> None:
        if isinstance(part, Mapping):
            for key, value in part.items():
                if key not in ("output", "reports"):
                    look(value)
        elif isinstance(part, list):
            for one in part:
                look(one)
        elif isinstance(part, str) and Path(part).is_absolute():
            path = Path(part)
            found.extend(path.iterdir() if path.is_dir() else [path])

    look(config.document)
    return [path for path in found if path.is_file()]


def _document(file: Path) -> dict[str, Any]:
    document = read_json(file)
    if not isinstance(document, dict):
        raise DataError(f"{file}: must be an object {{...}}")
    folder = str(file.resolve().parent)
    variables = {"configdir": folder, "workingdir": folder, "configfname": str(file)}
    manifest = document.get("manifest") or {}
    if not isinstance(manifest, dict):
        raise DataError(f"{file}: manifest: must be an object {{...}}")
    own = {str(name).strip("${}"): value for name, value in manifest.items()}
    for name, value in own.items():
        if not isinstance(value, str):
            raise DataError(f"{file}: manifest.{name}: is no text")
    for name, value in own.items():
        filled = _filled(value, variables | own, file)
        # Others may be a part of a name, as in nodes_$KIND.h5.
        is_path = filled == "." or filled.startswith(("./", "../")) or filled == ".."
        variables[name] = str(file.resolve().parent / filled) if is_path else filled
    body = {key: value for key, value in document.items() if key != "manifest"}
    return _with_paths(body, variables, file)  # type: ignore[no-any-return]


def _filled(text: str, variables: Mapping[str, str], file: Path, depth: int = 0) -> str:
    """A text with its variables put in place."""
    if depth > 20:
        raise DataError(f"{file}: manifest: {text[:60]!r} comes back to itself")

    def value(match: re.Match[str]) -> str:
        if match[1] not in variables:
            raise DataError(f"{file}: {match[0]} is not in the manifest")
        return _filled(variables[match[1]], variables, file, depth + 1)

    return _VARIABLE.sub(value, text)


def _with_paths(part: Any, variables: Mapping[str, str], file: Path, key: str = "") -> Any:  # noqa: ANN401
    """Variables put in, and paths made whole, since parts of several files are merged."""
    if isinstance(part, dict):
        return {str(k): _with_paths(v, variables, file, str(k)) for k, v in part.items()}
    if isinstance(part, list):
        return [_with_paths(one, variables, file) for one in part]
    if not isinstance(part, str):
        return part
    text = _filled(part, variables, file) if "$" in part else part
    is_path = key.endswith(("_file", "_dir")) or key in _PATHS
    return str(file.resolve().parent / text) if is_path else text
