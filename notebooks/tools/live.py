"""The lecture as slides whose cells run: a copy for JupyterLab, in build/live.

Like the written decks it begins a slide where the notebooks' metadata says, and asks before
it answers. No cell has an output before it is run there, and the set-up cell is on the first
slide, since all others need it. What a class edits changes the
copy alone, until slides are started again.
"""

import copy
import json
import shutil
from pathlib import Path

import nbformat

import slides

PLACE = slides.ROOT / "build" / "live"
NOTEBOOKS = PLACE / "notebooks"
CSS = slides.HERE / "live.css"


def cells_of(notebook):
    """The cells as slides show them: a question apart from the text before it."""
    notebook = copy.deepcopy(notebook)
    code = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    for cell in code.values():
        cell.outputs, cell.execution_count = [], None
    first = next(iter(code.values()))
    first.metadata.slideshow.slide_type = "-"
    named = {}
    for part in slides.parts_of(notebook):
        if part.kind == "code":
            cell = code[part.cell]
        else:
            cell = nbformat.v4.new_markdown_cell(part.text)
            named[part.cell] = number = named.get(part.cell, 0) + 1
            cell.id = part.cell if number == 1 else f"{part.cell}-{number}"
        cell.metadata.slideshow = {"slide_type": part.start}
        yield cell


def write() -> Path:
    """Writes the notebooks of both languages; the directory to open them in."""
    for _, path in slides.decks():
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        notebook.cells = list(cells_of(notebook))
        target = NOTEBOOKS / path.relative_to(slides.NOTEBOOKS)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
        # The slides load it from beside their notebook.
        (target.parent / "rise.css").write_text(CSS.read_text(encoding="utf-8"), encoding="utf-8")
    # What the pictures say in Russian for the titles in the code.
    labels = Path("ru", "labels.tsv")
    shutil.copyfile(slides.NOTEBOOKS / labels, NOTEBOOKS / labels)
    # What cells reach by `..`: the library, and a text to count.
    for name in ("crate", "README.md"):
        if not (PLACE / name).is_symlink():
            (PLACE / name).symlink_to(Path("..", "..", name))
    return NOTEBOOKS


def settings(place: Path) -> None:
    """Writes JupyterLab's settings for slides: only what differs from an ordinary notebook."""
    chosen = {
        "jupyterlab-rise/plugin": {
            # A theme without fonts from the network.
            "theme": "serif",
            "center": False,
            "start_slideshow_at": "beginning",
            "transition": "none",
            "slideNumber": "c/t",
        },
        # A cell that is run stays where it is: the next one may be on the next slide, and
        # nobody would see the answer.
        "@jupyterlab/shortcuts-extension/shortcuts": {
            "shortcuts": [
                {"command": "RISE:smart-exec", "keys": ["Shift Enter"], "disabled": True,
                 "selector": ".lm-Widget.reveal .jp-Notebook:focus"},
                {"command": "notebook:run-cell-and-select-next", "keys": ["Shift Enter"],
                 "disabled": True, "selector": ".jp-Notebook.jp-mod-editMode"},
                {"command": "notebook:run-cell", "keys": ["Shift Enter"],
                 "selector": ".jp-Notebook.jp-mod-editMode"},
                # Also where the last cell that had the focus is on a slide that is gone.
                {"command": "notebook:run-cell", "keys": ["Shift Enter"], "selector": "body"},
            ]
        },
    }
    for name, values in chosen.items():
        path = place / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
