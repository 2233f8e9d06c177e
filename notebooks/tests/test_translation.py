"""The Russian notebooks are the English ones in another language: no cell more or less."""

import copy
import re

import lecture
import nbformat
import pytest
import stored
import translate
from form import CODE, FENCE, differences
from typography import SPACE, clung

PAIRS = translate.pairs()
LECTURE = [pair for pair in PAIRS if pair[1].parent == translate.RUSSIAN]

# Names that are the same in both languages, and what no picture shows.
KEPT = {
    "ann", "bob", "cy", "cid", "dee", "eve", "cpu", "disk", "net", "espresso", "word_count",
    "balance", "full", "changed", "all done", "room", "goods", "permits", "released", "ready",
    "value", "high waited {}, and now {}", "{} until the last cup; {}",
    r"we wait for a lock\na lock waits for us\nwe wait till we run",
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)
def test_a_translation_is_whole_and_up_to_date(pair):
    english, russian = (translate.read(path) for path in pair)
    nbformat.validate(russian)
    assert translate.problems(english, russian) == []


def texts(pair):
    """Each English text with its translation, where that is not out of date."""
    english, russian = (translate.read(path) for path in pair)
    theirs = {cell.metadata.get("translates"): cell.source for cell in russian.cells}
    sources = [cell.source for cell in english.cells if cell.cell_type == "markdown"]
    pairs = [(text, theirs.get(translate.digest(text))) for text in sources]
    return [(text, translation) for text, translation in pairs if translation is not None]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)
def test_a_translation_has_the_form_of_its_original(pair):
    told = [(text[:60], differences(english, text)) for english, text in texts(pair)]
    assert [about for about in told if about[1]] == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].stem)
def test_a_translation_keeps_to_russian_typography(pair):
    for _, text in texts(pair):
        assert text == clung(text), "`translate.py sync` mends it"
        words = CODE.sub("", FENCE.sub("", text))
        assert '"' not in words and words.count("«") == words.count("»"), text


def test_the_russian_readmes_keep_to_russian_typography():
    for path in ("README.ru.md", "notebooks/homework/students/README.ru.md"):
        text = (lecture.ROOT / path).read_text(encoding="utf-8")
        assert text == clung(text), path


@pytest.mark.parametrize(
    "english, translated, told",
    [
        ("## A title", "### Название", "headings"),
        ("* one\n* two", "* раз", "items"),
        ("one\n\ntwo", "раз два", "paragraphs"),
        ("| a | b |", "| а |", "rows"),
        ("[a](b.ipynb)", "[а](в.ipynb)", "links"),
        ("<details>\na\n</details>", "<details>\nа", "tags"),
        ("$$s + n$$", "$$s$$", "formulas"),
        ("> a", "а", "quotations"),
        ("16 ms", "60 мс", "numbers"),
        ("```python\nf(1)  # one\n```", "```python\nf(2)  # раз\n```", "blocks of code"),
        ("`fork` copies", "Копируется всё", "`fork` is missing"),
    ],
)
def test_another_form_is_found(english, translated, told):
    assert differences(english, english) == []
    assert any(line.startswith(told) for line in differences(english, translated))


def test_what_a_language_may_have_otherwise_is_no_difference():
    assert differences("600,000 in 3.14 s  `a`", "600\u00a0000 за 3,14 с `a` и `b`") == []
    assert differences("```py\nf()  # one\n```", "```py\nf()  # раз\n```") == []


def test_lines_do_not_break_where_russian_does_not():
    plain = "Поток — это я и ты, в `a — b`, 20 мс, 600 000, если бы, т. е. $a — b$, [x — y](z)"
    kept = clung(plain).replace(SPACE, "~")
    assert kept == (
        "Поток~— это я~и~ты, в~`a — b`, 20~мс, 600~000, если~бы, т.~е. $a — b$, [x~— y](z)"
    )
    assert clung(clung(plain)) == clung(plain)
    plain = "Строки от 0 до 2 — в тетради 05, у потока 2: 100 / 2 = 50"
    kept = "Строки от~0~до~2~— в~тетради~05, у~потока~2: 100~/~2 = 50"
    assert clung(plain).replace(SPACE, "~") == kept


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


def test_other_metadata_is_found():
    english, russian = two()
    english.cells[1].metadata["nbgrader"] = {"points": 2}
    only(translate.problems(english, russian), "other metadata", english.cells[1])
    russian = translate.synced(english, russian)
    assert translate.problems(english, russian) == []


def test_homework_is_translated_beside_its_source():
    (pair,) = translate.pairs(["hw3"])
    assert pair[0] == lecture.NOTEBOOKS / "homework/source/hw3/hw3.ipynb"
    assert pair[1] == lecture.NOTEBOOKS / "homework/ru/hw3/hw3.ipynb"
    # As far from the top: the path in `:dep` is the same in both.
    assert len(pair[0].parts) == len(pair[1].parts)


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


def test_to_sync_mends_the_typography():
    english, russian = two()
    russian.cells[0].source = "Поток — это"
    assert translate.synced(english, russian).cells[0].source == f"Поток{SPACE}— это"


def literals(path, pictures: bool):
    """The texts in the code of a notebook, `{}` in the place of what is put in."""
    for cell in translate.read(path).cells:
        if cell.cell_type == "code" and (not pictures or "picture" in cell.metadata.get("tags", [])):
            for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', cell.source):
                yield re.sub(r"\{[^}]*\}", "{}", text)


def listed(text: str, labels: dict[str, str]) -> set[str]:
    """The line of the list for this text: its own, or that with `{}` for its numbers."""
    return {text, re.sub(r"\d+", "{}", text)} & labels.keys()


def test_what_the_code_says_on_a_picture_is_said_in_russian():
    labels = stored.of_code()
    for english, _ in LECTURE:
        for text in literals(english, pictures=True):
            if re.search("[a-z]{2}", text) and text not in KEPT:
                assert listed(text, labels), f"ru/labels.tsv has no line for `{text}`"


def test_each_line_of_the_list_is_some_code_s_and_russian():
    lines = stored.OF_CODE.read_text(encoding="utf-8").splitlines()
    labels = stored.of_code()
    assert len(labels) == len(lines)
    said = {line for english, _ in LECTURE for text in literals(english, pictures=False)
            for line in listed(text, labels)}
    assert labels.keys() - said == set()
    for code, shown in labels.items():
        assert code.count("{}") == shown.count("{}"), code
        assert re.search("[А-яЁё]", shown) or shown == code, code


@pytest.mark.parametrize("pair", LECTURE, ids=lambda pair: pair[0].stem)
def test_no_stored_russian_picture_says_what_the_code_says(pair):
    others = {code for code, shown in stored.of_code().items() if " " in code and code != shown}
    for cell in translate.read(pair[1]).cells:
        if "picture" in cell.metadata.get("tags", []):
            for output in cell.outputs:
                text = output.get("data", {}).get("text/plain", "")
                assert [code for code in others if code in text] == [], cell.id
