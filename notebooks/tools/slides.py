"""Writes the lecture as reveal.js decks, one for each notebook and language.

    slides.py [NOTEBOOK...]

Cells come with the outputs that are stored in the notebooks; nothing is run. Where a slide
starts is said in each cell's metadata, as JupyterLab's slides read it:

* `slideshow.slide_type`: `slide`, `subslide`, `fragment`, `-` (goes on) or `skip`
* `slideshow.output`: `subslide`, where what a cell shows does not fit below it, and
  `subslides`, where each of its pictures needs one

Within a text cell, a heading starts a sub-slide, and a question to predict is a fragment.
Where the code has a sub-slide of its own, the question goes with it. What a cell shows
is hidden until it is asked for. Notes for the speaker are made of what is there: the
question, the text that answers it, and how far the minutes of the title have run. A section
with a star in its heading is for reading at home: its notes say so, and it takes no minutes.
"""

import argparse
import copy
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from pygments.formatters import HtmlFormatter

import translate

NOTEBOOKS = Path(__file__).resolve().parents[1]
ROOT = NOTEBOOKS.parent
NODE = ROOT / "build/web/node/node_modules"
SLIDES = ROOT / "build" / "slides"
HERE = Path(__file__).with_name("slides")

PREDICT = re.compile(r"\*\*(Predict|Предскажите|Угадайте|Предположите|Прогноз)[:.]\*\*")
PICTURE = re.compile(r'(?=<div style="display: inline-block)')
STAR = "★"
MINUTES = re.compile(r"(\d+)[ \u00a0]*(?:minutes|минут)")
WORDS = {
    "en": {
        "ask": "Ask",
        "expect": "Expect",
        "time": "About minute {now:.0f} of {all}.",
        "home": "For reading at home.",
        "contents": "The lecture as slides",
        "other": "По-русски",
        "keys": "Space goes on, S opens the notes for the speaker, Esc shows all slides.",
    },
    "ru": {
        "ask": "Спросите",
        "expect": "Ожидайте",
        "time": "Примерно {now:.0f}-я минута из {all}.",
        "home": "Для чтения дома.",
        "contents": "Лекция в слайдах",
        "other": "In English",
        "keys": "Пробел — дальше, S — заметки для лектора, Esc — все слайды.",
    },
}


def decks(names: list[str] = ()) -> list[tuple[str, Path]]:
    """The notebooks of the lecture that there are, each with its language."""
    pairs = [pair for pair in translate.pairs(names) if pair[0].parent == NOTEBOOKS]
    english = [("en", english) for english, _ in pairs]
    return english + [("ru", russian) for _, russian in pairs if russian.exists()]


@dataclass
class Part:
    """A part of a cell, as far as it is one thing on a slide."""

    kind: str
    start: str
    cell: str
    text: str = ""
    outputs: list = ()


def blocks(text: str) -> list[str]:
    """The paragraphs of a text, questions apart; code in fences stays whole."""
    found, fence = [], False
    text = re.sub(rf"(?<=\S)[ \u00a0](?={PREDICT.pattern})", "\n\n", text.strip("\n"))
    for paragraph in re.split(r"\n\s*\n", text):
        if fence:
            found[-1] += "\n\n" + paragraph
        else:
            found.append(paragraph)
        if paragraph.count("```") % 2:
            fence = not fence
    return found


def text_parts(cell, start: str) -> list[Part]:
    """A text cell, cut at its headings, its questions and its answers."""
    parts = []
    new = lambda kind, begins, text: parts.append(Part(kind, begins, cell.id, text))
    text = re.sub(r"<details>\s*<summary>(.*?)</summary>", r"### \1", cell.source)
    for block in blocks(text.replace("</details>", "")):
        if PREDICT.match(block):
            new("predict", "fragment" if parts else start, block)
        elif block.startswith("#") and (parts or "<details>" in cell.source):
            new("text", "subslide", block)
        elif parts and parts[-1].kind == "text":
            parts[-1].text += "\n\n" + block
        else:
            new("text", "-" if parts else start, block)
    return parts


def code_parts(cell, start: str) -> list[Part]:
    parts = [Part("code", start, cell.id, cell.source)]
    if cell.outputs:
        where = cell.metadata["slideshow"].get("output", "fragment")
        each = apart(cell.outputs) if where == "subslides" else [cell.outputs]
        where = where.removesuffix("s")
        parts += [Part("output", where, cell.id, outputs=outputs) for outputs in each]
    return parts


def apart(outputs: list) -> list[list]:
    """The pictures of a cell, one by one."""
    found = []
    for output in outputs:
        page = output.get("data", {}).get("text/html", "")
        for picture in re.split(PICTURE, page)[1:] or [page]:
            found.append(copy.deepcopy(output))
            if page:
                found[-1]["data"]["text/html"] = picture
    return [[output] for output in found]


def parts_of(notebook) -> list[Part]:
    """What is shown, in order."""
    parts = []
    for cell in notebook.cells:
        start = cell.metadata["slideshow"]["slide_type"]
        if start in ("skip", "notes"):
            continue
        if cell.cell_type == "markdown":
            parts += text_parts(cell, start)
            continue
        new = code_parts(cell, start)
        asked = parts and parts[-1].kind == "predict" and parts[-1].start == "fragment"
        if start == "subslide" and asked:
            new[0].start = "fragment"
            # A heading is not left alone.
            if not re.fullmatch(r"#+ .*", parts[-2].text):
                parts[-1].start = "subslide"
        parts += new
    return parts


def first_sentences(text: str, limit: int = 400) -> str:
    """The beginning of a text, up to the end of a sentence."""
    kept = ""
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        if kept and len(kept) + len(sentence) > limit:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def answer_to(parts: list[Part], index: int) -> str:
    """What the lecture says to a question: the next text, and if none, what is shown."""
    shown = ""
    for part in parts[index + 1 :]:
        if part.kind == "text" and not part.text.startswith("#"):
            return first_sentences(part.text)
        if part.kind == "output" and not shown:
            plain = [output.get("data", {}).get("text/plain") for output in part.outputs]
            plain += [output.get("text") for output in part.outputs]
            shown = next((text.strip().splitlines()[0] for text in plain if text), "")
        if part.kind == "predict" or part.text.startswith("#"):
            break
    return f"`{shown[:120]}`" if shown else ""


def notes(parts: list[Part], words: dict) -> list[Part]:
    """The same parts with notes for the speaker."""
    minutes = MINUTES.search(parts[0].text)
    minutes = int(minutes[1]) if minutes else 0
    home = at_home(parts)
    takes = [not far and part.kind != "output" for part, far in zip(parts, home)]
    steps = sum(takes)
    result, done = [], 0
    for index, part in enumerate(parts):
        result.append(part)
        said = []
        if part.start in ("slide", "subslide") and home[index]:
            said.append(words["home"])
        elif part.start in ("slide", "subslide") and minutes:
            said.append(words["time"].format(now=minutes * done / steps, all=minutes))
        if part.kind == "predict":
            said.append(f"**{words['ask']}:** {PREDICT.sub('', part.text).strip()}")
            answer = answer_to(parts, index)
            if answer:
                said.append(f"**{words['expect']}:** {answer}")
        done += takes[index]
        if said:
            result.append(Part("notes", "notes", part.cell, "\n\n".join(said)))
    return result


def at_home(parts: list[Part]) -> list[bool]:
    """For each part, whether it belongs to a section whose heading has a star.

    Such a section ends with the next heading that is no deeper.
    """
    found, below = [], 0
    for part in parts:
        marks = re.match(r"(#+) ", part.text) if part.kind == "text" else None
        if marks and (not below or len(marks[1]) <= below):
            below = len(marks[1]) if STAR in heading(part.text) else 0
        found.append(bool(below))
    return found


def heading(text: str) -> str | None:
    """The words of a heading, where they are shown without Markdown."""
    found = re.match(r"#+ (.*)", text)
    return found and re.sub(r"[*`]", "", found[1])


def cells_of(parts: list[Part]):
    """Each part as a cell that nbconvert makes a slide of."""
    above = chapter = ""
    for part in parts:
        if part.kind in ("code", "output"):
            cell = nbformat.v4.new_code_cell(part.text, outputs=list(part.outputs))
        else:
            cell = nbformat.v4.new_markdown_cell(part.text)
        cell.metadata.slideshow = {"slide_type": part.start}
        cell.metadata.part, cell.metadata.source_cell = part.kind, part.cell
        # A slide without a heading says what it belongs to.
        if part.start in ("slide", "subslide"):
            named = heading(part.text) if part.kind == "text" else None
            cell.metadata.above = "" if named else above
        if part.kind == "text" and part.text.startswith("#"):
            named = heading(part.text)
            chapter = named if part.text.startswith(("# ", "## ")) else chapter
            above = named if STAR in named else chapter
        yield cell


def deck(notebook, language: str) -> str:
    """A notebook as a page of slides."""
    notebook = copy.deepcopy(notebook)
    parts = notes(parts_of(notebook), WORDS[language])
    notebook.cells = list(cells_of(parts))
    title = heading(notebook.cells[0].source)
    notebook.metadata.title = title
    notebook.metadata.language_info = {"name": "rust", "pygments_lexer": "rust"}
    exporter = SlidesExporter(
        template_name="deck",
        extra_template_basedirs=[str(HERE)],
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    page, _ = exporter.from_notebook_node(notebook, {"language_code": language})
    # A bar within code within a table is written with a backslash, which is not shown.
    bar = lambda found: found[0].replace("\\|", "|")
    page = re.sub(r"<td[^>]*>.*?</td>", bar, page, flags=re.S)
    # Links to other notebooks lead to their slides.
    return re.sub(r'href="(0\w+)\.ipynb"', r'href="\1.html"', page)


def contents(language: str, made: list[tuple[Path, str]]) -> str:
    """The page that all decks are opened from."""
    words = WORDS[language]
    other = "ru" if language == "en" else "en"
    rows = "\n".join(f'<li><a href="{path.stem}.html">{title}</a></li>' for path, title in made)
    return (HERE / "contents.html").read_text(encoding="utf-8").format(
        language=language, other=other, rows=rows, words=words
    )


def assets() -> None:
    """Copies what the decks show themselves with."""
    target = SLIDES / "assets"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    reveal = NODE / "reveal.js/dist"
    for source in [
        *(reveal / name for name in ("reset.css", "reveal.css", "reveal.js")),
        reveal / "plugin/notes.js",
        NODE / "mathjax/es5/tex-svg.js",
        HERE / "deck.css",
        HERE / "deck.js",
    ]:
        shutil.copy(source, target)
    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    (target / "code.css").write_text(colours, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", help="as 05, or 05_processes.ipynb")
    options = parser.parse_args()
    found = decks([Path(name).name for name in options.notebooks])
    if not found:
        print("slides: there is no such notebook; try 05", file=sys.stderr)
        return 1
    assets()
    made = {}
    for language, path in found:
        page = deck(nbformat.read(path, as_version=4), language)
        target = SLIDES / language / f"{path.stem}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
        title = re.search(r"<title>(.*?)</title>", page)[1]
        made.setdefault(language, []).append((path, title))
    for language, each in made.items():
        page = SLIDES / language / "index.html"
        page.write_text(contents(language, each), encoding="utf-8")
        print(f"slides: {len(each)} decks, open {page.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
