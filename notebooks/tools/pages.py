"""Writes the lecture as a site in both languages, with the library's documentation.

    pages.py

The pages go to build/site; `cargo doc` has written what is copied to build/site/api. The
outputs that are stored in the notebooks are shown; nothing is run, and the pages load
nothing from the network.
"""

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

import lecture
import translate
from slides import NODE

ROOT = lecture.ROOT
SITE = ROOT / "build" / "site"
SOURCE = ROOT / "build" / "web" / "pages"
HERE = Path(__file__).with_name("site")
HOMEWORK = ROOT / "notebooks" / "homework"

WORDS = {
    "en": {
        "readme": "README.md",
        "title": "potok",
        "about": "A university lecture on multiprocessing that you can run and see. Here it "
        "is to be read: the notebooks with what their cells showed in a stored run.",
        "lecture": "The lecture",
        "homework": "Homework",
        "assignments": "The assignments as students get them. Open them in JupyterLab "
        "(`make lab`): there each exercise is checked as soon as it is run.",
        "more": "More",
        "guide": "A guide through the library's source",
        "source": "source",
        "api": "API documentation",
        "english": "",
        "security": "What the kernel protects, and what it does not",
    },
    "ru": {
        "readme": "README.ru.md",
        "title": "potok",
        "about": "Университетская лекция о мультипроцессинге, которую можно запустить и "
        "увидеть. Здесь её можно прочитать: тетради с тем, что показали их ячейки.",
        "lecture": "Лекция",
        "homework": "Домашние задания",
        "assignments": "Задания в том виде, в каком их получают студенты. Откройте их в "
        "JupyterLab (`make lab`): там каждое упражнение проверяется сразу после запуска.",
        "more": "Ещё",
        "guide": "Путеводитель по исходному коду библиотеки",
        "source": "исходный код",
        "api": "Документация API",
        "english": "Этот текст есть только по-английски.",
        "security": "Что защищает ядро Jupyter, а что нет",
    },
}

# What the theme says itself, which has no words but English.
THEME = {
    "Toggle site navigation sidebar": "Показать или скрыть меню сайта",
    "Toggle table of contents sidebar": "Показать или скрыть содержание страницы",
    "Toggle Light / Dark / Auto color theme": "Тема: светлая, тёмная, как в системе",
    "Skip to content": "Перейти к тексту",
    "Back to top": "Наверх",
    "Next": "Дальше",
    "Previous": "Раньше",
    "Contents": "Содержание",
    "Menu": "Меню",
    "Expand": "Развернуть",
    "Light mode": "Светлая тема",
    "Dark mode": "Тёмная тема",
    "Auto light/dark, in light mode": "Как в системе, светлая",
    "Auto light/dark, in dark mode": "Как в системе, тёмная",
    "Made with": "Сделано с помощью",
    "Home": "Начало",
    "On this page": "На этой странице",
    "Copyright &#169;": "©",
}


def in_russian(page: str) -> str:
    """A page whose frame speaks Russian too; its text, which does already, is left alone."""
    article = re.search(r"<article.*</article>", page, re.S)
    begin, end = article.span() if article else (0, 0)
    frame = [page[:begin], page[end:]]
    for english, russian in THEME.items():
        # As a whole label or a whole text, with the space around it.
        whole = rf'((?:[>"])\s*){re.escape(english)}(?=\s*(?:[<"]|авторы potok))'
        frame = [re.sub(whole, rf"\g<1>{russian}", part) for part in frame]
    return frame[0] + page[begin:end] + frame[1]


def released(notebook):
    """An assignment as students get it: no solutions, no hidden checks."""
    for cell in notebook.cells:
        cut = r"[ \t]*// BEGIN HIDDEN TESTS.*?// END HIDDEN TESTS[^\n]*\n?"
        cell.source = re.sub(cut, "", cell.source, flags=re.S)
        solution = r"([ \t]*)// BEGIN SOLUTION.*?// END SOLUTION"
        cell.source = re.sub(solution, r"\1todo!();", cell.source, flags=re.S)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def heading(notebook) -> str:
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")


def summary(notebook) -> str:
    """What the title cell promises, in a sentence or two."""
    text = " ".join(notebook.cells[0].source.splitlines()[1:]).strip()
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.split(r"(?<=[.!?])\s+", re.sub(r"[*`]", "", text))[:2])


def picture(notebook) -> str | None:
    """The picture that stands for a notebook: the one it is known by, else the first."""
    drawn = [cell for cell in notebook.cells if lecture.pictures(cell)]
    known = [c for c in drawn if any(t.startswith("figure-") for t in c.metadata.get("tags", []))]
    return lecture.pictures((known or drawn)[0])[0] if drawn else None


def described(svg: str) -> str:
    found = re.search(r"<title>(.*?)</title>", svg, re.S)
    return html.unescape(found[1].strip()) if found else ""


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def readable(notebook):
    """A copy for MyST: with the highlighter's own name of the language."""
    notebook.metadata.language_info = {"name": "rust", "pygments_lexer": "rust"}
    notebook.metadata.kernelspec = {"name": "rust", "display_name": "Rust", "language": "rust"}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = elsewhere(cell.source)
    return notebook


def api_of(path: str) -> str | None:
    """The page of the library's documentation for a Rust source, seen from `api`."""
    found = re.fullmatch(r"crate/([\w-]+)/src/(.+?)\.rs", path)
    if not found or found[1] == "potok-kernel":
        return None
    module = re.sub(r"(^|/)(mod|lib)$", "", found[2])
    return "/".join(filter(None, [found[1].replace("-", "_"), module, "index.html"]))


def source_of(path: str) -> str | None:
    """The page that shows the source itself."""
    found = re.fullmatch(r"crate/([\w-]+)/src/(.+\.rs)", path)
    if not found or found[1] == "potok-kernel":
        return None
    return f"src/{found[1].replace('-', '_')}/{found[2]}.html"


def elsewhere(text: str, words: dict | None = None) -> str:
    """Links of the repository as links of the site; what the site has not becomes code."""

    def link(found):
        label, target = found[1], found[2]
        path = re.sub(r"^(\.\./)+", "", target)
        if re.match(r"\w+:|#|\d\w+\.ipynb", target):
            return found[0]
        if path.endswith("SECURITY.md"):
            return f"[{label}](security.md)"
        if notebook := re.fullmatch(r"notebooks/(?:ru/)?(\d\w+\.ipynb)", path):
            return f"[{label}]({notebook[1]})"
        if api_of(path):
            seen = f"<a href=\"../api/{api_of(path)}\">{plain(label)}</a>"
            if words:
                seen += f" (<a href=\"../api/{source_of(path)}\">{words['source']}</a>)"
            return seen
        return f"{label} (`{path}`)"

    return re.sub(r"(?<!!)\[([^]]+)\]\(([^)\s]+)\)", link, text)


def plain(label: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", label)


def guide(language: str) -> str:
    """The README's way through the library, with links into its documentation."""
    words = WORDS[language]
    text = (ROOT / words["readme"]).read_text(encoding="utf-8")
    items = re.findall(r"^\* .*?(?=^\* )", text, re.M | re.S)
    way = next((item for item in items if "(crate/potok/src/why/mod.rs)" in item), None)
    if way is None:
        sys.exit(f"pages: {words['readme']} no longer has an item that begins with `why`")
    lines = [line.removeprefix("* ").removeprefix("  ") for line in way.splitlines()]
    body = elsewhere("\n".join(lines), words)
    return f"# {words['guide']}\n\n{body}\n\n<a href=\"../api/potok/index.html\">{words['api']}</a>\n"


def security(language: str) -> str:
    text = (ROOT / "crate/potok-kernel/SECURITY.md").read_text(encoding="utf-8")
    rest = text.split("\n", 1)[1]
    words = WORDS[language]
    return elsewhere(f"# {words['security']}\n\n{words['english']}\n{rest}")


def contents(language: str, cards: list[str], homework: list[str]) -> str:
    words = WORDS[language]
    chapters = "\n".join(path.stem for path in lecture.lecture())
    tree = ":::{{toctree}}\n:hidden:\n:caption: {}\n\n{}\n:::\n"
    assignments = "\n".join(f"homework/{name}" for name in homework)
    titles = "\n".join(f"* [](homework/{name}.ipynb)" for name in homework)
    return "\n".join(
        [
            f"# {words['title']}\n\n{words['about']}\n",
            f"## {words['lecture']}\n",
            f'<ul class="sections">\n{"".join(cards)}</ul>\n',
            f"## {words['homework']}\n\n{words['assignments']}\n\n{titles}\n",
            f"## {words['more']}\n\n* [](guide.md)\n* [](security.md)\n"
            f'* <a href="../api/potok/index.html">{words["api"]}</a>\n',
            tree.format(words["lecture"], chapters),
            tree.format(words["homework"], assignments),
            tree.format(words["more"], "guide\nsecurity"),
        ]
    )


def card(path: Path, notebook, svg: str | None) -> str:
    """A notebook in the contents: its picture, its title, what it promises."""
    title, text = html.escape(heading(notebook)), html.escape(summary(notebook))
    shown = ""
    if svg:
        alt = html.escape(described(svg), quote=True)
        shown = f'<img src="_static/{path.stem}.svg" alt="{alt}">'
    link = f'<a href="{path.stem}.html">{title}</a>'
    return f"<li>{shown}<p>{link}</p><p>{text}</p></li>\n"


def sources(language: str) -> Path:
    """Writes what Sphinx reads."""
    place = SOURCE / language
    shutil.rmtree(place, ignore_errors=True)
    (place / "_pictures").mkdir(parents=True)
    cards = []
    homework = []
    for english, russian in translate.pairs():
        path = russian if language == "ru" and russian.exists() else english
        notebook = nbformat.read(path, as_version=4)
        if english.is_relative_to(HOMEWORK):
            text = nbformat.writes(readable(released(notebook)))
            write(place / "homework" / path.name, text)
            homework.append(path.stem)
            continue
        svg = picture(notebook) or picture(nbformat.read(english, as_version=4))
        cards.append(card(path, notebook, svg))
        if svg:
            write(place / "_pictures" / f"{path.stem}.svg", svg)
        write(place / path.name, nbformat.writes(readable(notebook)))
    write(place / "guide.md", guide(language))
    write(place / "security.md", security(language))
    write(place / "index.md", contents(language, cards, homework))
    shutil.copy(NODE / "mathjax/es5/tex-svg.js", place / "_pictures")
    return place


def build(language: str) -> None:
    place = sources(language)
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going",
         "-c", str(HERE), "-d", str(SOURCE / f"{language}-doctrees"),
         str(place), str(SITE / language)],
        check=True,
        env={
            **os.environ,
            "SITE_LANGUAGE": language,
            "SITE_PICTURES": str(place / "_pictures"),
        },
    )
    if language == "ru":
        for page in (SITE / language).glob("**/*.html"):
            page.write_text(in_russian(page.read_text(encoding="utf-8")), encoding="utf-8")
    for left in (".buildinfo", "objects.inv"):
        (SITE / language / left).unlink(missing_ok=True)


def main() -> int:
    documentation = ROOT / "target" / "doc"
    if not (documentation / "potok/index.html").exists():
        sys.exit("pages: the library's documentation is missing; run `make site`")
    shutil.rmtree(SITE, ignore_errors=True)
    for language in WORDS:
        build(language)
    shutil.copytree(documentation, SITE / "api")
    shutil.copy(HERE / "index.html", SITE)
    # Pages of GitHub would leave out what begins with an underscore.
    (SITE / ".nojekyll").touch()
    print(f"pages: open {(SITE / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
