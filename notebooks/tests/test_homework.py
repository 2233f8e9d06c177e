"""What is done with a submission before and after its cells are run."""

import json
import re
import subprocess
import sys

import pytest
from conftest import NOTEBOOKS, ROOT

sys.path.insert(0, str(NOTEBOOKS / "homework" / "tools"))

import cells  # noqa: E402
import course  # noqa: E402
import mark  # noqa: E402
import sealed  # noqa: E402
import submissions  # noqa: E402
import table  # noqa: E402

SOURCES = sorted((NOTEBOOKS / "homework" / "source").glob("*/*.ipynb"))


def staffs() -> dict:
    """Homework 1 with the stubs that nbgrader would make."""
    notebook = submissions.source()
    for cell in notebook["cells"]:
        if cells.is_solution(cell):
            marked = r" *// BEGIN SOLUTION.*?// END SOLUTION"
            cell["source"] = re.sub(marked, "todo!();", cell["source"], flags=re.DOTALL)
    return notebook


def handed_out() -> dict:
    notebook = staffs()
    for cell in filter(cells.is_check, notebook["cells"]):
        cell["source"] = cells.without_hidden(cell["source"])
    return notebook


def answers(notebook: dict) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cells.is_solution(cell)]


def test_a_submission_is_staffs_notebook_with_the_answers_in_it():
    submitted = submissions.handed_in({"both": "fn both() {}"}, handed_out())
    graded, notes = cells.restored(submitted, staffs())
    assert notes == []
    assert cells.by_grade_id(graded)["both"]["source"] == "fn both() {}"
    assert len(graded["cells"]) == len(staffs()["cells"])
    check = cells.by_grade_id(graded)["parallel_map-check"]["source"]
    assert "HIDDEN TESTS" in check, "the hidden tests are back"


def test_whatever_became_of_the_cells_they_are_put_back_and_staff_is_told():
    for each in submissions.damaged(handed_out()) + submissions.unreadable()[2:]:
        submitted = json.loads(each.text)
        submitted["cells"] = [cells.whole(cell) for cell in submitted["cells"]]
        graded, notes = cells.restored(submitted, staffs())
        for wanted in each.notes:
            assert any(wanted in note for note in notes), (each.name, notes)
        assert bool(notes) == bool(each.notes), (each.name, notes)
        ids = [cell["id"] for cell in graded["cells"]]
        assert len(set(ids)) == len(ids)
        checks = [cell for cell in graded["cells"] if cells.is_check(cell)]
        assert [cell["source"] for cell in checks] == [
            cell["source"] for cell in staffs()["cells"] if cells.is_check(cell)
        ]


def test_a_copy_of_an_answer_does_not_hide_it():
    submitted = submissions.handed_in({}, handed_out())
    at = next(n for n, c in enumerate(submitted["cells"]) if cells.grade_id(c) == "both")
    twin = {**submitted["cells"][at], "source": "fn both() { /* newer */ }"}
    submitted["cells"].insert(at + 1, twin)
    graded, notes = cells.restored(submitted, staffs())
    assert cells.by_grade_id(graded)["both"]["source"] == twin["source"]
    assert any("2 times" in note for note in notes)


def test_own_cells_stay_where_they_are_called():
    names = {each.name: each for each in submissions.damaged(handed_out())}
    submitted = json.loads(names["has helpers in cells of its own"].text)
    graded, _ = cells.restored(submitted, staffs())
    sources = [cell["source"] for cell in graded["cells"]]
    helper = next(n for n, text in enumerate(sources) if text.startswith("fn call"))
    assert "fn both" in sources[helper + 2]


def test_a_file_that_is_no_notebook_says_so(tmp_path):
    for text in ["", "{", "[]", '{"cells": 3}', "\xff", "[" * 100_000]:
        file = tmp_path / "hw1.ipynb"
        file.write_text(text, "latin-1")
        with pytest.raises(cells.Unreadable):
            cells.read(file)
    odd = '{"cells": [3, {"cell_type": "code", "source": [1, "a"], "metadata": []}]}'
    file.write_text("\ufeff" + odd)
    assert cells.read(file)["cells"][0]["source"] == "a"


def ran(points: list[str], outputs=(), trouble=None) -> dict:
    trouble = {"id": trouble} if trouble else {}
    return {"points": {"id": points}, "outputs": {"id": list(outputs)}, "trouble": trouble}


def line(score, points=4, checks=()) -> str:
    return json.dumps({"points": points, "score": score, "checks": list(checks)})


def test_exactly_one_number_within_the_points_scores():
    assert mark.score(ran([line(2.5)]), "id", 4.0)["score"] == 2.5
    assert mark.score(ran([line(0)]), "id", 4.0) == {"score": 0, "points": 4, "checks": []}
    # A number that is printed or shown is none.
    shown = {"output_type": "execute_result", "data": {"text/plain": "4"}}
    failed = {"output_type": "error", "ename": "E", "evalue": "no\nquote", "traceback": []}
    for bad in [
        ran([]),
        ran([], [shown]),
        ran([line(4), line(4)]),
        ran([line(5)]),
        ran([line(-1)]),
        ran([line(2, points=3)]),
        ran(['{"points":4,"score":NaN,"checks":[]}']),
        ran(["4"]),
        ran(["{}"]),
        ran([line(4)], [failed]),
        ran([line(4)], trouble="took too long"),
    ]:
        scored = mark.score(bad, "id", 4.0)
        assert scored["score"] == 0 and scored["why"], bad
    assert mark.score(ran([], [failed]), "id", 4.0)["why"] == "no"


def test_nbgrader_finds_one_number_or_an_error_and_never_standard_error():
    shown = {"output_type": "execute_result", "metadata": {}, "execution_count": 1,
             "data": {"text/html": "card", "text/plain": "4"}}
    for scored in [{"score": 1.5}, {"score": 0.0}, {"score": 0.0, "why": "late"}]:
        cell = {"outputs": [json.loads(json.dumps(shown))]}
        mark.show(cell, scored)
        kinds = [output["output_type"] for output in cell["outputs"]]
        assert kinds.count("execute_result") + kinds.count("error") == 1
        assert ("why" in scored) == ("error" in kinds)
        assert "text/plain" not in cell["outputs"][0]["data"]
    assert cell["outputs"][0]["data"] == {"text/html": "card"}
    stderr = {"output_type": "stream", "name": "stderr", "text": "x"}
    said = mark.said({"id": "id"}, ran([], [stderr]), [])
    assert said[0]["name"] == "stdout"


def test_what_is_refused_is_not_run_and_its_name_is_not_defined():
    called = submissions.HEADS["both"] + " { (0, 0) }\nboth(|| 1, || 2);"
    submitted = submissions.handed_in({"both": called}, handed_out())
    graded, _ = cells.restored(submitted, staffs())
    refused = mark.look_through(graded, handed_out())
    assert [(name, n) for _, name, n, _ in refused if "cell `" in name] == [("cell `both`", 2)]
    todo = {each["id"]: each for each in mark.order(graded, refused)["cells"]}
    assert todo["both"]["source"].startswith("compile_error!")
    assert "free-8" not in todo, "what staff put there to play with is a statement"
    kinds = [each["kind"] for each in todo.values()]
    assert kinds[0] == "setup" and kinds.count("check") == 3
    assert str(ROOT / "crate" / "potok") in todo["setup"]["source"]


@pytest.mark.parametrize("name", submissions.REFUSED)
def test_what_could_win_something_is_refused(name):
    each = submissions.refused(name, handed_out())
    graded, _ = cells.restored(json.loads(each.text), staffs())
    refused = mark.look_through(graded, handed_out())
    assert [at for _, at, _, _ in refused].count("cell `both`") >= 1, refused


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_homework_has_a_trap(path):
    assert course.traps(cells.read(path), course.items(path)) == []


def test_staffs_own_traps_are_found():
    def told(change) -> str:
        notebook = submissions.source()
        change(cells.by_grade_id(notebook), notebook["cells"])
        return "\n".join(course.traps(notebook, []))

    def source(name, old, new):
        def change(named, _):
            assert old in named[name]["source"]
            named[name]["source"] = named[name]["source"].replace(old, new)

        return change

    assert "binds" in told(source("both-check", "grade(2.0)", "let mut points = 0.0;\ngrade(2.0)"))
    assert "worth 2.0" in told(source("both-check", "grade(2.0)", "grade(3.0)"))
    assert "BEGIN" in told(source("both-check", "// END HIDDEN TESTS", ""))
    assert "handed out" in told(source("both", "// BEGIN SOLUTION", "// begin"))
    assert "twice" in told(lambda named, all: all.append(named["both"]))
    rename = lambda named, _: named["both"]["metadata"]["nbgrader"].update(grade_id="x")
    assert "no `X-check`" in told(rename)
    unlock = lambda named, _: named["setup"]["metadata"]["nbgrader"].update(locked=False)
    assert "not locked" in told(unlock)
    stub = lambda named, _: named["why_not_a_thread_each"].update(source="*Your answer here.*")
    assert "asks nothing" in told(stub)


def test_a_written_answer_is_cleared_and_its_question_stays():
    for name in (f"hw{number}" for number in range(1, 9)):
        notebook = cells.read(course.SOURCE / name / f"{name}.ipynb")
        questions = list(filter(course.is_written, course.with_questions(notebook)["cells"]))
        assert questions, name
        for cell in questions:
            question, cleared = cell["source"].split("\nBEGIN SOLUTION\n")
            assert question.startswith("## ") and question.count("\n") and len(question) > 100, question
            assert re.fullmatch(r"\*.+\*\nEND SOLUTION", cleared), cell["source"]
        assert not any("BEGIN" in cell["source"] for cell in filter(course.is_written, notebook["cells"]))


def test_a_file_is_its_students():
    pattern = re.compile(cells.SUBMISSION)
    for name, student in {
        "alice_hw1.ipynb": "alice",
        "alice/hw1.ipynb": "alice",
        "alice/hw1/hw1.ipynb": "alice",
        "x/Jane Doe_4711_assignsubmission_file_/hw1.ipynb": "Jane Doe",
        "Jane Doe_4711_assignsubmission_file_hw1.ipynb": "Jane Doe",
        "doejane_LATE_4711_99_hw1-2.ipynb": "doejane",
        "bob_hw1 (1).ipynb": "bob",
        "d.o'neil@uni.example_hw1.ipynb": "d.o'neil@uni.example",
        "Аня_hw1.ipynb": "Аня",
    }.items():
        found = pattern.match(name)
        assert found and found["student_id"] == student, name
        assert found["file_id"] == "hw1"
    for name in ["hw1.ipynb", "hw1/hw1.ipynb", "alice_hw1.txt", "../hw1.ipynb", "alice.ipynb", ".._hw1.ipynb"]:
        assert not pattern.match(name), name


def test_the_table_counts_wrong_answers_by_check():
    check = lambda name, passed: {"name": name, "passed": passed, "hidden": False}
    scores = lambda score, *checks: {"a-check": {"score": score, "points": 2, "checks": checks}}
    results = {
        "ann": {"scores": scores(2, check("order", True)), "notes": []},
        "bob": {"scores": scores(1, check("order", False)), "notes": ["`a` is missing"]},
        "cem": {"scores": {"a-check": {"score": 0, "points": 2, "checks": [], "why": "late"}},
                "notes": []},
    }
    text = table.of_homework("hw1", results)
    assert re.search(r"ann +2 +2 +2\n +bob +1 +1 +2", text), text
    assert "1 of 3  a         order" in text and "(not run) late" in text
    assert "bob: `a` is missing" in text


def test_the_kernel_says_what_is_refused_to_a_person(tmp_path):
    notebook = submissions.handed_in({"both": "fn grade() {}"}, handed_out())
    cells.write(notebook, tmp_path / "hw1.ipynb")
    told = subprocess.run([sealed.KERNEL, "items", tmp_path / "hw1.ipynb"], text=True,
                          capture_output=True, check=False)
    assert told.returncode == 1
    assert "cell `both`, line 1: `grade` is a name" in told.stdout
    assert told.stdout.count("\n") == 1, "a cell to play with may have statements"
