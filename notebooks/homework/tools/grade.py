"""Grades what was handed in, and says what came out.

    grade.py SUBMISSIONS [--jobs N] [--again]

SUBMISSIONS is a folder as a learning platform gives it: notebooks or archives whose names
begin with the student's, or a folder for each student. It is only read.

Submissions run in boxes, N at a time; then nbgrader notes the marks, one after the other.
What is marked already is not run again, unless the submission, the homework or these tools
have changed: an interrupted run goes on where it was.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import cells
import course
import handed_in
import mark
import sealed
import table

ORIGINALS = course.COURSE / "original"
RESULTS = course.COURSE / "results"


@dataclass(frozen=True, order=True)
class Submission:
    homework: str
    student: str

    @property
    def original(self) -> Path:
        """What was handed in, byte for byte."""
        return ORIGINALS / self.student / self.homework / f"{self.homework}.ipynb"

    @property
    def submitted(self) -> Path:
        """What nbgrader takes for it: put back into staff's form."""
        place = course.COURSE / "submitted" / self.student / self.homework
        return place / f"{self.homework}.ipynb"

    @property
    def result(self) -> Path:
        return RESULTS / self.homework / f"{self.student}.json"


def collect(folder: Path) -> None:
    """Has nbgrader sort the files by student, for each homework that is released."""
    sorted_into = course.COURSE / "submitted"
    if folder.resolve() == sorted_into:
        raise SystemExit(f"grade: {folder} is written to when grading: copy it elsewhere")
    archives = {name: course.COURSE / "downloaded" / name / "archive" for name in homeworks()}
    for archive in archives.values():
        shutil.rmtree(archive.parent, ignore_errors=True)
        archive.mkdir(parents=True)
    latest: dict[Path, float] = {}
    for each in handed_in.everything(folder):
        if each.homework not in archives:
            continue
        path = archives[each.homework] / f"{each.student}_{each.homework}.ipynb"
        if each.changed >= latest.get(path, 0):
            path.write_bytes(each.content)
            latest[path] = each.changed
    for homework, archive in archives.items():
        if not any(archive.iterdir()):
            continue
        shutil.rmtree(sorted_into, ignore_errors=True)
        course.nbgrader("zip_collect", homework, "--force")
        for found in sorted_into.glob(f"*/{homework}/{homework}.ipynb"):
            each = Submission(homework, found.parts[-3])
            each.original.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, each.original)
        shutil.rmtree(sorted_into, ignore_errors=True)


def homeworks() -> list[str]:
    return sorted(path.name for path in course.STAFF.iterdir())


def collected() -> list[Submission]:
    found = ORIGINALS.glob("*/*/*.ipynb")
    return sorted(Submission(path.parts[-2], path.parts[-3]) for path in found)


def key(each: Submission) -> str:
    """A hash of all that a mark depends on."""
    tools = sorted(Path(__file__).parent.glob("*.py"))
    files = [each.original, course.STAFF / each.homework / "graded.ipynb", *tools]
    files += sorted((sealed.ROOT / "crate").glob("potok*/src/**/*.rs"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def is_marked(each: Submission) -> bool:
    try:
        return json.loads(each.result.read_bytes())["key"] == key(each)
    except (OSError, ValueError, KeyError):
        return False


def mark_one(each: Submission) -> dict:
    """Marks a submission and writes it down. A file that is no notebook has no answers."""
    staffs = cells.read(course.STAFF / each.homework / "graded.ipynb")
    handed_out = cells.read(course.released(each.homework))
    notes = []
    try:
        submitted = cells.read(each.original)
    except cells.Unreadable as error:
        submitted, notes = {"cells": []}, [f"the file {error}"]
    result = mark.mark(staffs, handed_out, submitted)
    if notes:
        result["notes"] = notes
    result["key"] = key(each)
    each.result.parent.mkdir(parents=True, exist_ok=True)
    part = each.result.with_suffix(".part")
    part.write_text(json.dumps(result))
    part.rename(each.result)
    return result


def mark_all(todo: list[Submission], jobs: int) -> dict[Submission, str]:
    """Marks those; which could not be run, and why."""
    failed = {}
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(mark_one, each): each for each in todo}
        for n, done in enumerate(as_completed(waiting), 1):
            each = waiting[done]
            place = f"[{n}/{len(todo)}] {each.homework} {each.student}"
            try:
                result = done.result()
            except Exception as error:
                # Whatever it is, the others are graded.
                why = str(error) if isinstance(error, mark.NotRun) else repr(error)
                failed[each] = why
                print(f"{place}: not graded: {why}", file=sys.stderr, flush=True)
                continue
            except BaseException:
                pool.shutdown(cancel_futures=True, wait=False)
                raise
            earned, points = table.points(result)
            print(f"{place}: {earned:g} of {points:g}, {result['seconds']} s", flush=True)
    return failed


def nbgraders():
    """nbgrader in this process, for the course."""
    import settings
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    # It runs alembic by its bare name.
    os.environ["PATH"] = f"{course.NBGRADER}{os.pathsep}{os.environ['PATH']}"
    # What SQLAlchemy says of nbgrader's code helps nobody here.
    warnings.filterwarnings("ignore", module="nbgrader")
    config = Config()
    settings.configure(config, str(course.COURSE))
    return NbGraderAPI(config=config)


def note_down(all_of_them: list[Submission]) -> list[Submission]:
    """Has nbgrader take the marks into its gradebook; whose it did not take."""
    api = nbgraders()
    failed = []
    for each in all_of_them:
        result = json.loads(each.result.read_bytes())
        cells.write(result["notebook"], each.submitted)
        said = api.autograde(each.homework, each.student, force=True)
        if not said["success"]:
            print(f"{each.homework} {each.student}: {said['log'] or said['error']}",
                  file=sys.stderr)
            failed.append(each)
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("submissions", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="also what is marked already")
    options = parser.parse_args()
    if not options.submissions.is_dir():
        raise SystemExit(f"grade: {options.submissions} is no folder: SUBMISSIONS=dir")
    if not course.STAFF.is_dir():
        raise SystemExit("grade: nothing is released yet: make homework")
    try:
        box = sealed.kind()
    except sealed.NoBox as error:
        raise SystemExit(f"grade: {error}") from None
    collect(options.submissions)
    every = collected()
    if not every:
        raise SystemExit(
            f"grade: no notebook in {options.submissions} has a name like alice_hw1.ipynb or "
            "alice/hw1.ipynb, which says whose it is and which homework"
        )
    todo = [each for each in every if options.again or not is_marked(each)]
    print(f"{len(every)} submissions, {len(every) - len(todo)} marked before; box: {box}",
          flush=True)
    if os.geteuid() == 0 and box == "none":
        print("grade: as root. The system bounds no number of root's processes: an answer that "
              "forks without end would take this machine. Another user is better",
              file=sys.stderr)
    failed = mark_all(todo, max(1, options.jobs))
    marked = [each for each in every if each not in failed]
    lost = note_down(marked)
    print()
    print(table.text(marked))
    print(f"\nungraded: {len(failed) + len(lost)}")
    return 1 if failed or lost else 0


if __name__ == "__main__":
    sys.exit(main())
