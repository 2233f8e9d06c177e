"""Keeps the Russian notebooks beside the English ones.

    translate.py list [NOTEBOOK...]    what is to be translated, in order: 05, hw3
    translate.py sync [NOTEBOOK...]    take over code cells and order from the English ones

The English notebook is the source. A Russian one has the same cells in the same order:
code cells are the same, byte for byte, and so is the metadata; each text cell keeps the
id of the one that it translates and a hash of the text that was translated. So
`make check` knows which cells are missing, left over, out of order or out of date.
"""

import argparse
import copy
import hashlib
import sys
from pathlib import Path

import nbformat
from typography import clung

NOTEBOOKS = Path(__file__).resolve().parents[1]
RUSSIAN = NOTEBOOKS / "ru"
HOMEWORK = NOTEBOOKS / "homework"


def digest(text: str) -> str:
    """Short, and the same on every machine."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def pairs(names: list[str] = ()) -> list[tuple[Path, Path]]:
    """Each English notebook and the place of its translation: the lecture, then homework."""
    lecture = [(path, RUSSIAN / path.name) for path in sorted(NOTEBOOKS.glob("0*.ipynb"))]
    homework = [
        (path, HOMEWORK / "ru" / path.parent.name / path.name)
        for path in sorted(HOMEWORK.glob("source/hw*/hw*.ipynb"))
    ]
    wanted = tuple(names) or ("",)
    return [pair for pair in lecture + homework if pair[0].name.startswith(wanted)]


def read(path: Path) -> nbformat.NotebookNode:
    if path.exists():
        return nbformat.read(path, as_version=4)
    return nbformat.v4.new_notebook()


def problems(english, russian) -> list[str]:
    """What keeps the Russian cells from being a translation of the English ones."""
    told = []
    theirs = {cell.id: cell for cell in russian.cells}
    known = {cell.id for cell in english.cells}
    for cell in english.cells:
        twin = theirs.get(cell.id)
        if twin is None:
            told.append(f"missing: {about(cell)}")
        elif cell.cell_type != twin.cell_type:
            told.append(f"of another kind: {about(cell)}")
        elif cell.cell_type == "code":
            if cell.source != twin.source:
                told.append(f"other code: {about(cell)}")
        elif twin.metadata.get("translates") != digest(cell.source):
            told.append(f"out of date: {about(cell)}")
        if twin is not None and marks(cell) != marks(twin):
            told.append(f"other metadata: {about(cell)}")
    told += [f"left over: {about(cell)}" for cell in russian.cells if cell.id not in known]
    order = [cell.id for cell in russian.cells if cell.id in known]
    expected = [cell.id for cell in english.cells if cell.id in theirs]
    for ours, wanted in zip(order, expected):
        if ours != wanted:
            told.append(f"out of order: {about(theirs[ours])}")
            break
    return told


def marks(cell) -> dict:
    """What slides, tests and grading know of a cell: the same in both languages."""
    return {key: value for key, value in cell.metadata.items() if key != "translates"}


def about(cell) -> str:
    line = next((line for line in cell.source.splitlines() if line.strip()), "")
    return f"{cell.id} ({line[:60]})"


def synced(english, russian) -> nbformat.NotebookNode:
    """The Russian notebook with the English code, order and metadata.

    Translations are kept, also old ones, which stay marked as such; spaces that must not
    break are set in them. Where there is none, the English text stands in, without a mark.
    """
    theirs = {cell.id: cell for cell in russian.cells}
    result = copy.deepcopy(english)
    for cell in result.cells:
        twin = theirs.get(cell.id)
        if cell.cell_type == "code":
            same = twin is not None and twin.cell_type == "code" and twin.source == cell.source
            cell.outputs = twin.outputs if same else []
            cell.execution_count = twin.execution_count if same else None
        elif twin is not None and "translates" in twin.metadata:
            cell.source = clung(twin.source)
            cell.metadata["translates"] = twin.metadata["translates"]
    return result


def listing(english, russian) -> str:
    """The cells that are to be translated, whole, in the order of the lecture."""
    theirs = {cell.id: cell for cell in russian.cells}
    parts = []
    for cell in english.cells:
        twin = theirs.get(cell.id)
        if cell.cell_type == "code":
            continue
        old = twin is not None and twin.metadata.get("translates")
        if old == digest(cell.source):
            continue
        parts.append(f"--- {cell.id} {'(out of date)' if old else '(missing)'}\n{cell.source}")
    return "\n\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["list", "sync"])
    parser.add_argument("notebooks", nargs="*", help="as 05, 05_processes.ipynb or hw3")
    options = parser.parse_args()
    found = pairs([Path(name).name for name in options.notebooks])
    if not found:
        print("there is no such notebook; try 05 or hw3", file=sys.stderr)
        return 1
    for english, russian in found:
        if options.what == "list":
            print(listing(read(english), read(russian)) or f"{english.name}: nothing to do")
            continue
        russian.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(synced(read(english), read(russian)), russian)
    return 0


if __name__ == "__main__":
    sys.exit(main())
