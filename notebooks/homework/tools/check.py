"""Checks a homework at home as staff will: a fresh kernel, from the first cell to the last.

    check.py NOTEBOOK

It says what of the cells will not be graded, which checks pass, and what is not there. It
needs no nbgrader and no box: what it runs is yours.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cells
import inside
import mark
import sealed

HANDED_OUT = sealed.ROOT / "notebooks" / "homework" / ".handed-out"


def main() -> int:
    path = Path(sys.argv[1])
    if path.suffix != ".ipynb":
        # By its name: hw1.
        path = sealed.ROOT / "notebooks" / "homework" / path / f"{path}.ipynb"
    try:
        notebook = cells.read(path)
    except cells.Unreadable as error:
        raise SystemExit(f"check-homework: {path} {error}") from None
    released = HANDED_OUT / f"{path.stem}.ipynb"
    known = [released] if released.is_file() else []
    told = subprocess.run([sealed.KERNEL, "items", path, *known], capture_output=True,
                          text=True, check=False)
    for line in told.stdout.splitlines():
        print(f"not graded: {line.removeprefix(f'{path}: ')}")
    if known:
        _, notes = cells.restored(notebook, cells.read(released))
        print(*(f"note: {note}" for note in notes), sep="\n", end="\n" if notes else "")
    return report(notebook) or told.returncode


def report(notebook: dict) -> int:
    """Runs the notebook and says what each check found; 0 if all is earned."""
    order = mark.order(notebook, mark.look_through(notebook, notebook))
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        files = [Path(folder) / "order.json", Path(folder) / "result.json"]
        files[0].write_text(json.dumps(order))
        subprocess.run([sealed.PYTHON, inside.__file__, *files], check=True)
        ran = json.loads(files[1].read_bytes())
    earned = most = 0.0
    for cell in filter(cells.is_check, notebook["cells"]):
        points = float(cells.marks(cell)["points"])
        scored = mark.score(ran, cell["id"], points)
        earned, most = earned + scored["score"], most + points
        name = cells.grade_id(cell).removesuffix("-check")
        print(f"{name}: {scored['score']:g} of {points:g} points")
        for check in scored["checks"]:
            print(f"  {'✓' if check['passed'] else '✗'} {check['name']}")
        if "why" in scored:
            print(f"  ✗ {scored['why']}")
    print(f"{earned:g} of {most:g} points, and what a person reads")
    return 0 if earned == most else 1


if __name__ == "__main__":
    sys.exit(main())
