"""Homework from release to feedback: real nbgrader, real kernels, in the box.

By itself this grades a slice of the class. `make homework-test` (HOMEWORK_TEST=all) grades
all of it. Without `make setup-homework` there is nothing to grade with.
"""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import CACHE, NOTEBOOKS, ROOT

sys.path.insert(0, str(NOTEBOOKS / "homework" / "tools"))

import cells  # noqa: E402
import inside  # noqa: E402
import mark  # noqa: E402
import own_user  # noqa: E402
import sealed  # noqa: E402
import submissions  # noqa: E402

NBGRADER = ROOT / "build" / "nbgrader" / "bin" / "python"
TOOLS = NOTEBOOKS / "homework" / "tools"
ALL = os.environ.get("HOMEWORK_TEST") == "all"
# Words of a hidden test, which no student may see.
HIDDEN = "The first item goes on when the three others"

pytestmark = pytest.mark.skipif(
    not NBGRADER.exists(), reason="nbgrader is not there; `make setup-homework` installs it"
)
whole = pytest.mark.skipif(not ALL, reason="takes minutes; `make homework-test` runs it")


class Course:
    """A course of its own, with homework 1 in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.place, self.zip = folder / "course", folder / "homework.zip"
        self.environment = {**os.environ, "COURSE": str(self.place), "ZIP": str(self.zip)}
        if not sealed.bubblewrap():
            # The tests' own submissions; what the box alone stops is not among them.
            self.environment["UNSAFE"] = "1"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [NBGRADER, TOOLS / program, *arguments], env=self.environment, text=True,
            capture_output=True, check=False,
        )

    def released(self) -> dict:
        return cells.read(self.place / "release" / "hw1" / "hw1.ipynb")

    def hand_in(self, name: str, these: list[submissions.Submission]) -> Path:
        """A folder as a learning platform gives it."""
        folder = self.folder / name
        folder.mkdir()
        for n, each in enumerate(these):
            (folder / f"s{n:02}_hw1.ipynb").write_text(each.text)
        return folder

    def grade(self, folder: Path, *options: str) -> str:
        # Of the one before.
        shutil.rmtree(self.place / "original", ignore_errors=True)
        done = self.run("grade.py", str(folder), "--jobs", "2", *options)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "ungraded: 0" in done.stdout
        return done.stdout

    def result(self, n: int) -> dict:
        return json.loads((self.place / f"results/hw1/s{n:02}.json").read_text())

    def gradebook(self) -> dict[tuple[str, str], float | None]:
        """What nbgrader noted: by student and exercise."""
        query = """
            select student.id, base_cell.name, grade.auto_score from grade
            join base_cell on base_cell.id = grade.cell_id
            join submitted_notebook on submitted_notebook.id = grade.notebook_id
            join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
            join student on student.id = submitted_assignment.student_id"""
        with sqlite3.connect(self.place / "gradebook.db") as book:
            rows = book.execute(query).fetchall()
        return {(s, name.removesuffix("-check")): score for s, name, score in rows}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = Course(tmp_path_factory.mktemp("homework"))
    done = made.run("course.py", "hw1")
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def left() -> set[str]:
    """Processes that a submission started and nobody ended."""
    listing = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True,
                             check=True)
    return {line for line in listing.stdout.splitlines() if line.endswith("sleep 4711")}


def places(course: Course) -> dict[str, str]:
    return {
        "GRADEBOOK": str(course.place / "gradebook.db"),
        "CACHE": str(CACHE),
        "CHECKOUT": str(ROOT),
    }


def judge(course: Course, these: list[submissions.Submission]) -> None:
    """Each has earned what it should, in nbgrader's gradebook too; staff is told."""
    noted = course.gradebook()
    for n, each in enumerate(these):
        result = course.result(n)
        earned = {
            name.removesuffix("-check"): scored["score"]
            for name, scored in result["scores"].items()
        }
        assert earned == each.earns, (each.name, result["scores"], result["notes"])
        for exercise, score in each.earns.items():
            assert noted[f"s{n:02}", exercise] == score, (each.name, exercise)
        for wanted in each.notes:
            assert any(wanted in note for note in result["notes"]), (each.name, result["notes"])


def test_what_is_handed_out_has_no_solution_and_no_hidden_test(course):
    text = json.dumps(course.released())
    assert "todo!();" in text and "SOLUTION" not in text and HIDDEN not in text
    assert '.when_graded(&[\\"work that borrows\\"])' in text, "their names are told"
    with zipfile.ZipFile(course.zip) as content:
        names = content.namelist()
        assert "potok-homework/notebooks/homework/hw1/hw1.ipynb" in names
        assert "potok-homework/crate/potok/src/lib.rs" in names
        # Checked at home, not graded; and what students read first is theirs.
        tools = "potok-homework/notebooks/homework/tools/"
        assert tools + "check.py" in names and tools + "grade.py" not in names
        first = content.read("potok-homework/notebooks/homework/README.md").decode()
        assert "make check-homework" in first and "make grade" not in first
        assert "nbgrader" not in content.read("potok-homework/Makefile").decode().split("help:")[1]
        for name in names:
            text = content.read(name).decode("utf-8", "replace")
            assert HIDDEN not in text and "homework/wrong/" not in name, name
            # In any language.
            marked = "BEGIN SOLUTION" in text or "BEGIN HIDDEN" in text
            assert not (marked and name.endswith(".ipynb")), name


def test_a_slice_of_the_class_earns_what_it_should(course):
    released, at = course.released(), places(course)
    stub = cells.by_grade_id(released)
    stubs = {name: stub[name]["source"] for name in submissions.WORTH}
    nothing = {name: 0.0 for name in submissions.WORTH}
    damaged = {each.name: each for each in submissions.damaged(released)}
    these = [
        submissions.of("right", submissions.handed_in({}, released)),
        submissions.of("stub", submissions.handed_in(stubs, released), **nothing),
        submissions.three(
            ["writes a result to whatever is open", "exits", "runs an interpreter"],
            released, at,
        ),
        damaged["has no marks and another kernel"],
        submissions.refused("shadows `grade`", released),
        submissions.unreadable()[0],
    ]
    folder = course.hand_in("slice", these)
    said = course.grade(folder)
    judge(course, these)
    assert "6 submissions, 0 marked before" in said
    assert "both at once" in said, "wrong answers by check"
    # Nothing is run again, and nothing changes.
    before = [course.result(n) for n in range(len(these))]
    assert "6 submissions, 6 marked before" in course.grade(folder)
    assert [course.result(n) for n in range(len(these))] == before
    judge(course, these)
    pages_without_hidden_tests(course, len(these))


def pages_without_hidden_tests(course: Course, count: int) -> None:
    done = course.run("feedback.py")
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [course.place / f"feedback/s{n:02}/hw1/hw1.html" for n in range(count)]
    for page in pages:
        # Colours stand between the words.
        text = re.sub("<[^>]*>", "", page.read_text())
        assert HIDDEN not in text and "HIDDEN TESTS" not in text
        assert "fn both" in text and "parallel_map(vec![1, 2, 3, 4, 5]" in text
    text = re.sub("<[^>]*>", "", pages[0].read_text())
    assert "one long item holds up nobody" in text, "the card names hidden checks"


@whole
def test_the_whole_class_earns_what_it_should(course):
    released, at = course.released(), places(course)
    book = course.place / "gradebook.db"
    bodies = list(submissions.BODIES)
    these = [
        submissions.three(bodies[n : n + 3], released, at) for n in range(0, len(bodies), 3)
    ]
    # Each has all three exercises; the last one may have fewer hostile ones.
    rest = len(bodies) % 3
    if rest:
        these[-1].earns.update({e: submissions.WORTH[e] for e in list(submissions.WORTH)[rest:]})
    these += [submissions.refused(name, released) for name in submissions.REFUSED]
    these += submissions.damaged(released) + submissions.unreadable()
    broken = {"both": "fn both( {"}
    these.append(submissions.of("does not compile", submissions.handed_in(broken, released),
                                both=0.0))
    right = cells.by_grade_id(submissions.source())["both"]["source"]
    loud = {"both": right.replace("{\n", '{\n    eprintln!("careful");\n', 1)}
    these.append(submissions.of("writes to stderr", submissions.handed_in(loud, released)))
    before = left()
    said = course.grade(course.hand_in("class", these))
    judge(course, these)
    assert left() - before == set(), "a process is left"
    with sqlite3.connect(book) as opened:
        assert opened.execute("pragma integrity_check").fetchone() == ("ok",)
    marks = [course.result(n)["scores"] for n in range(len(these))]
    course.grade(course.folder / "class", "--again")
    assert [course.result(n)["scores"] for n in range(len(these))] == marks
    print(said)
    pages_without_hidden_tests(course, len(these))


@whole
def test_wrong_answers_fail_the_checks_that_they_are_there_for(course):
    """A race, a lucky one, a deadlock, real parts, a map one after the other … as in the
    proof, which compiles them, but in the real kernel."""
    for homework, kinds in {
        "hw1": {"both": "sequential", "parallel_map": "thread_for_each_item",
                "responsive": "frozen"},
        "hw2": {"request": "real_parts", "program": "never_gives_it_up",
                "counter": "takes_the_lock_with_the_gil"},
        "hw3": {"ask": "unwraps"},
        "hw5": {"votes": "read_then_write", "bank": "from_then_to", "table": "left_first",
                "board": "waits_once"},
        "hw7": {"mean": "mean_of_means", "index": "pages_twice", "coordinate": "no_retry"},
    }.items():
        assert course.run("course.py", homework).returncode == 0
        released = cells.read(course.place / f"release/{homework}/{homework}.ipynb")
        answers, fails = {}, {}
        for exercise, kind in kinds.items():
            answers[exercise], fails[exercise] = submissions.wrong(homework, exercise, kind)
        folder = course.folder / f"wrong-{homework}"
        folder.mkdir()
        notebook = submissions.handed_in(answers, released, homework)
        (folder / f"ann_{homework}.ipynb").write_text(json.dumps(notebook))
        course.grade(folder)
        result = json.loads((course.place / f"results/{homework}/ann.json").read_text())
        for exercise, names in fails.items():
            scored = result["scores"][f"{exercise}-check"]
            failed = [check["name"] for check in scored["checks"] if not check["passed"]]
            assert set(names) <= set(failed), (homework, exercise, scored)
            assert scored["score"] < scored["points"]


def test_without_a_box_nothing_is_graded_unless_one_says_so(monkeypatch):
    monkeypatch.setattr(sealed, "bubblewrap", lambda: None)
    monkeypatch.setattr(sealed, "no_own_user", lambda box: "only root can")
    monkeypatch.delenv("UNSAFE", raising=False)
    with pytest.raises(sealed.NoBox, match="only root can.*UNSAFE=1"):
        sealed.kind()
    monkeypatch.setenv("UNSAFE", "1")
    with sealed.boxed(Path("/tmp"), ["true"]) as (program, _):
        assert program == ["true"]


takes_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root gives a submission a user of its own"
)


takes_bubblewrap = pytest.mark.skipif(
    not sealed.bubblewrap(), reason="no bubblewrap, or it may not work here"
)


@pytest.fixture
def everybodys(monkeypatch):
    """Without bubblewrap, and with a kernel that everybody may run."""
    monkeypatch.setattr(sealed, "kind", lambda: "own user")
    monkeypatch.setattr(own_user, "ours", lambda: [])
    monkeypatch.delenv("UNSAFE", raising=False)
    with tempfile.TemporaryDirectory(prefix="walled-") as folder:
        Path(folder).chmod(0o755)
        kernel = shutil.copy(sealed.KERNEL, folder)
        monkeypatch.setattr(sealed, "KERNEL", Path(kernel))
        tried = subprocess.run([kernel, "wall", "--read", "/usr", "--read", "/lib", "--read",
                                "/lib64", "--read", "/bin", "--", "/bin/true"],
                               capture_output=True, text=True, check=False)
        if tried.returncode:
            pytest.skip(f"no Landlock: {tried.stderr}")
        yield Path(folder)


@takes_root
def test_a_user_of_its_own_opens_no_file_kills_nobody_and_leaves_nothing(everybodys):
    secret = everybodys / "secret"
    secret.write_text("marks")
    secret.chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as here, lent_work() as work:
        script = f"""
            cat {secret} && echo read
            cat /proc/{os.getpid()}/environ && echo read
            touch {everybodys}/mine /tmp/mine && echo wrote
            kill -0 {os.getpid()} && echo killed
            (exec 3<>/dev/tcp/127.0.0.1/{here.getsockname()[1]}) && echo connected
            setsid sleep 4711 >/dev/null 2>&1 &
            id -u; echo done > {work}/out
        """
        before = left()
        with own_user.box(work) as (user, environment):
            behind = own_user.wall(["/bin/bash", "-c", script], [work])
            told = subprocess.run(behind, **own_user.who(user), env=environment, cwd=work,
                                  capture_output=True, text=True, timeout=60, check=False)
            assert left() - before, "the test has something to end"
        assert told.stdout.split() == [str(user)], told
        assert (work / "out").read_text() == "done\n"
        assert left() == before, "what it started has ended with it"
        assert not own_user.processes(user)


# Starts so many and no more, whatever happens, and says how many it could.
STARTS = """
my $started = 0;
while ($started < {most}) {{
    my $child = fork;
    last unless defined $child;
    if (!$child) {{ close STDOUT; close STDERR; sleep 30; exit }}
    $started++;
}}
print $started;
"""


def test_a_box_speaks_the_language_of_who_grades(monkeypatch):
    language = Path(ROOT, "crate/potok-words/src/lib.rs").read_text()
    [name] = re.findall(r'VARIABLE: &str = "(\w+)"', language)
    monkeypatch.setenv(name, "ru")
    assert sealed.environment()[name] == "ru"


def started(most: int) -> int:
    """How many processes a program in the box could start, of so many."""
    with lent_work() as work:
        # What there is everywhere that everybody may run.
        program = ["/usr/bin/perl", "-e", STARTS.format(most=most)]
        with sealed.boxed(work, program) as (box, options):
            told = subprocess.run(box, **options, capture_output=True, text=True, timeout=60,
                                  check=False)
    assert told.returncode == 0, told.stderr
    return int(told.stdout)


def bounded(monkeypatch) -> None:
    monkeypatch.setattr(sealed, "PROCESSES", 40)
    monkeypatch.setattr(own_user, "ours", lambda: [])
    assert 30 <= started(80) < 40, "the program itself is one of them"
    monkeypatch.setattr(sealed, "PROCESSES", 200)
    assert started(80) == 80, "nothing else holds it back"


@takes_bubblewrap
@pytest.mark.skipif(not sealed.counts_apart(), reason="takes Linux 5.14")
def test_a_box_of_bubblewraps_holds_so_many_processes_and_no_more(monkeypatch):
    bounded(monkeypatch)


@takes_root
def test_a_user_of_its_own_has_so_many_processes_and_no_more(everybodys, monkeypatch):
    bounded(monkeypatch)


def owners() -> list[tuple[str, int]]:
    """What there is of System V's, and whose."""
    return [(table, int(entry["cuid"])) for table in ["shm", "sem", "msg"]
            for entry in own_user.system_v(table)]


@takes_root
def test_a_user_of_its_own_leaves_nothing_in_memory(everybodys):
    ours = subprocess.run(["ipcmk", "-M", "4096"], capture_output=True, text=True, check=True)
    try:
        with lent_work() as work, own_user.box(work) as (user, environment):
            script = "ipcmk -M 4096; ipcmk -S 2; ipcmk -Q"
            behind = own_user.wall(["/bin/sh", "-c", script], [work])
            subprocess.run(behind, **own_user.who(user), env=environment, cwd=work, timeout=60,
                           check=True, capture_output=True)
            file = Path("/dev/shm") / f"left-by-{user}"
            file.write_text("x")
            os.chown(file, user, user)
            made = [table for table, owner in owners() if owner == user]
            assert sorted(made) == ["msg", "sem", "shm"], "the test has something to remove"
        assert not any(owner == user for _, owner in owners())
        assert not file.exists()
        assert ("shm", os.getuid()) in owners(), "what is others' stays"
    finally:
        subprocess.run(["ipcrm", "-m", ours.stdout.split()[-1]], check=True)


@takes_root
def test_folders_in_each_other_without_end_cost_nobody_his_mark(everybodys):
    script = 'chdir $ENV{TMPDIR}; for (1..3000) { mkdir "a"; chdir "a" or die $! }'
    with lent_work() as work:
        with own_user.box(work) as (user, environment):
            behind = own_user.wall(["/usr/bin/perl", "-e", script], [work])
            subprocess.run(behind, **own_user.who(user), env=environment, cwd=work, timeout=60,
                           check=True)
            (work / "result.json").write_text("{}")
        assert [path.name for path in work.iterdir()] == ["result.json"]


@contextmanager
def lent_work():
    """A folder as for one submission."""
    with tempfile.TemporaryDirectory(prefix="box-") as folder:
        yield Path(folder)


@takes_root
def test_no_two_have_one_user():
    with own_user.lent() as one, own_user.lent() as other:
        assert one != other
    with own_user.lent() as again:
        assert again == one


@takes_root
@whole
def test_a_submission_is_graded_by_a_user_of_its_own(monkeypatch):
    monkeypatch.setattr(sealed, "kind", lambda: "own user")
    if why := own_user.why_not("own user"):
        pytest.skip(f"not in this place: {why}")
    released = submissions.source()
    wanted = submissions.handed_in({}, released)
    result = mark.mark(released, released, wanted)
    earned = {name: each["score"] for name, each in result["scores"].items()}
    assert earned == {f"{name}-check": most for name, most in submissions.WORTH.items()}


@takes_bubblewrap
def test_the_box_shows_no_file_no_process_and_no_network(tmp_path, monkeypatch):
    monkeypatch.setattr(own_user, "ours", lambda: [])
    secret = tmp_path / "secret"
    secret.write_text("marks")
    work = tmp_path / "work"
    work.mkdir()
    script = f"""
        cat {secret} && echo read
        echo mine > {ROOT}/Makefile && echo wrote
        echo mine > {ROOT}/crate/potok/src/lib.rs && echo wrote
        for place in /usr / {sealed.HOME}; do touch $place/mine && echo wrote; done
        kill -0 {os.getpid()} && echo killed
        ls /proc | grep -c '^[0-9]'
        cat /proc/net/dev | grep -vc lo:
        setsid sleep 4711 &
        echo done > {work}/out; ls {work.parent}
    """
    before = left()
    with sealed.boxed(work, ["/bin/sh", "-c", script]) as (box, options):
        told = subprocess.run(box, **options, capture_output=True, text=True, timeout=60,
                              check=False).stdout
    for word in ["read", "wrote", "killed", "secret"]:
        assert word not in told.split(), told
    processes, interfaces = map(int, told.split()[:2])
    assert processes <= 6 and interfaces == 2, told  # two lines of headings
    assert (work / "out").read_text() == "done\n"
    assert left() == before, "what it started has ended with it"


def test_a_kernel_that_dies_or_hangs_costs_its_cell_and_later_ones_are_graded():
    cell = lambda id, kind, source: {"id": id, "kind": kind, "source": source}
    setup = f':dep potok = {{ path = "{ROOT}/crate/potok" }}\nuse potok::prelude::*;'
    check = 'use potok::homework::grade;\ngrade(2.0).gives("one", || one(), 1)'
    order = inside.Order(
        [
            cell("setup", "setup", setup),
            cell("one", "define", "fn one() -> u64 { 1 }"),
            cell("dies", "check", "std::process::abort()"),
            cell("hangs", "check", "loop { wait(ms(1)); }"),
            cell("good", "check", check),
        ],
        cell=40,
    )
    # Its own environment, as in the box: it sets variables for its kernels.
    program = "import json, sys, inside; o = json.load(sys.stdin); "
    program += "print(json.dumps(inside.Run(inside.Order(**o)).all().__dict__))"
    environment = {**os.environ, "PYTHONPATH": str(TOOLS), "POTOK_WAIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(order.__dict__), text=True,
        capture_output=True, env=environment, check=True, cwd=NOTEBOOKS,
    )
    ran = json.loads(done.stdout.splitlines()[-1])
    assert ran["kernels"] == 3 and set(ran["trouble"]) == {"dies", "hangs"}, ran["trouble"]
    assert "longer than" in ran["trouble"]["hangs"]
    assert mark.score(ran, "good", 2.0)["score"] == 2.0, ran
    assert mark.score(ran, "dies", 2.0)["score"] == 0


@whole
def test_at_home_a_check_says_what_grading_will(course):
    released = course.released()
    answers = {"responsive": "fn responsive() {}\nresponsive();"}
    notebook = submissions.handed_in(answers, released)
    path = course.folder / "hw1.ipynb"
    cells.write(notebook, path)
    done = subprocess.run([sys.executable, TOOLS / "check.py", path], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "responsive, line 2: a statement" in done.stdout
    assert "the whole cell counts as empty" in done.stdout
    assert "✗ the answer is refused" in done.stdout
    assert "+ only when it is graded: work that borrows" in done.stdout
    assert "both: 2 of 2 points" in done.stdout and "✓ both at once" in done.stdout
    assert "responsive: 0 of 3 points" in done.stdout
    assert "6 of 9 points" in done.stdout
