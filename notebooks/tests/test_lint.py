"""The form of the notebooks: what every reader, projector and kernel relies on."""

import ast
import json
import re
import subprocess
from pathlib import Path

import claims
import lecture
import nbformat
import pytest
import stored
import translate
from form import CODE, FENCE

NOTEBOOKS = lecture.lecture() + lecture.lecture("ru")
WHY = next(path for path in NOTEBOOKS if path.name.startswith("01"))
NAME = lambda path: f"{lecture.edition(path)}-{path.stem}"
SETUP = ':dep potok = { path = "../crate/potok" }\nuse potok::prelude::*;'
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
LINES, COLUMNS = 12, 90
# A home directory, a temporary one, the kernel's own, a checkout.
MACHINE = re.compile(r"/(?:home|root|Users|tmp|work)/[\w.]|\.cache/potok")


@pytest.fixture(params=NOTEBOOKS, ids=NAME)
def notebook(request):
    notebook = nbformat.read(request.param, as_version=4)
    nbformat.validate(notebook)
    return notebook


def test_sparks_programs_speak_both_languages():
    """Their words are data: as many in each language, with the same places to fill."""
    source = (lecture.ROOT / "crate/potok-mapreduce/src/spark/cluster.py").read_text("utf-8")
    tables = [
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "WORDS"
    ]
    [words] = tables
    holes = {
        language: {name: set(re.findall(r"{(\w+)}", text)) - {"s"} for name, text in said.items()}
        for language, said in words.items()
    }
    assert holes["en"] == holes["ru"] and len(holes["ru"]) > 10
    assert all(re.search("[а-я]", text) for text in words["ru"].values())


def test_the_kernels_hash_is_of_every_crate_that_it_is_compiled_from():
    """Otherwise a change in one of them would leave the program of before in place."""
    manifest = (lecture.ROOT / "crate/potok-kernel/Cargo.toml").read_text("utf-8")
    script = (lecture.ROOT / "notebooks/tools/kernel-sources.sh").read_text("utf-8")
    hashed = re.search("^find (.*) -type f", script, re.MULTILINE)[1].split()
    beside = re.findall(r'path = "\.\./([\w-]+)"', manifest)
    assert "potok-words" in beside
    assert {f"crate/{name}" for name in ["potok-kernel", *beside]} <= set(hashed)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("file", ["Makefile", "notebooks/tools/setup.sh"])
def test_the_kernel_is_not_compiled_anew_for_a_variable(file):
    """rust-analyzer's `stdx` has an `option_env!("CI")`, and all the rest stands on it."""
    text = (lecture.ROOT / file).read_text("utf-8")
    builds = [line for line in text.splitlines() if "CARGO_BUILD_BUILD_DIR=" in line]
    named = [line for line in text.splitlines() if "POTOK_SOURCES=" in line]
    assert builds and named
    assert all("env -u CI POTOK_SOURCES=" in line for line in named), named


def test_tests_call_make_as_a_person_does():
    """`conftest.make` leaves out what the make that runs the tests would pass on."""
    tests = sorted(Path(__file__).parent.glob("*.py"))
    assert len(tests) > 20
    call = '["make' + '"'
    assert [path.name for path in tests if call in path.read_text("utf-8")] == ["conftest.py"]


def test_only_the_librarys_crates_are_documented():
    command = ["cargo", "metadata", "--no-deps", "--locked", "--format-version", "1"]
    told = subprocess.run(command, cwd=lecture.ROOT, check=True, capture_output=True)
    targets = [it for package in json.loads(told.stdout)["packages"] for it in package["targets"]]
    libraries = [it["name"] for it in targets if "lib" in it["kind"] and it["doc"]]
    assert "potok" in libraries
    assert all(name.startswith("potok") for name in libraries), libraries


def test_first_comes_the_title_then_the_set_up(notebook):
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    assert code(notebook)[0].source.startswith(SETUP)


def test_any_evcxr_opens_it(notebook):
    assert notebook.metadata.kernelspec.name == "rust"


def test_every_cell_knows_its_slide(notebook):
    for cell in notebook.cells:
        slide = cell.metadata.get("slideshow", {}).get("slide_type")
        assert slide in SLIDES, cell.source


ENDS = [
    ["## Recap", "### Questions", "Answers", "### Links"],
    ["## Итоги", "### Вопросы", "Ответы", "### Ссылки"],
]


def end(notebook):
    """The sections from the recap on, with the answers, which are folded up."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    sections = re.findall(r"^#+ .*|(?<=<summary>)[^<]+", "\n".join(texts), re.MULTILINE)
    recap = next(at for at, name in enumerate(sections) if name in ("## Recap", "## Итоги"))
    return sections[recap:]


def test_every_notebook_ends_alike(notebook):
    assert end(notebook) in ENDS


def test_another_end_is_found():
    notebook = nbformat.read(WHY, as_version=4)
    assert end(notebook) == ENDS[0]
    notebook.cells[-2], notebook.cells[-1] = notebook.cells[-1], notebook.cells[-2]
    assert end(notebook) not in ENDS


def test_no_stored_run_left_something_out(notebook):
    """A cell that needs more than `make setup` installs says so where that is missing."""
    assert [cell.id for cell in code(notebook) if lecture.left_out(cell)] == []


def test_a_cell_that_was_left_out_keeps_its_last_real_run():
    def with_texts(*texts):
        cells = [nbformat.v4.new_code_cell(id=f"c{at}", outputs=[
            nbformat.v4.new_output("stream", name="stdout", text=text)])
            for at, text in enumerate(texts)]
        return nbformat.v4.new_notebook(cells=cells)

    fresh = with_texts("skipped: no Spark here", "2")
    lecture.keep_left_out(fresh, with_texts("1", "1"))
    assert [cell.outputs[0].text for cell in fresh.cells] == ["1", "2"]


def test_nothing_is_not_shown(notebook):
    """A cell that ends with a loop gives `()`, which says nothing to anybody."""
    shown = [output for cell in code(notebook) for output in cell.outputs if "data" in output]
    assert [it for it in shown if it["data"].get("text/plain", "").strip() == "()"] == []


def test_code_fits_the_projector(notebook):
    for cell in code(notebook):
        lines = cell.source.splitlines()
        assert len(lines) <= LINES, cell.source
        assert max(map(len, lines), default=0) <= COLUMNS, cell.source


def test_stored_outputs_are_of_a_good_run(notebook):
    for cell in code(notebook):
        tags = cell.metadata.get("tags", [])
        errors = [output for output in cell.outputs if output.output_type == "error"]
        # A cell about what the compiler refuses promises an error.
        promised = "raises-exception" in tags and bool(cell.outputs)
        assert len(errors) == promised, cell.source
        for output in cell.outputs:
            if "stderr" not in tags:
                assert output.get("name") != "stderr", cell.source


def test_stored_outputs_bear_out_the_text(request, notebook):
    path = request.node.callspec.params["notebook"]
    if lecture.edition(path) == "ru" and not any(cell.outputs for cell in code(notebook)):
        pytest.skip("nothing is stored in it yet")
    assert claims.unmet(path, notebook) == []


def test_a_claim_fails_where_the_outputs_say_otherwise():
    path = WHY
    notebook = nbformat.read(path, as_version=4)
    for cell in code(notebook):
        for output in cell.outputs:
            text = output.get("data", {}).get("text/plain", "")
            flat = re.sub(r"\d+\.\d\d ×", "1.00 ×", text)
            if flat != text:
                output["data"]["text/plain"] = flat
    (told,) = claims.unmet(path, notebook)
    assert "two workers are at least 1.6 times as fast" in told


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAME)
def test_no_claim_holds_of_nothing(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in code(notebook):
        cell.outputs = []
    told = claims.unmet(path, notebook)
    assert len(told) == len(claims.of(path))


# Cell, what it shows in Russian, numbers that bear the claim out and that do not.
RUSSIAN = [
    (
        "6443d0ab",
        "рабочие  ускорение  медленный\n2        {:>9}     1,00 ×\n",
        ("1,98 ×", "1,12 ×"),
    ),
    ("aad77ac0", "Кадр каждые 16 мс: самая долгая пауза {}\u00a0мс\n", ("251,5", "25,9")),
    (
        "c01957d8",
        "              latency  наибольшее\nцикл событий    90 мс  {:>10}\n",
        ("157,5\u00a0мс", "15,75\u00a0мс"),
    ),
]


@pytest.mark.parametrize("cell, text, numbers", RUSSIAN, ids=[row[0] for row in RUSSIAN])
def test_a_claim_is_read_in_russian_and_can_fail_there(cell, text, numbers):
    path = lecture.NOTEBOOKS / "ru" / WHY.name

    def told(number):
        notebook = nbformat.v4.new_notebook()
        data = {"text/plain": text.format(number)}
        output = nbformat.v4.new_output("execute_result", data)
        notebook.cells = [nbformat.v4.new_code_cell("", id=cell, outputs=[output])]
        unmet = claims.unmet(path, notebook)
        return [line for line in unmet if line.startswith(f"cell {cell} ")]

    good, bad = map(told, numbers)
    assert len(bad) == len(good) + 1


def test_every_word_of_a_claim_is_in_the_library():
    """What claims look for in Russian outputs is what the library says."""
    tables = lecture.ROOT.glob("crate/*/src/words.rs")
    tables = [path.read_text(encoding="utf-8") for path in tables]
    for english, russian in stored.LABELS.items():
        assert any(f'"{english}", "{russian}"' in table for table in tables), english


def test_outputs_that_bear_out_nothing_are_not_kept():
    path = WHY
    waits, runs = [], []

    def run(path):
        runs.append(path)
        notebook = nbformat.read(path, as_version=4)
        for cell in code(notebook) if len(runs) < 2 else []:
            cell.outputs = []
        return notebook

    kept, unmet = lecture.run_to_keep(path, run=run, quiet=lambda: waits.append(1))
    assert (unmet, len(runs), len(waits)) == ([], 2, 2)

    empty = lambda path: nbformat.v4.new_notebook()
    _, unmet = lecture.run_to_keep(path, run=empty, quiet=lambda: waits.append(1))
    assert len(unmet) == len(claims.CLAIMS["01"]) and len(waits) == 2 + lecture.RUNS


def test_numbers_are_read_with_their_units():
    assert stored.number("31.6 ms") == pytest.approx(0.0316)
    assert stored.number("1\u202f000\u202f467") == 1_000_467
    assert stored.number("90 %") == pytest.approx(0.9)
    with pytest.raises(ValueError, match="soon"):
        stored.number("soon")


def test_a_table_is_read_by_its_headings():
    text = "Title\n\nlabel    time  largest\none    1.5 ms\ntwo       2 s      3 s\n\nnext"
    assert stored.table(text) == {
        "one": {"time": pytest.approx(0.0015)},
        "two": {"time": 2.0, "largest": 3.0},
    }


def test_a_promised_picture_is_stored(notebook):
    for cell in code(notebook):
        if "picture" in cell.metadata.get("tags", []) and cell.outputs:
            assert lecture.pictures(cell), cell.source


def test_nothing_tells_of_the_machine(notebook):
    found = MACHINE.search(json.dumps(notebook, ensure_ascii=False))
    assert found is None, found


def missing(text):
    """The places below `crate` that a text speaks of and that are not there."""
    places = re.findall(r"`(crate/[\w./-]+)`|\]\((?:\.\./)?(crate/[^)#]+)\)", text)
    named = {place or linked for place, linked in places}
    return sorted(place for place in named if not (lecture.ROOT / place).exists())


def test_what_a_reader_is_sent_to_is_there(notebook):
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert missing("\n".join(texts)) == []


def readme(name):
    return (lecture.ROOT / name).read_text(encoding="utf-8")


def links(text):
    """The files of ours that a text leads to."""
    targets = re.findall(r"\]\(([^)#\s]+)\)", text)
    return [target for target in targets if not target.startswith("http")]


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_readme_sends_nobody_astray(name):
    text = readme(name)
    assert links(text)
    assert [place for place in links(text) if not (lecture.ROOT / place).exists()] == []
    assert missing(text) == []
    assert missing("`crate/gone`, [x](crate/lost.rs)") == ["crate/gone", "crate/lost.rs"]


def test_both_readmes_lead_to_the_same_places_and_name_the_same_commands():
    english, russian = readme("README.md"), readme("README.ru.md")
    twin = {"README.ru.md": "README.md"}
    translated = [
        twin.get(place, place.replace("notebooks/0", "notebooks/ru/0"))
        for place in links(english)
    ]
    assert links(russian) == translated
    spans = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
    assert sorted(spans.findall(russian)) == sorted(spans.findall(english))


HOMEWORK = [path for pair in translate.pairs(["hw"]) for path in pair]
# A number in whose middle a line may break: 5 000; in code there are no such numbers.
BROKEN = re.compile(r"(?<![\d,.])\d{1,3}(?: \d{3})+(?![\d,])")


def broken_numbers(text):
    return BROKEN.findall(CODE.sub("", FENCE.sub("", text)))


@pytest.mark.parametrize("pair", translate.pairs(), ids=lambda pair: pair[0].stem)
def test_no_line_breaks_within_a_number(pair):
    texts = [cell.source for path in pair for cell in nbformat.read(path, as_version=4).cells
             if cell.cell_type == "markdown"]
    assert [found for text in texts for found in broken_numbers(text)] == []
    assert broken_numbers("8 or 100 000 of `5 000`, 1\u00a0000, 5,000 or 2026") == ["100 000"]


@pytest.mark.parametrize("path", HOMEWORK, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_homework_says_how_many_points_it_has(path):
    """Its first line, its headings and what is graded add up to the same."""
    cells = nbformat.read(path, as_version=4).cells
    title, *texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    [all_of_it] = re.findall(r"(\d+)\s(?:points|балл)", title)
    headed = re.findall(r"^## .*\((\d+)\s(?:point|балл)", "\n".join(texts), re.MULTILINE)
    graded = [cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells]
    assert int(all_of_it) == sum(map(int, headed)) == sum(graded)
