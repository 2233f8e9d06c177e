"""Checks a homework at home as staff will: a fresh kernel, from the first cell to the last.

    check.py hw1 | NOTEBOOK

It says what of the cells will not be graded, which checks pass, why others do not, and what
is not there. It needs no nbgrader and no box: what it runs is yours. It ends with 0 if all
is earned, with 3 if not, or if there is no such homework.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cells
import inside
import mark
import sealed

HOMEWORK = sealed.ROOT / "notebooks" / "homework"
NOT_ALL = 3
# Of what the compiler says, so many lines are shown.
MOST_LINES = 14


def main() -> int:
    try:
        path = named(sys.argv[1] if len(sys.argv) > 1 else "")
        notebook = cells.read(path)
    except cells.Unreadable as error:
        print(f"check-homework: {error}")
        return NOT_ALL
    released = path.parent.parent / ".handed-out" / f"{path.stem}.ipynb"
    handed_out, notes = notebook, []
    if released.is_file():
        handed_out = cells.read(released)
        # What is graded is what was handed out, with the answers in it.
        notebook, notes = cells.restored(notebook, handed_out)
    print(*(f"note: {note}" for note in notes), sep="\n", end="\n" if notes else "")
    return report(notebook, handed_out)


def named(name: str) -> Path:
    """The notebook of this name: hw1; or of this path."""
    if name.endswith(".ipynb"):
        if Path(name).is_file():
            return Path(name)
        raise cells.Unreadable(f"there is no file {name}")
    there = sorted(path.stem for path in HOMEWORK.glob("hw*/hw*.ipynb"))
    if name in there:
        return HOMEWORK / name / f"{name}.ipynb"
    raise cells.Unreadable(
        f"there is no homework `{name}`, but {', '.join(there) or 'none at all'}"
        if name else f"say which one: HW={'|'.join(there) or 'hw1'}"
    )


def report(notebook: dict, handed_out: dict) -> int:
    """Runs the notebook and says what each check found; 0 if all is earned."""
    refused = mark.look_through(notebook, handed_out)
    ran = run(mark.order(notebook, refused))
    earned = most = read = 0.0
    for n, cell in enumerate(notebook["cells"]):
        points = float(cells.marks(cell).get("points") or 0)
        if cells.is_check(cell):
            scored = mark.score(ran, cell["id"], points)
            earned, most = earned + scored["score"], most + points
            told(cell, scored, mark.answers_trouble(notebook, cell, ran, refused))
        elif cell["cell_type"] == "code":
            for line in trouble(n, cell, ran, refused):
                print(clean(line))
        else:
            read += points
    words = f"; {read:g} more for what is answered in words, which a person reads" if read else ""
    print(f"{earned:g} of {most:g} points{words}")
    return 0 if earned == most else NOT_ALL


def run(order: dict) -> dict:
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        files = [Path(folder) / "order.json", Path(folder) / "result.json"]
        files[0].write_text(json.dumps(order))
        subprocess.run([sealed.PYTHON, inside.__file__, *files], check=True)
        return json.loads(files[1].read_bytes())


def trouble(n: int, cell: dict, ran: dict, refused: list) -> list[str]:
    """What is wrong with a cell that defines something."""
    name = cells.grade_id(cell) or f"cell {n + 1}"
    whole = "the whole cell counts as empty"
    found = [
        f"{name}, line {line}: {what}: {whole if cells.is_solution(cell) else 'not run'}"
        for index, _, line, what in refused
        if index == n and mark.is_answer(cell)
    ]
    errors = [it for it in ran["outputs"].get(cell["id"], []) if it["output_type"] == "error"]
    if not found and errors:
        lines = plain("\n".join(errors[0]["traceback"])).splitlines()
        more = [f"  … and {len(lines) - MOST_LINES} lines more"] if lines[MOST_LINES:] else []
        found = [f"{name} did not run:", *(f"  {line}" for line in lines[:MOST_LINES]), *more]
    return found


def told(cell: dict, scored: dict, answers_trouble: str | None) -> None:
    """What a check found."""
    name = cells.grade_id(cell).removesuffix("-check")
    print(f"{name}: {scored['score']:g} of {scored['points']:g} points")
    for check in scored["checks"]:
        seen = f": {check['seen']}" if check.get("seen") else ""
        print(clean(f"  {'✓' if check['passed'] else '✗'} {check['name']}{seen}"))
    if "why" in scored:
        print(clean(f"  ✗ {answers_trouble or scored['why']}"))
    if scored.get("not_run"):
        print(clean(f"  + only when it is graded: {', '.join(scored['not_run'])}"))


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def clean(line: str) -> str:
    """A line for a terminal, to which what a cell said shall give no orders."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


if __name__ == "__main__":
    sys.exit(main())
