"""Whose a file is that was handed in, and which files of an archive are looked at.

A file's name says whose it is. But students choose names too: those in their archives, and
those in the folder that a platform keeps for each of them. There the folder's or the
archive's own name counts, which is the platform's: nobody hands in for somebody else.

An archive is looked into only; nothing is unpacked on to the disk but notebooks.
"""

import io
import re
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

import cells

SUBMISSION = re.compile(cells.SUBMISSION)
# What a student's name is made of: it becomes the name of a folder.
NAME = r"[^\W_](?:[^\W_]|[ .@+'-])*"
# The folder that Moodle makes for a student.
MOODLES = re.compile(rf"^(?P<student_id>{NAME})_\d+_assignsubmission_file")
HOMEWORK = re.compile(r"hw\d+")
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
# An archive of the class's, with archives of students in it.
DEEPEST = 3
# Bytes of one archive, and how many files of it are looked at.
LARGEST, MOST = 2_000_000_000, 20_000
# Bytes of a student's own archive, unpacked.
OF_ONE = 10 * cells.LARGEST


@dataclass
class HandedIn:
    """A notebook, whose it is, and for which homework."""

    student: str
    homework: str
    content: bytes
    # Of several, the last one counts.
    changed: float


def whose(path: PurePosixPath) -> tuple[str, str] | None:
    """The student and the homework that a file is for, by its path."""
    homework = HOMEWORK.search(path.name)
    for folder in path.parts[:-1]:
        if moodles := MOODLES.match(folder):
            return (moodles["student_id"], homework[0]) if homework else None
    # nbgrader's: alice/hw1/hw1.ipynb. What else is in there is not looked at.
    if len(path.parts) > 2 and HOMEWORK.fullmatch(path.parts[-2]):
        if path.stem != path.parts[-2]:
            return None
    found = SUBMISSION.match(str(path.with_suffix(".ipynb")))
    return (found["student_id"], found["file_id"]) if found else None


def everything(folder: Path) -> Iterator[HandedIn]:
    """All notebooks in a folder as a platform gives it. Links are not followed."""
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        linked = any((folder / part).is_symlink() for part in [below, *below.parents])
        if linked or not path.is_file() or not is_text(str(below)):
            continue
        changed = path.stat().st_mtime
        place = PurePosixPath(below.as_posix())
        if path.suffix == ".ipynb":
            if found := whose(place):
                yield HandedIn(*found, read(path), changed)
        elif path.name.endswith(ARCHIVES):
            yield from unpacked(place, path.read_bytes(), changed, DEEPEST)


def read(path: Path) -> bytes:
    """A file; of one that is too large, more than what would be read."""
    with path.open("rb") as file:
        return file.read(cells.LARGEST + 1)


def unpacked(place: PurePosixPath, archive: bytes, changed: float, deep: int
             ) -> Iterator[HandedIn]:
    """What an archive has for us. One that is broken costs whoever handed it in."""
    students = owner(place)
    # A student's own archive has no archives that are looked at.
    nested = deep > 0 and not students
    try:
        inside = list(members(archive, nested, OF_ONE if students else LARGEST))
    except Exception as error:
        # Whatever it is: students chose these bytes, and the others are graded.
        print(f"{place}: not to be unpacked: {error!r}", file=sys.stderr)
        return
    if students and not re.fullmatch(NAME, students):
        print(f"{place}: does not begin with a student's name", file=sys.stderr)
        return
    for name, content in inside:
        path = PurePosixPath(name)
        if name.endswith(ARCHIVES):
            yield from unpacked(path, content, changed, deep - 1)
        elif students:
            # By whatever name: it is in their archive.
            if homework := HOMEWORK.search(path.name):
                yield HandedIn(students, homework[0], content, changed)
        elif found := whose(path):
            yield HandedIn(*found, content, changed)


def owner(archive: PurePosixPath) -> str | None:
    """The student whose archive it is: alice_hw1.zip; one in a folder of hers. An archive of
    the whole class has no such name, and lies beside the others."""
    for folder in archive.parts[:-1]:
        if moodles := MOODLES.match(folder):
            return moodles["student_id"]
    name = archive.name if len(archive.parts) == 1 else archive.parts[-2]
    if len(archive.parts) > 1 or "_" in name:
        return name.split("_")[0]
    return None


def members(archive: bytes, nested: bool, most: int) -> Iterator[tuple[str, bytes]]:
    """Notebooks in an archive, and archives where they are `nested`, with their names: `most`
    bytes in all."""
    room = most
    is_zip = zipfile.is_zipfile(io.BytesIO(archive))
    for name, size, file in (zipped if is_zip else tarred)(archive):
        # Also of what is not wanted: a tar is unpacked up to where that ends.
        room -= 0 if is_zip else size
        if wanted(name, nested):
            content = file().read(min(limit(name), max(room, 0) + 1))
            room -= len(content) if is_zip else 0
            yield name, content
        if room < 0:
            raise ValueError(f"it has more than {most / 1e6:g} MB")


def wanted(name: str, nested: bool) -> bool:
    """Whether a file is looked at. The Mac adds hidden ones, `._hw1.ipynb`."""
    base = name.rsplit("/", 1)[-1]
    kinds = (".ipynb", *ARCHIVES) if nested else (".ipynb",)
    return is_text(name) and not base.startswith(".") and base.endswith(kinds)


def is_text(name: str) -> bool:
    """Whether a name can be written down again."""
    return name.isprintable()


def limit(name: str) -> int:
    return LARGEST if name.endswith(ARCHIVES) else cells.LARGEST + 1


# A file's name, its size as the archive has it, and how it is opened.
Entry = tuple[str, int, Callable[[], IO[bytes]]]


def zipped(archive: bytes) -> Iterator[Entry]:
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        for entry in content.infolist()[:MOST]:
            if not entry.is_dir():
                yield entry.filename, entry.file_size, partial(content.open, entry)


def tarred(archive: bytes) -> Iterator[Entry]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as content:
        for entry in islice(content, MOST):
            # Links would lead to what is ours.
            if entry.isreg():
                yield entry.name, entry.size, partial(content.extractfile, entry)
