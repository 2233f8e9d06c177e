"""The form of the notebooks: what every reader, projector and kernel relies on."""

import json
import re

import lecture
import nbformat
import pytest

NOTEBOOKS = lecture.lecture()
SETUP = ':dep potok = { path = "../crate/potok" }\nuse potok::prelude::*;'
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
LINES, COLUMNS = 20, 90
# A home directory, a temporary one, the kernel's own, a checkout.
MACHINE = re.compile(r"/(?:home|root|Users|tmp|work)/[\w.]|\.cache/potok")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    notebook = nbformat.read(request.param, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


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


def test_the_readme_sends_nobody_astray():
    assert missing((lecture.ROOT / "README.md").read_text(encoding="utf-8")) == []
    assert missing("`crate/gone`, [x](crate/lost.rs)") == ["crate/gone", "crate/lost.rs"]
