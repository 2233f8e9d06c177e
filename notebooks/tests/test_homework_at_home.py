"""What a student meets around the homework: a check in the notebook, `make check-homework`."""

import fcntl
import json
import os
import re
import subprocess
import sys
import time

import pytest
from conftest import NOTEBOOKS, ROOT, make
from test_errors import failed

sys.path.insert(0, str(NOTEBOOKS / "homework" / "tools"))

import cells  # noqa: E402
import check  # noqa: E402
import course  # noqa: E402
import kernel_wheel  # noqa: E402
import sealed  # noqa: E402
import submissions  # noqa: E402
from test_homework import staffs  # noqa: E402

TOOLS = NOTEBOOKS / "homework" / "tools"


def handed_out() -> dict:
    """Homework 1 as the release makes it: hidden checks are cut, and named."""
    notebook = staffs()
    for cell in filter(cells.is_check, notebook["cells"]):
        cell["source"] = cells.without_hidden(course.with_names(cell["source"]))
    return notebook


def points(run) -> str:
    return run.of("execute_result")[0]["data"]["text/plain"]


def test_below_a_cell_that_does_not_compile_no_older_answer_is_judged(shared):
    good = "fn seven() -> u64 { 7 }\nmod programs_of_seven { pub fn twice() -> u64 { super::seven() * 2 } }"
    checks = 'use potok::homework::grade;\ngrade(2.0).gives("seven", || seven(), 7)'
    through = 'grade(2.0).gives("twice", programs_of_seven::twice, 14)'
    assert shared.execute(good).status == "ok"
    assert points(shared.execute(checks)) == "2"
    failed(shared.execute("fn seven() -> u64 { not_there::join() }"), "CompileError")
    for each in (checks, through):
        run = shared.execute(each)
        told = failed(run, "NotChecked")
        assert "`seven`" in told and "not_there" in told and "Mend that cell" in told
        assert not run.of("execute_result"), "no praise"
    # To look at what is there is no check.
    assert points(shared.execute("seven()")) == "7"
    assert shared.execute(good).status == "ok"
    assert points(shared.execute(through)) == "2"


def test_what_fails_at_home_is_told_with_its_reason(tmp_path):
    broken = submissions.HEADS["both"] + " { not_there::join(left, right) }"
    empty = submissions.HEADS["parallel_map"] + " { vec![] }"
    released = handed_out()
    submitted = submissions.handed_in({"both": broken, "parallel_map": empty}, released)
    submitted["cells"] = [
        cell for cell in submitted["cells"] if cells.grade_id(cell) != "parallel_map-check"
    ]
    cells.write(submitted, tmp_path / "hw1" / "hw1.ipynb")
    cells.write(released, tmp_path / ".handed-out" / "hw1.ipynb")
    done = subprocess.run([sys.executable, TOOLS / "check.py", tmp_path / "hw1" / "hw1.ipynb"],
                          text=True, capture_output=True, check=False)
    said = done.stdout
    assert done.returncode == check.NOT_ALL, said + done.stderr
    # The cause, with the line, and not what comes of it.
    assert "both did not run:" in said and "{ not_there::join(left, right) }" in said
    assert "✗ the answer did not compile: " in said and "cannot find function `both`" not in said
    # What was deleted is put back, and it is that which runs.
    assert "note: `parallel_map-check` was deleted or renamed: put back" in said
    assert "parallel_map: 0 of 4 points" in said
    assert "✗ squares: got [], expected [1, 4, 9, 16, 25]" in said
    staffs_own = cells.by_grade_id(submissions.source())["parallel_map-check"]["source"]
    later = [course.CHECK.findall(hidden) for _, hidden in course.HIDDEN.findall(staffs_own)]
    assert f"+ only when it is graded: {', '.join(later[0])}" in said
    assert "responsive: 3 of 3 points" in said
    assert "3 of 9 points; 1 more for what is answered in words" in said


def test_a_report_tells_the_cause_the_reason_and_what_is_run_later(monkeypatch, capsys):
    notebook = handed_out()
    said = {"output_type": "error", "ename": "CompileError", "evalue": "no `not_there` (and 1 more)",
            "traceback": ["\x1b[1mno `not_there`\x1b[0m", *(f"{n} | x" for n in range(20))]}
    seen = [{"name": "squares", "passed": False, "seen": "got [], expected [1]\x1b[2J"},
            {"name": "three", "passed": True, "seen": ""}]
    told = {"points": 4, "score": 2, "checks": seen, "not_run": ["no items"]}
    ids = {name: cell["id"] for name, cell in cells.by_grade_id(notebook).items()}
    consequence = {**said, "evalue": "cannot find `both`"}
    monkeypatch.setattr(check, "run", lambda order: {
        "outputs": {ids["both"]: [said], ids["both-check"]: [consequence]},
        "points": {ids["parallel_map-check"]: [json.dumps(told)]},
        "trouble": {ids["responsive-check"]: "took longer than 120 s"}})
    assert check.report(notebook, notebook) == check.NOT_ALL
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["both did not run:", "  no `not_there`"]
    assert "  … and 7 lines more" in lines and "cannot find `both`" not in "".join(lines)
    at = lines.index("both: 0 of 2 points")
    assert lines[at + 1 :] == [
        "  ✗ the answer did not compile: no `not_there` (and 1 more)",
        "parallel_map: 2 of 4 points",
        "  ✗ squares: got [], expected [1]\N{REPLACEMENT CHARACTER}[2J",
        "  ✓ three",
        "  + only when it is graded: no items",
        "responsive: 0 of 3 points",
        "  ✗ took longer than 120 s",
        "2 of 9 points; 1 more for what is answered in words, which a person reads",
    ]


def test_a_cell_that_is_not_graded_says_what_it_costs():
    notebook = handed_out()
    cell = cells.by_grade_id(notebook)["both"]
    at = notebook["cells"].index(cell)
    lines = check.trouble(at, cell, {"outputs": {}}, [(at, "both", 12, "a statement")])
    assert lines == ["both, line 12: a statement: the whole cell counts as empty"]


@pytest.mark.parametrize("name", ["hw9", "1", ""])
def test_a_name_that_is_not_there_is_one_sentence(name):
    begun = time.monotonic()
    done = make("check-homework", f"HW={name}", timeout=60, text=True, capture_output=True)
    assert done.returncode == 0 and done.stderr == "", done
    assert done.stdout.count("\n") == 1 and "HW=hw1" in done.stdout, done.stdout
    assert f"'{name}'" in done.stdout or not name
    assert time.monotonic() - begun < 10, "nothing is set up for it"


def test_make_is_called_as_a_person_calls_it(monkeypatch):
    """Below another make it announces each directory: `make test` failed where pytest passed."""
    for name, value in [("MAKELEVEL", "1"), ("MAKEFLAGS", "w -- HW=hw1"), ("MFLAGS", "-w")]:
        monkeypatch.setenv(name, value)
    done = make("check-homework", timeout=60, text=True, capture_output=True)
    assert done.stdout.startswith("check-homework: say which one: ") and done.stderr == "", done


def test_names_are_told_by_the_program_too(monkeypatch, tmp_path):
    for name in ("hw1", "hw2"):
        cells.write(handed_out(), tmp_path / name / f"{name}.ipynb")
    monkeypatch.setattr(check, "HOMEWORK", tmp_path)
    assert check.named("hw2") == tmp_path / "hw2" / "hw2.ipynb"
    for name in ("hw9", "", "x.ipynb"):
        with pytest.raises(cells.Unreadable, match="hw1.*hw2|no file x.ipynb"):
            check.named(name)


def test_each_hidden_check_is_named_and_staff_is_told_of_one_that_is_not():
    for path in sorted(course.SOURCE.glob("*/*.ipynb")):
        for cell in filter(cells.is_check, cells.read(path)["cells"]):
            hidden = "".join(text for _, text in course.HIDDEN.findall(cell["source"]))
            named = course.with_names(cell["source"])
            promised = re.findall(r"\.when_graded\(&\[(.*)\]\)", named)
            assert len(promised) == bool(hidden), path
            for name in course.CHECK.findall(hidden):
                assert f'"{name}"' in promised[0], (path, name)
            # It stays where hidden tests are cut.
            assert bool(promised) == ("when_graded" in cells.without_hidden(named))
    cell = cells.by_grade_id(submissions.source())["both-check"]
    nameless = {**cell, "source": cell["source"].replace(".hidden()", "")}
    assert any("hidden()" in trap for trap in course.check_traps(nameless))


def test_the_zip_has_what_is_of_use_to_students():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, text=True,
                             capture_output=True, check=True).stdout.split("\0")
    ours = {path for path in filter(course.is_for_students, filter(None, tracked))
            if path.startswith(course.OURS)}
    assert ours == {*course.FOR_STUDENTS, *course.CHECKERS,
                    *(f"{course.OURS}proof/{each}" for each in
                      ("Cargo.toml", "src/lib.rs", "tests/proof.rs"))}
    # What checks at home needs nothing that is left out.
    tools = {path.stem for path in TOOLS.glob("*.py")}
    for program in course.CHECKERS:
        imports = re.findall(r"^(?:import|from) (\w+)", (ROOT / program).read_text(), re.M)
        assert {f"{course.TOOLS}{it}.py" for it in imports if it in tools} <= course.CHECKERS
    makefile = course.for_students((ROOT / "Makefile").read_text())
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    assert {"setup", "lab", "check-homework", "doctor", "dist", "clean"} <= targets
    assert not targets & set(course.TARGETS)
    assert "nbgrader)" not in makefile and " grade " not in makefile.split("\npython")[0]


def test_students_are_told_where_to_begin():
    for name, words in {"README.md": "Hand in", "README.ru.md": "Сдать"}.items():
        text = (NOTEBOOKS / "homework" / "students" / name).read_text("utf-8")
        assert words in text and "make check-homework HW=hw1" in text
        first = (ROOT / name).read_text("utf-8")
        assert "notebooks/homework/README.md" in first, "the first page leads there"
    assert (NOTEBOOKS / "homework" / "README.md").read_text().startswith("# Homework\n\n*For students")


def test_a_wheel_of_other_sources_is_not_handed_out(monkeypatch, tmp_path):
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "potok_kernel-0.1.0-py3-none-any.whl").write_bytes(b"no wheel")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    (tmp_path / "notebooks" / "tools").mkdir(parents=True)
    (tmp_path / "notebooks" / "tools" / "kernel-sources.sh").write_text("echo 0123")
    (tmp_path / "Cargo.toml").write_text('version = "0.1.0"\n')
    assert course.wheels() == []
    monkeypatch.setattr(kernel_wheel, "why_not", lambda *_: None)
    assert len(course.wheels()) == 1


def test_what_grades_does_not_load_pip():
    """Once pip was imported, setuptools cannot be, and nbgrader needs that."""
    loaded = "import course, sys; assert 'pip' not in sys.modules; print(course.OURS)"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=TOOLS, text=True,
                          capture_output=True, check=False)
    assert done.stdout == f"{course.OURS}\n", done


def test_make_setup_says_which_step_it_is_at_and_what_it_waits_for():
    script = (NOTEBOOKS / "tools" / "setup.sh").read_text()
    steps = re.findall(r"\bstep (\d) \"", script)
    assert sorted(set(steps)) == ["1", "2", "3", "4"] and "of 4" in script
    function = re.search(r"^told\(\) \{\n.*?^\}\n", script, re.M | re.S)[0]
    # Line by line: what comes later is not waited for.
    waits = "echo '    Blocking waiting for file lock'; "
    compiles = "".join(f"echo '   Compiling {it} v1.2.0'; " for it in ("potok-words", "serde"))
    cargo = f"{waits}{waits}{compiles}read more"
    for whole, wanted in [
        ("yes", ["    1 of 7: potok-words v1.2.0", "    2 of 7: serde v1.2.0"]),
        # Where all is built but ours, whatever is compiled anew takes its time.
        ("", ["    compiled anew: serde v1.2.0"]),
    ]:
        begun = subprocess.Popen(
            ["sh", "-c", f"{function}\nwhole={whole} crates=7\n{{ {cargo}; }} | told"],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # However many locks there are, it is one wait, and it has an end.
        wanted = ["    waiting: another checkout builds the kernel", "    waited, building",
                  *wanted]
        assert [begun.stderr.readline().rstrip() for _ in wanted] == wanted
        begun.communicate("\n", timeout=10)


def test_who_waits_for_another_compilation_is_told(tmp_path):
    cache = tmp_path / "potok" / "templates"
    cache.mkdir(parents=True)
    for folder in (cache, cache.parent):
        folder.chmod(0o700)
    with open(cache / ".making.lock", "w") as held:
        os.chmod(held.name, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        begun = subprocess.Popen(
            [sealed.KERNEL, "template", ROOT / "crate" / "potok"], text=True,
            stderr=subprocess.PIPE, env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)})
        try:
            assert "waiting: another checkout compiles potok" in begun.stderr.readline()
        finally:
            begun.kill()
            begun.communicate()
