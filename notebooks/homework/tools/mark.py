"""What one submission earns: its cells put back, looked through, run in the box, and read.

    mark.py STAFFS.ipynb RELEASED.ipynb SUBMITTED.ipynb RESULT.json

The same submission gets the same mark each time. One that could not be run at all has no
mark, which is told, and is not 0.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cells
import sealed

LIBRARY = sealed.ROOT / "crate" / "potok"
INSIDE = Path(__file__).with_name("inside.py")
# Bytes of what a box gives, and of the end of what it says.
RESULT, SAID = 64 << 20, 600
# Seconds, for all cells of a submission.
WHOLE = float(os.environ.get("SECONDS_FOR_ALL", "900"))


class NotRun(Exception):
    """A submission could not be run. It is nobody's fault, and no reason for a 0."""


def mark(staffs: dict, released: dict, submitted: dict) -> dict:
    """A notebook with outputs, what each check earned and why, and notes for staff."""
    graded, notes = cells.restored(submitted, staffs)
    refused = look_through(graded, released)
    begun = time.monotonic()
    ran = run(order(graded, refused))
    scores = {}
    for cell in graded["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell["outputs"] = said(cell, ran, refused)
        if cells.is_check(cell):
            name, points = cells.grade_id(cell), float(cells.marks(cell)["points"])
            scores[name] = score(ran, cell["id"], points)
            trouble = answers_trouble(graded, cell, ran, refused)
            if "why" in scores[name] and trouble:
                scores[name]["why"] = trouble
            show(cell, scores[name])
    notes += [
        cells.told(f"{name}, line {line}: {what}")
        for index, name, line, what in refused
        if is_answer(graded["cells"][index])
    ]
    seconds = round(time.monotonic() - begun, 1)
    return {"notebook": graded, "scores": scores, "notes": notes, "seconds": seconds,
            "kernels": ran["kernels"]}


def look_through(graded: dict, released: dict) -> list[tuple[int, str, int, str]]:
    """What of the student's cells is no item: their places, names, lines and why."""
    with tempfile.TemporaryDirectory(prefix="items-") as folder:
        files = [Path(folder) / "graded.ipynb", Path(folder) / "released.ipynb"]
        for notebook, file in zip((graded, released), files):
            cells.write(notebook, file)
        try:
            told = subprocess.run(
                [sealed.KERNEL, "items", "--json", *files],
                capture_output=True, text=True, timeout=60, check=False,
            )
            found = json.loads(told.stdout)
        except (subprocess.TimeoutExpired, json.JSONDecodeError):
            # It took the parser down: none of it is run.
            found = [
                {"index": n, "name": f"cell {n + 1}", "line": 1, "what": "not to be parsed"}
                for n, cell in enumerate(graded["cells"])
                if cell["cell_type"] == "code" and is_students(cell)
            ]
    return [(each["index"], each["name"], each["line"], each["what"]) for each in found]


def is_answer(cell: dict) -> bool:
    """Not one to play with, of staff's, which has statements in it."""
    return cells.is_solution(cell) or cell["id"].startswith("own-")


def is_students(cell: dict) -> bool:
    marks = cells.marks(cell)
    return not (marks.get("locked") or marks.get("grade")) or bool(marks.get("solution"))


def order(graded: dict, refused: list) -> dict:
    """What is run of a notebook, and as what."""
    not_run = {index: (line, what) for index, _, line, what in reversed(refused)}
    todo = []
    for n, cell in enumerate(graded["cells"]):
        if cell["cell_type"] != "code":
            continue
        source, kind = cell["source"], "define"
        if n in not_run:
            # A cell to play with is left out; an answer's name shall not be found.
            if not cells.is_solution(cell):
                continue
            line, what = not_run[n]
            said = "".join(c for c in f"line {line}: {what}" if c.isprintable())
            source = f"compile_error!({json.dumps(said, ensure_ascii=False)});"
        elif cells.is_check(cell):
            kind = "check"
        elif cells.grade_id(cell) == "setup":
            source, kind = cells.with_library(source, LIBRARY), "setup"
        todo.append({"id": cell["id"], "kind": kind, "source": source})
    return {"cells": todo, "whole": WHOLE}


def run(order: dict) -> dict:
    """Runs cells in the box."""
    with tempfile.TemporaryDirectory(prefix="box-") as folder:
        work = Path(folder)
        (work / "order.json").write_text(json.dumps(order))
        program = [sealed.PYTHON, INSIDE, work / "order.json", work / "result.json"]
        command = [str(part) for part in program]
        # A process group of its own: without a box, that is what can be ended.
        with open(work / "log", "w+b") as log, sealed.boxed(work, command) as (box, options):
            boxed = subprocess.Popen(box, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     start_new_session=True, **options)
            try:
                boxed.wait(WHOLE + 700)
            except subprocess.TimeoutExpired:
                pass
            finally:
                end(boxed)
            log.seek(max(0, os.fstat(log.fileno()).st_size - SAID))
            last = log.read(SAID).decode(errors="replace")
        try:
            # A file, not what a link leads to: the folder was not ours alone.
            result = os.open(work / "result.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(result, "rb") as file:
                content = file.read(RESULT + 1)
            if len(content) > RESULT:
                raise NotRun(f"the box gave more than {RESULT >> 20} MiB")
            return json.loads(content)
        except (OSError, ValueError):
            raise NotRun(f"the box gave nothing. It said: {last.strip()}") from None


def end(boxed: subprocess.Popen) -> None:
    """Ends the box and all that is in it."""
    try:
        os.killpg(boxed.pid, 9)
    except ProcessLookupError:
        pass
    boxed.wait()


def score(ran: dict, id: str, points: float) -> dict:
    """What a check earned: the one number that its checks' parent told, if all is well."""
    lines, outputs = ran["points"].get(id, []), ran["outputs"].get(id, [])
    none = lambda why: {"score": 0.0, "points": points, "checks": [], "why": why}
    if trouble := ran["trouble"].get(id):
        return none(trouble)
    errors = [output for output in outputs if output["output_type"] == "error"]
    if errors:
        return none(first_line(errors[0]))
    if len(lines) != 1:
        return none(f"{len(lines) or 'no'} numbers of points came")
    try:
        told = json.loads(lines[0])
        earned, of, checks = float(told["score"]), float(told["points"]), told["checks"]
    except (ValueError, TypeError, KeyError):
        return none("what came is no number of points")
    if of != points or not math.isfinite(earned) or not 0 <= earned <= points:
        return none(f"{earned} of {of} points came for a check of {points}")
    scored = {"score": earned, "points": points, "checks": checks}
    # At home: what is in staff's copy alone.
    return {**scored, "not_run": told["not_run"]} if told.get("not_run") else scored


def first_line(error: dict) -> str:
    """What an error is, without the code that it quotes."""
    text = error.get("evalue") or "\n".join(error.get("traceback", [])) or error["ename"]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).strip()
    return (plain.splitlines() or ["an error"])[0][:200]


def said(cell: dict, ran: dict, refused: list) -> list:
    """A cell's outputs, for the page."""
    outputs = ran["outputs"].get(cell["id"], [])
    for output in outputs:
        # nbgrader gives 0 for a line on standard error.
        if output["output_type"] == "stream":
            output["name"] = "stdout"
    trouble = ran["trouble"].get(cell["id"])
    if trouble and not any(output["output_type"] == "error" for output in outputs):
        outputs.append(error("Ended", trouble))
    return outputs


def answers_trouble(graded: dict, check: dict, ran: dict, refused: list) -> str | None:
    """Why there is no answer to a check: the cause of what the check's own cell says."""
    name = cells.grade_id(check).removesuffix("-check")
    for index, cell in enumerate(graded["cells"]):
        if cells.grade_id(cell) != name:
            continue
        if index in {at for at, *_ in refused}:
            return "the answer is refused"
        errors = [it for it in ran["outputs"].get(cell["id"], []) if it["output_type"] == "error"]
        if errors:
            return f"the answer did not compile: {first_line(errors[0])}"
    return None


def show(cell: dict, scored: dict) -> None:
    """Leaves exactly one number in a check's outputs, which is what nbgrader reads; or, with
    an error, none."""
    shown = []
    for output in cell["outputs"]:
        if output["output_type"] == "execute_result":
            data = {k: v for k, v in output["data"].items() if k != "text/plain"}
            output = {"output_type": "display_data", "data": data, "metadata": {}}
            if not data:
                continue
        shown.append(output)
    if "why" in scored:
        if not any(output["output_type"] == "error" for output in shown):
            shown.append(error("NoPoints", scored["why"]))
    else:
        number = {"text/plain": f"{scored['score']:g}"}
        shown.append({"output_type": "execute_result", "data": number, "metadata": {},
                      "execution_count": 1})
    cell["outputs"] = shown


def error(ename: str, evalue: str) -> dict:
    return {"output_type": "error", "ename": ename, "evalue": evalue,
            "traceback": [f"{ename}: {evalue}"]}


def main() -> int:
    staffs, released, submitted = map(cells.read, map(Path, sys.argv[1:4]))
    Path(sys.argv[4]).write_text(json.dumps(mark(staffs, released, submitted)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
