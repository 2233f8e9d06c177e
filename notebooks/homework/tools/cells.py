"""The cells of a homework: whose they are, and a submission put back into staff's form.

A notebook that students had in their hands may be anything: cells deleted, renamed, copied,
moved, without their marks, of another kernel, or no notebook at all. What is graded is
staff's own notebook with the student's answers in it, so nothing else of it matters.
"""

import copy
import json
import re
from pathlib import Path

# More than a notebook with all its pictures.
LARGEST = 20_000_000
SETUP = re.compile(r'^(:dep potok = \{ path = )"[^"]*"', re.MULTILINE)

# alice_hw1.ipynb; Jane Doe_123_assignsubmission_file_hw1.ipynb (Moodle, also in a folder);
# doejane_LATE_4711_99_hw1-2.ipynb (Canvas); alice/hw1.ipynb; alice/hw1/hw1.ipynb (nbgrader).
SUBMISSION = (
    r"^(?:.*/)?(?!hw\d+[_/])(?P<student_id>[^\W_](?:[^\W_]|[ .@+'-])*)(?:_[^/]*)?[_/]"
    r"(?:hw\d+/)?(?P<file_id>hw\d+)(?:[ _.(-][^/]*)?\.ipynb$"
)


class Unreadable(Exception):
    """A file that is no notebook."""


def read(path: Path) -> dict:
    """A notebook's JSON, with each source as one string."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"has {path.stat().st_size / 1e6:.0f} MB")
        notebook = json.loads(path.read_bytes().decode("utf-8-sig"))
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"is no notebook: {error}") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("is no notebook: it has no cells")
    notebook["cells"] = [whole(cell) for cell in cells if isinstance(cell, dict)]
    return notebook


def whole(cell: dict) -> dict:
    """A cell whose parts are what they should be, whatever they were."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata")
    return {
        **cell,
        **({"id": word(cell["id"])} if "id" in cell else {}),
        "cell_type": word(cell.get("cell_type")),
        "source": word(source) or "",
        "metadata": metadata if isinstance(metadata, dict) else {},
    }


def word(value: object) -> str | None:
    """A text that can be written down: JSON can have the half of a character."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def write(notebook: dict, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


def marks(cell: dict) -> dict:
    """What nbgrader notes of a cell; nothing for a cell of the student's own."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: dict) -> str | None:
    return word(marks(cell).get("grade_id"))


def is_solution(cell: dict) -> bool:
    return bool(marks(cell).get("solution"))


def is_check(cell: dict) -> bool:
    """A cell of code that is graded by what it gives."""
    graded = bool(marks(cell).get("grade")) and not is_solution(cell)
    return graded and cell["cell_type"] == "code"


def by_grade_id(notebook: dict) -> dict[str, dict]:
    return {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell)}


def with_library(source: str, library: Path | str) -> str:
    """The set-up cell, for the library in another place."""
    return SETUP.sub(lambda found: f'{found[1]}"{library}"', source)


def restored(submitted: dict, staffs: dict) -> tuple[dict, list[str]]:
    """Staff's notebook with a student's answers and own cells of code, and what staff
    should know of how the student's cells had changed."""
    notes: list[str] = []
    taken: dict[int, str] = {}
    for cell in filter(is_solution, staffs["cells"]):
        at = find(cell, submitted, taken, notes)
        if at is not None:
            taken[at] = grade_id(cell)
    told_missing(submitted, staffs, notes)
    answers = {name: answer(submitted["cells"][at]) for at, name in taken.items()}
    own = own_cells(submitted, staffs, taken)
    graded = copy.deepcopy(staffs)
    graded["cells"] = []
    for cell in copy.deepcopy(staffs["cells"]):
        name = grade_id(cell)
        cell["source"] = answers.get(name, cell["source"])
        # Own cells stay before the cells that they stood before: an answer may call them.
        graded["cells"] += own.pop(name, []) if name else []
        graded["cells"].append(cell)
    graded["cells"] += own.pop(None, [])
    return graded, [told(note) for note in notes]


def told(note: str) -> str:
    """A note for staff's terminal, to which a student's words shall give no orders."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in note)[:300]


def answer(cell: dict) -> str:
    """What a student wrote. A text goes to staff's browser, which would run a script in it
    with staff's rights: it has no tags, and no links but to the web."""
    if cell["cell_type"] == "code":
        return cell["source"]
    nothing = "\N{ZERO WIDTH SPACE}"
    text = re.sub(r"<(?=[A-Za-z/!?])", "<" + nothing, cell["source"])
    text = re.sub(r"\](?=\(|:)(?!\(https?://)(?!:\s*https?://)", "]" + nothing, text)
    return re.sub(r"\\(?=href|require|def|let)", "\\\\" + nothing, text)


def find(wanted: dict, submitted: dict, taken: dict[int, str], notes: list[str]) -> int | None:
    """Where a student's answer is: by its mark, by its cell's id, by what it defines."""
    name, cells = grade_id(wanted), submitted["cells"]
    free = [n for n, cell in enumerate(cells) if n not in taken]
    same = [n for n in free if cells[n].get("cell_type") == wanted["cell_type"]]
    marked = [n for n in same if grade_id(cells[n]) == name]
    if marked:
        if len(marked) > 1:
            # A copy has the marks of what it was copied from.
            notes.append(f"`{name}` is there {len(marked)} times: the last one is graded")
        return marked[-1]
    found = [n for n in same if cells[n].get("id") == wanted.get("id")]
    if not found and wanted["cell_type"] == "code":
        defined = re.findall(r"^\s*(?:pub )?(?:fn|mod|struct) (\w+)", wanted["source"], re.M)
        is_it = lambda source: bool(defined) and all(
            re.search(rf"\b(?:fn|mod|struct) {word}\b", source) for word in defined[:1]
        )
        found = [n for n in same if not is_check(cells[n]) and is_it(cells[n]["source"])]
    if found:
        was = grade_id(cells[found[-1]])
        what = f"was renamed `{was}`" if was else "had lost its mark"
        notes.append(f"`{name}` {what}: found again")
        return found[-1]
    notes.append(f"`{name}` is missing: graded as not answered")
    return None


def told_missing(submitted: dict, staffs: dict, notes: list[str]) -> None:
    """Staff's own cells are put back whatever became of them; staff is told."""
    theirs = by_grade_id(submitted)
    for name, cell in by_grade_id(staffs).items():
        if is_solution(cell):
            continue
        if name not in theirs:
            notes.append(f"`{name}` was deleted or renamed: put back")
        elif is_check(cell) and not same_visible(theirs[name]["source"], cell["source"]):
            notes.append(f"`{name}` was edited: put back")


def same_visible(theirs: str, ours: str) -> bool:
    """Whether a check is what was handed out, which has no hidden part."""
    words = lambda source: source.split()
    return words(theirs) == words(without_hidden(ours))


def without_hidden(source: str) -> str:
    """A check as it is handed out."""
    kept, hidden = [], False
    for line in source.splitlines():
        if "BEGIN HIDDEN TESTS" in line:
            hidden = True
        elif "END HIDDEN TESTS" in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


def own_cells(submitted: dict, staffs: dict, taken: dict[int, str]) -> dict:
    """A student's own cells of code, by the name of the cell that comes after them."""
    ours = by_grade_id(staffs)
    ids = {cell.get("id") for cell in staffs["cells"]}
    # What lost its mark and its id is still staff's.
    texts = {tuple(without_hidden(cell["source"]).split()) for cell in staffs["cells"]}
    found: dict[str | None, list[dict]] = {}
    waiting: list[dict] = []
    for n, cell in enumerate(submitted["cells"]):
        name = taken.get(n) or grade_id(cell)
        if name in ours:
            found.setdefault(name, []).extend(waiting)
            waiting = []
        elif cell.get("cell_type") == "code" and cell["source"].strip():
            # What staff put there to play with is staff's.
            known = cell.get("id") in ids or tuple(cell["source"].split()) in texts
            if name is None and not known:
                waiting.append(own_cell(n, cell["source"]))
    found.setdefault(None, []).extend(waiting)
    return found


def own_cell(n: int, source: str) -> dict:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"own-{n}",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
