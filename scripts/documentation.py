"""Build the documentation: run the examples, write their pages, check every link.

    python scripts/documentation.py            # into build/site
    python scripts/documentation.py --quick    # without running the examples (no pictures)

`assemble` puts everything that becomes a page in one folder: docs/, a page for each file of
examples/ and for each notebook, the changelog, the benchmarks' results.
"""

import argparse
import ast
import contextlib
import hashlib
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What lies elsewhere in the repository and is a page of the site.
PAGES = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/RESULTS.md": "results.md",
}
SECTIONS = {
    "forecast": "Forecasts",
    "point": "Point neurons",
    "plasticity": "Synapses that change",
    "cells": "Detailed cells",
    "practice": "Running, saving, measuring",
    "networks": "Networks that learn by gradients",
}
ROOMS = {  # of the API, by module or room
    "report.plot": "Simulations",
    "report": "The forecast",
    "cells": "Neurons, cells and synapses",
    "morphology": "Neurons, cells and synapses",
    "nmodl": "Neurons, cells and synapses",
    "circuits": "Circuits",
    "connectivity": "Connections and values",
    "engine": "Simulations",
    "recording": "Simulations",
    "io": "Simulations",
}
LINK = re.compile(r"(\]\()([^)#:\s]+\.(?:md|py|ipynb))(#[^)\s]*)?(\))")


@dataclass(frozen=True)
class Example:
    """A file of examples/, and what its docstring says."""

    path: Path
    title: str
    about: str
    code: str

    @classmethod
    def read(cls, path: Path) -> "Example":
        """Read a file; its docstring's first line is the title, the rest is about it."""
        text = path.read_text("utf-8")
        docstring = ast.get_docstring(ast.parse(text)) or ""
        title, _, about = docstring.partition("\n")
        code = text.split('"""\n', 1)[-1].strip("\n") + "\n"
        return cls(path, title.strip().rstrip("."), about.strip(), code)

    @property
    def section(self) -> str:
        """The folder that it lies in."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """The name of its page and its picture."""
        return f"{self.section}-{self.path.stem}".replace("_", "-")

    @property
    def summary(self) -> str:
        """The first sentence about it."""
        first = re.split(r"(?<=\.)\s+(?=[A-Z])", self.about, maxsplit=1)[0]
        return " ".join(first.split())


def examples() -> list[Example]:
    """All examples, by section."""
    return [
        Example.read(path)
        for section in SECTIONS
        for path in sorted((ROOT / "examples" / section).glob("*.py"))
    ]


def notebooks() -> list[Path]:
    """All notebooks."""
    return sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


def run(path: Path, picture: Path | None = None) -> str:
    """Run an example in an empty folder; give what it printed, and save what it drew."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    printed = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(printed),
    ):
        plt.close("all")
        runpy.run_path(str(path), run_name="__main__")
    drawn = plt.get_fignums()
    if drawn and picture:
        plt.figure(drawn[-1]).savefig(picture, dpi=110)
    plt.close("all")
    return printed.getvalue()


def pictures(folder: Path) -> None:
    """Run every example whose picture or output is not in the folder yet."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted((ROOT / "src").rglob("*.py"))
    package = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    for example in examples():
        key = package.copy()
        key.update(example.path.read_bytes())
        mark = folder / f"{example.name}.key"
        if mark.exists() and mark.read_text() == key.hexdigest():
            continue
        print(f"running {example.path.relative_to(ROOT)}", flush=True)
        printed = run(example.path, folder / f"{example.name}.png")
        (folder / f"{example.name}.txt").write_text(printed, "utf-8")
        mark.write_text(key.hexdigest())


def example_page(example: Example, drawn: Path) -> str:
    """The page of an example: what it is about, what it draws and prints, its code."""
    parts = [f"# {example.title}", example.about]
    if (drawn / f"{example.name}.png").exists():
        parts.append(f"![{example.title}]({example.name}.png)")
    code = f"```python\n{example.code}```"
    where = example.path.relative_to(ROOT).as_posix()
    parts.append(f"`{where}`:\n\n{code}")
    printed = drawn / f"{example.name}.txt"
    if printed.exists() and printed.read_text("utf-8").strip():
        parts.append(f"It prints:\n\n```text\n{printed.read_text('utf-8').rstrip()}\n```")
    return "\n\n".join(part for part in parts if part) + "\n"


def gallery_page(drawn: Path) -> str:
    """The page of all examples, a card each."""
    parts = [
        "# Gallery\n",
        "Each is a short program of the folder `examples/`, and runs as it stands.\n",
    ]
    for section, title in SECTIONS.items():
        cards = []
        for example in (each for each in examples() if each.section == section):
            image = f"{example.name}.png"
            shown = f"![]({image}) " if (drawn / image).exists() else ""
            cards.append(
                f"-   [{shown}**{example.title}**]({example.name}.md)\n\n    {example.summary}\n"
            )
        if cards:
            grid = "\n".join(cards)
            parts.append(f'## {title}\n\n<div class="grid cards" markdown>\n\n{grid}\n</div>\n')
    return "\n".join(parts)


def reference_page() -> str:
    """The page of all names of ``import halfbrain as hb``, from their docstrings."""
    import halfbrain as hb

    sections: dict[str, list[str]] = dict.fromkeys(ROOMS.values(), ()) | {"Others": ()}
    for name in sorted(set(hb.__all__) - {"__version__"}, key=str.lower):
        found = getattr(hb, name)
        path = f"{found.__module__}.{found.__qualname__}"
        room = found.__module__.removeprefix("halfbrain.")
        title = ROOMS.get(room) or ROOMS.get(room.split(".")[0], "Others")
        options = f"    options:\n      heading: hb.{name}\n      toc_label: hb.{name}\n"
        sections[title] = [*sections[title], f"::: {path}\n{options}"]
    parts = [
        "# API\n",
        "`import halfbrain as hb` has all that most programs need. "
        "Each name loads what it needs when it is first used.\n",
    ]
    for title, names in sections.items():
        if names:
            parts += [f"## {title}\n", *names]
    return "\n".join(parts)


def notebook_page(path: Path) -> str:
    """A notebook as a page: its text as it is, its code in blocks."""
    parts = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        text = "".join(cell["source"]).strip("\n")
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    return "\n\n".join(parts) + "\n"


def moved(text: str, before: str, now: str) -> str:
    """The text of a page with its links changed to where their targets are in the site."""

    def link(found: re.Match[str]) -> str:
        begin, target, anchor, end = found.groups()
        there = os.path.normpath(Path(before).parent / target)
        page = PAGES.get(there, there.removeprefix("docs/"))
        page = os.path.relpath(page, Path(now).parent)
        return f"{begin}{page}{anchor or ''}{end}"

    return LINK.sub(link, text)


def assemble(folder: Path, drawn: Path) -> None:
    """Write every page of the site into an empty folder."""
    table = (ROOT / "README.md").read_text("utf-8")
    table = re.sub(r"<!--.*-->\n", "", table.partition("| contender ")[2].partition("<!-- end")[0])
    for path in sorted((ROOT / "docs").rglob("*")):
        name = path.relative_to(ROOT / "docs").as_posix()
        if path.suffix == ".md":
            page = moved(path.read_text("utf-8"), f"docs/{name}", name)
            page = page.replace("<!-- the table of README.md -->", f"| contender {table}")
            _write(folder / name, page)
        elif path.suffix in (".png", ".svg", ".html", ".css"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
    for source, name in PAGES.items():
        _write(folder / name, moved((ROOT / source).read_text("utf-8"), source, name))
    _write(folder / "api.md", reference_page())
    gallery = folder / "gallery"
    if examples():
        _write(gallery / "index.md", gallery_page(drawn))
    for example in examples():
        _write(gallery / f"{example.name}.md", example_page(example, drawn))
        shutil.copyfile(example.path, gallery / f"{example.name}.py")
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(drawn / f"{example.name}.png", gallery / f"{example.name}.png")
    for path in notebooks():
        _write(folder / "notebooks" / f"{path.stem}.md", notebook_page(path))
        shutil.copyfile(path, folder / "notebooks" / path.name)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def build(root: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a folder that has mkdocs.yml and build/docs; broken links are errors."""
    return subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean"],
        cwd=root,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def main() -> None:
    """Assemble the pages and build them."""
    parser = argparse.ArgumentParser(description="Build the documentation into build/site.")
    parser.add_argument("--quick", action="store_true", help="do not run the examples")
    asked = parser.parse_args()
    drawn = ROOT / "build" / "pictures"
    if not asked.quick:
        pictures(drawn)
    pages = ROOT / "build" / "docs"
    shutil.rmtree(pages, ignore_errors=True)
    assemble(pages, drawn)
    done = build(ROOT)
    print(done.stdout, done.stderr, sep="", end="")
    if done.returncode:
        sys.exit("the documentation was not built")
    print(f"built: {ROOT / 'build' / 'site' / 'index.html'}")


if __name__ == "__main__":
    main()
