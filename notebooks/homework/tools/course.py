"""Releases the homework: a nbgrader course, a folder for staff, a zip for students.

    course.py [HW...]            in English; with IN=ru in Russian

* course: what nbgrader works in. Its gradebook is kept if it is there; `make clean` does not
  touch it. COURSE=dir chooses another place.
* course/staff/hwN: the solution, and the notebook that submissions are graded by.
* dist/potok-homework.zip: the lecture with the assignments in notebooks/homework; no
  solution, no hidden test, no wrong answer.

Nothing is released that has a trap in it: see `traps`.
"""

import copy
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import cells
import sealed

sys.path.insert(0, str(sealed.ROOT / "notebooks" / "tools"))

ROOT = sealed.ROOT
SOURCE = ROOT / "notebooks" / "homework" / ("ru" if os.environ.get("IN") == "ru" else "source")
COURSE = Path(os.environ.get("COURSE") or ROOT / "course").resolve()
STAFF = COURSE / "staff"
ZIP = Path(os.environ.get("ZIP") or ROOT / "dist" / "potok-homework.zip")
NBGRADER = ROOT / "build" / "nbgrader" / "bin"
# Where the library is for a student: from notebooks/homework/hwN.
LIBRARY = "../../../crate/potok"
OURS = "notebooks/homework/"
# What staff keeps for itself. The workspace wants its package `proof`, which proves nothing
# without its notebooks: a shell of it stays.
STAFFS = tuple(f"{OURS}{each}" for each in ("source/", "ru/", "wrong/", "proof/build.rs",
                                            "Containerfile", "README.md"))
STAFFS += ("notebooks/tests/test_homework", "notebooks/tests/submissions.py")
TOOLS = f"{OURS}tools/"
# What checks at home.
CHECKERS = {f"{TOOLS}{name}.py" for name in ("cells", "check", "inside", "mark", "sealed")}
# Staff's targets of the Makefile.
TARGETS = ("setup-homework", "homework", "grade", "homework-image", "feedback",
           "homework-test")
# What students read, and what it is called in their zip.
FOR_STUDENTS = {f"{OURS}students/README.md": f"{OURS}README.md",
                f"{OURS}students/README.ru.md": f"{OURS}README.ru.md"}
CHECK = re.compile(
    r'\.(?:gives|holds|meets|explores|withstands|replays)\(\s*"((?:[^"\\]|\\.)*)"')
HIDDEN = re.compile(r"^( *)// BEGIN HIDDEN TESTS\n(.*?)^ *// END HIDDEN TESTS", re.M | re.S)


def traps(notebook: dict, told: list[str]) -> list[str]:
    """What staff would find out from the marks of a whole class."""
    found = list(told)
    names = cells.by_grade_id(notebook)
    ids = [cells.grade_id(cell) for cell in notebook["cells"] if cells.grade_id(cell)]
    found += [f"`{name}` is there twice" for name in {n for n in ids if ids.count(n) > 1}]
    if "setup" not in names:
        found.append("no cell is called `setup`")
    for name, cell in names.items():
        source, code = cell["source"], cell["cell_type"] == "code"
        if cells.is_check(cell):
            found += [f"`{name}`: {trap}" for trap in check_traps(cell)]
            if name.removesuffix("-check") not in names or not name.endswith("-check"):
                found.append(f"`{name}` is no `X-check` of an answer `X`")
        elif cells.is_solution(cell) and code:
            if "BEGIN SOLUTION" not in source:
                found.append(f"`{name}` has no BEGIN SOLUTION: it would be handed out")
        elif is_written(cell):
            if "\n\n" not in source:
                found.append(f"`{name}` asks nothing: a question, an empty line, a place")
        elif not cells.marks(cell).get("locked") and code:
            found.append(f"`{name}` is staff's and not locked")
        for part in ["SOLUTION", "HIDDEN TESTS"]:
            if source.count(f"BEGIN {part}") != source.count(f"END {part}"):
                found.append(f"`{name}`: a BEGIN {part} without its END")
    return found


def check_traps(cell: dict) -> list[str]:
    source, points = cell["source"], float(cells.marks(cell)["points"])
    found = []
    given = re.findall(r"^grade\((\d+(?:\.\d+)?)\)", source, re.MULTILINE)
    if [float(each) for each in given] != [points]:
        found.append(f"worth {points} points, but it has `grade({', '.join(given)})`")
    for line in source.splitlines():
        # `let mut points = 0.0;` does not compile in evcxr, which keeps what a cell binds.
        if line.startswith("let "):
            found.append(f"`{line.strip()}` binds a variable: take a `fn`")
    for _, hidden in HIDDEN.findall(source):
        if not hidden.lstrip().startswith(".hidden()\n") or not CHECK.search(hidden):
            found.append("its hidden tests do not begin with `.hidden()`, or have no names")
    if not cells.without_hidden(source).rstrip().endswith((")", "}")):
        found.append("does not end with its checks once the hidden ones are cut")
    return found


def items(path: Path) -> list[str]:
    """Whether the solution itself would be refused."""
    kernel = ROOT / ".venv" / "bin" / "potok-kernel"
    told = subprocess.run([kernel, "items", path, path], capture_output=True, text=True,
                          check=False)
    if told.returncode not in (0, 1) or told.stderr:
        raise SystemExit(f"homework: {told.stderr.strip()}")
    return [line.removeprefix(f"{path}: ") for line in told.stdout.splitlines()]


def release(names: list[str]) -> None:
    for name in names:
        path = SOURCE / name / f"{name}.ipynb"
        notebook = cells.read(path)
        if found := traps(notebook, items(path)):
            raise SystemExit("\n".join(f"homework: {name}: {trap}" for trap in found))
        for cell in notebook["cells"]:
            if cells.grade_id(cell) == "setup":
                cell["source"] = cells.with_library(cell["source"], LIBRARY)
            elif cells.is_check(cell):
                cell["source"] = with_names(cell["source"])
        place = COURSE / "source" / name / path.name
        cells.write(with_questions(notebook), place)
        generate(name)
        staffs(name, notebook)


def with_names(source: str) -> str:
    """A check that names its hidden ones: those are cut from what is handed out."""
    def named(found: re.Match) -> str:
        names = ", ".join(f'"{name}"' for name in CHECK.findall(found[2]))
        return f"{found[1]}.when_graded(&[{names}])\n{found[0]}"

    return HIDDEN.sub(named, source)


def with_questions(notebook: dict) -> dict:
    """Marks where a written answer goes: nbgrader clears a whole cell that has no mark, and
    the question with it."""
    marked = copy.deepcopy(notebook)
    for cell in filter(is_written, marked["cells"]):
        question, place = cell["source"].rsplit("\n\n", 1)
        cell["source"] = f"{question}\n\nBEGIN SOLUTION\n{place}\nEND SOLUTION"
    return marked


def is_written(cell: dict) -> bool:
    return cell["cell_type"] == "markdown" and cells.is_solution(cell)


def generate(name: str) -> None:
    config = COURSE / "nbgrader_config.py"
    tools = str(Path(__file__).parent)
    config.write_text(
        f"import sys\n\nsys.path.insert(0, {tools!r})\n\nimport settings\n\n"
        f"settings.configure(get_config(), {str(COURSE)!r})\n"
    )
    nbgrader("generate_assignment", name, "--force", "--create")


def nbgrader(*arguments: str) -> None:
    """Runs nbgrader in the course. What it logs is shown only where it fails."""
    # It runs alembic by its bare name.
    path = f"{NBGRADER}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run([NBGRADER / "nbgrader", *arguments], cwd=COURSE, text=True,
                         env={**os.environ, "PATH": path}, capture_output=True, check=False)
    if ran.returncode:
        raise SystemExit(f"nbgrader {' '.join(arguments)}:\n{ran.stdout}{ran.stderr}")


def staffs(name: str, source: dict) -> None:
    """What submissions are graded by: what was handed out, with the hidden tests."""
    graded = cells.read(released(name))
    whole = cells.by_grade_id(source)
    for cell in graded["cells"]:
        if cells.is_check(cell):
            cell["source"] = whole[cells.grade_id(cell)]["source"]
        elif is_written(cell) and cell["source"] != whole[cells.grade_id(cell)]["source"]:
            raise SystemExit(f"homework: {name}: `{cells.grade_id(cell)}` is handed out as "
                             f"{cell['source']!r}: its question is missing")
    cells.write(graded, STAFF / name / "graded.ipynb")
    cells.write(source, STAFF / name / "solution.ipynb")


def released(name: str) -> Path:
    return COURSE / "release" / name / f"{name}.ipynb"


def pack(names: list[str]) -> Path:
    """The zip for students: what git tracks, without what is staff's."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, text=True,
                             capture_output=True, check=True).stdout.split("\0")
    ZIP.parent.mkdir(parents=True, exist_ok=True)
    part = ZIP.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as content:
        for path in filter(is_for_students, filter(None, tracked)):
            if path in REWRITTEN:
                text = REWRITTEN[path]((ROOT / path).read_text("utf-8"))
                content.writestr(f"potok-homework/{path}", text)
            else:
                content.write(ROOT / path, f"potok-homework/{FOR_STUDENTS.get(path, path)}")
        for name in names:
            content.write(released(name), f"potok-homework/{OURS}{name}/{name}.ipynb")
            # To be compared with, at home.
            content.write(released(name), f"potok-homework/{OURS}.handed-out/{name}.ipynb")
        # Without a kernel of this checkout's, students build it themselves.
        for wheel in wheels():
            content.write(wheel, f"potok-homework/dist/{wheel.name}")
    part.rename(ZIP)
    return ZIP


def is_for_students(path: str) -> bool:
    tool = path.startswith(TOOLS) and path not in CHECKERS
    return (ROOT / path).is_file() and not path.startswith(STAFFS) and not tool


def for_students(makefile: str) -> str:
    """The Makefile without what is staff's: a target, its recipe, its name in the list."""
    for target in TARGETS:
        makefile = re.sub(rf"^{target}:.*\n(?:\t.*\n)+\n?", "", makefile, flags=re.M)
    head, phony, rest = re.split(r"(^\.PHONY:(?:.*\\\n)*.*\n)", makefile, flags=re.M)
    ours = [word for word in phony.replace("\\\n", " ").split() if word not in TARGETS]
    return f"{head}{' '.join(ours)}\n{rest}"


# Files that are other ones for students.
REWRITTEN = {
    "Makefile": for_students,
    f"{OURS}proof/tests/proof.rs": lambda _: "//! What is proved is staff's.\n",
}


def wheels() -> list[Path]:
    """The kernel as a wheel of these sources, if `make dist` has made one."""
    # It asks pip, and once pip was imported, setuptools and with it nbgrader cannot be.
    import kernel_wheel

    sources = subprocess.run(["sh", "notebooks/tools/kernel-sources.sh"], cwd=ROOT, text=True,
                             capture_output=True, check=True).stdout.strip()
    there = sorted((ROOT / "dist").glob("potok_kernel-*.whl"))
    return [wheel for wheel in there if not kernel_wheel.why_not(wheel, sources, ROOT)]


def main() -> int:
    every = sorted(path.name for path in SOURCE.iterdir() if path.is_dir())
    names = sys.argv[1:] or every
    if unknown := set(names) - set(every):
        raise SystemExit(f"homework: no {', '.join(unknown)}; there are {', '.join(every)}")
    shutil.rmtree(STAFF, ignore_errors=True)
    COURSE.mkdir(parents=True, exist_ok=True)
    release(names)
    packed = pack(names)
    kernel = ("the kernel is in it" if wheels() else
              "without a kernel: each student builds it, 15 to 30 minutes; `make dist`, then "
              "`make homework` puts it in")
    print(f"{packed}: {packed.stat().st_size / 1e6:.1f} MB, for students; {kernel}")
    print(f"{STAFF}: solutions and hidden tests, for staff")
    print(f"{COURSE}: the course, for nbgrader: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
