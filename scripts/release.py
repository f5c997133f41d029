"""Make a release: check that all is in order, build, look at what was built, tag.

python scripts/release.py          # checks and builds; nothing else changes
python scripts/release.py --tag    # and tags the commit; uploading is left to you
"""

import argparse
import datetime
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HEADING = re.compile(r"^## (\S+) \((.+)\)$", re.MULTILINE)
VERSION = re.compile(r'^VERSION = "(\d+\.\d+\.\d+)"$', re.MULTILINE)
CITED = re.compile(r"^version: (\S+)$", re.MULTILINE)


def git(root: Path, *arguments: str) -> str:
    """What a git command prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout


def version_of(root: Path) -> str:
    """The version that the package says it is."""
    found = VERSION.search((root / "src/halfbrain/version.py").read_text("utf-8"))
    return found[1] if found else ""


def problems(root: Path, today: datetime.date) -> list[str]:
    """Whatever speaks against a release of this checkout, a line each."""
    wrong = []
    version = version_of(root)
    if not version:
        wrong.append('src/halfbrain/version.py: no line like VERSION = "1.2.3"')
    if git(root, "status", "--porcelain").strip():
        wrong.append("the tree is not clean: commit what is changed, remove what is not known")
    if version and git(root, "tag", "--list", f"v{version}").strip():
        wrong.append(f"v{version} is tagged already: raise src/halfbrain/version.py")
    heading = HEADING.search((root / "CHANGELOG.md").read_text("utf-8"))
    if not heading:
        wrong.append("CHANGELOG.md: no heading like ## 1.2.3 (2026-01-31)")
    else:
        if heading[1] != version:
            wrong.append(f"CHANGELOG.md: the newest heading is of {heading[1]}, not of {version}")
        if heading[2] != today.isoformat():
            wrong.append(f"CHANGELOG.md: {heading[1]} is dated {heading[2]}, not {today}")
    cited = CITED.search((root / "CITATION.cff").read_text("utf-8"))
    if not cited or cited[1] != version:
        wrong.append(f"CITATION.cff: the version is {cited[1] if cited else 'not said'}")
    return wrong


def build(root: Path, folder: Path) -> None:
    """Build the source distribution and, from it, the wheel; both pass twine's check."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, root], check=True)
    files = sorted(str(path) for path in folder.iterdir())
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)


def missing(root: Path, folder: Path) -> list[str]:
    """The files of the package that git knows and a built file lacks."""
    (wheel,) = folder.glob("*.whl")
    (source,) = folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        in_wheel = {f"src/{name}" for name in packed.namelist()}
    with tarfile.open(source) as archive:
        in_source = {name.partition("/")[2] for name in archive.getnames()}
    known = git(root, "ls-files", "-z", "src/halfbrain").rstrip("\0").split("\0")
    return [
        f"{path.name} lacks {name}"
        for path, names in ((wheel, in_wheel), (source, in_source))
        for name in known
        if name not in names
    ]


def main() -> None:
    """Check, build and, if asked, tag."""
    parser = argparse.ArgumentParser(description="Check, build and tag a release.")
    parser.add_argument("--tag", action="store_true", help="tag the commit when all is well")
    asked = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    wrong = problems(root, datetime.date.today())
    if not wrong:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            build(root, folder)
            wrong = missing(root, folder)
            if not wrong:
                (root / "dist").mkdir(exist_ok=True)
                for path in folder.iterdir():
                    (root / "dist" / path.name).write_bytes(path.read_bytes())
    if wrong:
        sys.exit("\n".join(["this is not a release yet:", *(f"- {line}" for line in wrong)]))
    tag = f"v{version_of(root)}"
    if asked.tag:
        git(root, "tag", "--annotate", tag, "--message", f"halfbrain {tag}")
        print(
            f"{tag} is built in dist/ and tagged; next: git push origin {tag}, twine upload dist/*"
        )
    else:
        print(f"{tag} is built in dist/; all is well: run again with --tag")


if __name__ == "__main__":
    main()
