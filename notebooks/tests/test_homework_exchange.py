"""nbgrader's exchange between two users of one machine. Root alone can be both of them."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from test_homework_grading import NBGRADER, ROOT, Course, course, whole  # noqa: F401

SYSTEM = Path("/usr/bin") / "python3.{}".format(sys.version_info.minor)
STAFF, STUDENT = 1, 65534


def others_may_read(path: Path) -> bool:
    return all(each.stat().st_mode & 0o5 for each in [path, *path.parents])


@whole
@pytest.mark.skipif(os.geteuid() != 0, reason="takes root: it acts as two users")
@pytest.mark.skipif(not SYSTEM.exists(), reason="takes the system's own Python")
@pytest.mark.skipif(not others_may_read(ROOT), reason="others may not read this checkout")
def test_what_one_user_releases_another_fetches_and_submits(course):  # noqa: F811
    place = Path(tempfile.mkdtemp(prefix="exchange-"))
    try:
        place.chmod(0o755)
        (exchange := place / "exchange").mkdir()
        exchange.chmod(0o777)
        for user, name in [(STAFF, "staff"), (STUDENT, "student")]:
            folder = place / name
            folder.mkdir()
            if user == STAFF:
                for part in ["source", "release"]:
                    shutil.copytree(course.place / part, folder / part)
                shutil.copy(course.place / "gradebook.db", folder)
            root = f"c.CourseDirectory.root = {str(folder)!r}\n" if user == STAFF else ""
            (folder / "nbgrader_config.py").write_text(
                f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n"
                f'c.CourseDirectory.course_id = "potok"\n{root}'
            )
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, user, user)
        nbgrader(STAFF, place / "staff", "release_assignment", "hw1")
        nbgrader(STUDENT, place / "student", "fetch_assignment", "hw1")
        assert (place / "student/hw1/hw1.ipynb").exists()
        nbgrader(STUDENT, place / "student", "submit", "hw1")
        option = "--CourseDirectory.submitted_directory=collected"
        nbgrader(STAFF, place / "staff", "collect", "hw1", option)
        (collected,) = (place / "staff/collected").glob("*/hw1/hw1.ipynb")
        assert collected.read_bytes() == (place / "student/hw1/hw1.ipynb").read_bytes()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def nbgrader(user: int, folder: Path, *arguments: str) -> None:
    minor = sys.version_info.minor
    environment = {
        "HOME": str(folder),
        "PATH": f"{NBGRADER.parent}:/usr/bin:/bin",
        "PYTHONPATH": str(NBGRADER.parents[1] / f"lib/python3.{minor}/site-packages"),
        **{f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ["CONFIG", "DATA", "RUNTIME"]},
    }
    done = subprocess.run(
        [SYSTEM, "-m", "nbgrader", *arguments], cwd=folder, env=environment, user=user,
        group=user, extra_groups=[], capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
