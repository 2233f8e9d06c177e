"""The Russian notebooks are the English ones in another language: no cell more or less."""

import copy

import lecture
import nbformat
import pytest
import translate

PAIRS = [pair for pair in translate.pairs() if pair[1].exists()]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)
def test_a_translation_is_whole_and_up_to_date(pair):
    english, russian = (translate.read(path) for path in pair)
    nbformat.validate(russian)
    assert translate.problems(english, russian) == []


def two():
    """A notebook of three cells and its translation."""
    english = translate.read(lecture.lecture()[0])
    english.cells = english.cells[:3]
    assert [cell.cell_type for cell in english.cells] == ["markdown", "code", "markdown"]
    russian = translate.synced(english, nbformat.v4.new_notebook())
    for cell, twin in zip(english.cells, russian.cells):
        if cell.cell_type == "markdown":
            twin.source = "по-русски"
            twin.metadata["translates"] = translate.digest(cell.source)
    assert translate.problems(english, russian) == []
    return english, russian


def only(told, kind, cell):
    assert len(told) == 1, told
    assert told[0].startswith(f"{kind}: {cell.id}"), told


def test_a_missing_cell_is_found():
    english, russian = two()
    gone = russian.cells.pop(2)
    only(translate.problems(english, russian), "missing", gone)


def test_a_cell_that_is_left_over_is_found():
    english, russian = two()
    gone = english.cells.pop(2)
    only(translate.problems(english, russian), "left over", gone)


def test_an_old_translation_is_found():
    english, russian = two()
    english.cells[0].source += " And one thing more."
    only(translate.problems(english, russian), "out of date", english.cells[0])


def test_other_code_is_found():
    english, russian = two()
    russian.cells[1].source += " // по-русски"
    only(translate.problems(english, russian), "other code", russian.cells[1])


def test_another_order_is_found():
    english, russian = two()
    russian.cells.reverse()
    (told,) = translate.problems(english, russian)
    assert told.startswith("out of order")


def test_english_text_that_stands_in_is_no_translation():
    english, _ = two()
    russian = translate.synced(english, nbformat.v4.new_notebook())
    told = translate.problems(english, russian)
    assert [line.split(":")[0] for line in told] == ["out of date", "out of date"]
    assert english.cells[0].source in translate.listing(english, russian)


def test_to_sync_keeps_translations_and_takes_over_code():
    english, russian = two()
    english.cells[1].source += "\nlet new = 1;"
    english.cells.insert(1, nbformat.v4.new_markdown_cell("New"))
    kept = copy.deepcopy(russian.cells[0].source)
    russian = translate.synced(english, russian)
    assert russian.cells[0].source == kept
    assert russian.cells[2].source == english.cells[2].source
    only(translate.problems(english, russian), "out of date", english.cells[1])
