"""The decks: all of each slide is seen, and nothing comes from the network.

A picture of every slide goes to build/slides/shots, for looking.
"""

import re
import shutil

import nbformat
import pytest
import slides
from browser import CHROMIUM, chromium
from conftest import ROOT, make

LANGUAGES = sorted({language for language, _ in slides.decks()})
SHOTS = slides.SLIDES / "shots"
# At 1280 × 720: the smallest letters of texts, of code and of what code shows.
LEAST = {
    ".text :is(p, li), .predict p": 21,
    ":is(.text, .code) pre": 17,
    ".text td": 17,
    ".output pre": 14,
}
# Letters of a picture are at least 14 units high. Smaller is only what is as high as a slide,
# and alone on it.
LEAST_SCALE, LEAST_ALONE = 1, 0.75

# What is wrong with the slide that is shown.
PROBLEMS = """least => {
    const slide = Reveal.getCurrentSlide(), told = [];
    const place = slide.getBoundingClientRect();
    const shown = [...slide.querySelectorAll("*")].filter(
        e => e.getClientRects().length && !e.closest("aside, mjx-assistive-mml, svg"));
    for (const part of slide.querySelectorAll(".part")) {
        const range = document.createRange();
        range.selectNodeContents(part);
        const { bottom, right } = range.getBoundingClientRect();
        if (bottom > place.bottom) told.push(`${part.dataset.cell} is cut below`);
        if (right > place.right) told.push(`${part.dataset.cell} is cut at the right`);
    }
    for (const e of shown) {
        const cell = e.closest(".part")?.dataset.cell;
        if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
            told.push(`${cell}: ${e.tagName} is wider than its place`);
        if (getComputedStyle(e).overflowY !== "visible" && e.scrollHeight > e.clientHeight + 1)
            told.push(`${cell}: ${e.tagName} has to be scrolled`);
    }
    for (const [kind, size] of Object.entries(least))
        for (const e of slide.querySelectorAll(kind))
            if (e.getClientRects().length && parseFloat(getComputedStyle(e).fontSize) < size)
                told.push(`${e.closest(".part").dataset.cell}: letters of ${kind} too small`);
    for (const picture of slide.querySelectorAll("img")) {
        const scale = picture.getBoundingClientRect().width / picture.naturalWidth;
        const cell = picture.closest(".part").dataset.cell;
        const alone = slide.querySelectorAll("img").length === 1 &&
            slide.querySelectorAll(".part").length === 1 ||
            picture.closest("[data-slider]");
        if (!(scale >= (alone ? ALONE : SCALE) - 0.005))
            told.push(`${cell}: a picture is shown at ${scale.toFixed(2)}`);
        if (!picture.alt) told.push(`${cell}: a picture has no words`);
    }
    return told;
}""".replace("SCALE", str(LEAST_SCALE)).replace("ALONE", str(LEAST_ALONE))
PLACES = "Reveal.getSlides().map(slide => Reveal.getIndices(slide))"
# Each part of a deck: its kind, and the cell that it comes from.
ORDER = """[...document.querySelectorAll(".leaf .part")]
    .map(part => `${part.className.split(" ")[1]} ${part.dataset.cell}`)"""
# All fragments of a slide at once, and nothing of reveal.js itself.
SHOW_ALL = """Reveal.configure({
    fragments: false, controls: false, progress: false, slideNumber: false })"""

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; `make setup-browser` installs it on Debian"
)


@pytest.fixture(scope="module", autouse=True)
def made():
    """The decks, as `make slides STATIC=1` writes them."""
    make("slides", "STATIC=1", check=True, timeout=600)


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.asked, page.told = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        yield page


def open_deck(page, language, path):
    page.goto((slides.SLIDES / language / f"{path.stem}.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)


def go(page, place):
    page.evaluate(f"Reveal.slide({place['h']}, {place.get('v', 0)})")


def one_by_one(parts):
    """Without those that repeat: each picture of a cell may have a slide of its own."""
    return [each for each, before in zip(parts, [None, *parts]) if each != before]


@needs_chromium
@pytest.mark.parametrize(
    "language, path", slides.decks(), ids=[f"{l}-{p.stem[:3]}" for l, p in slides.decks()]
)
def test_all_of_each_slide_is_seen(page, language, path):
    page.asked.clear()
    open_deck(page, language, path)
    page.evaluate(SHOW_ALL)
    shots = SHOTS / language / path.stem
    shutil.rmtree(shots, ignore_errors=True)
    shots.mkdir(parents=True)
    shown = [tuple(each.split()) for each in page.evaluate(ORDER)]
    written = [(p.kind, p.cell) for p in slides.parts_of(nbformat.read(path, as_version=4))]
    assert one_by_one(shown) == one_by_one(written), "no answer comes before its picture"
    told, places = [], page.evaluate(PLACES)
    assert len(places) > 8
    for number, place in enumerate(places):
        go(page, place)
        told += [f"slide {number}: {each}" for each in page.evaluate(PROBLEMS, LEAST)]
        page.screenshot(path=shots / f"{number:03}.jpg", type="jpeg", quality=70)
    assert told + page.told == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


@needs_chromium
def test_a_slide_that_is_too_full_is_found(page):
    language, path = slides.decks()[0]
    open_deck(page, language, path)
    page.evaluate(SHOW_ALL)
    spoil = "text => Reveal.getCurrentSlide().querySelector('.part').append(text)"
    page.evaluate(spoil, "word " * 2000)
    assert any("cut below" in each for each in page.evaluate(PROBLEMS, LEAST))
    open_deck(page, language, path)
    page.evaluate("Reveal.getCurrentSlide().style.fontSize = '12px'")
    assert any("too small" in each for each in page.evaluate(PROBLEMS, LEAST))


@needs_chromium
def test_small_pictures_get_slides_of_their_own_and_slides_with_little_are_joined(page):
    language, path = slides.decks()[0]
    open_deck(page, language, path)
    made = page.evaluate(
        """async () => {
        const picture = '<div style="display: inline-block"><img alt="x" src="data:image/svg+xml,' +
            encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="760" height="500"/>') +
            '"></div>';
        const stack = Reveal.getSlidesElement().appendChild(document.createElement("section"));
        const leaf = html => {
            const made = stack.appendChild(document.createElement("section"));
            made.className = "leaf";
            made.innerHTML = '<p class="above">x</p>' + html;
            return made;
        };
        const code = '<div class="part code" data-cell="c"><pre>f()</pre></div>';
        const output = html => `<div class="part output" data-cell="c">
            <div data-mime-type="text/html">${html}</div></div>`;
        const two = leaf(code + `<div class="fragment">${output(picture + picture)}</div>`);
        leaf('<div class="part text" data-cell="t"><p>Little.</p></div>');
        leaf('<div class="part text" data-cell="t"><p>Less.</p></div>');
        await Promise.all([...stack.querySelectorAll("img")].map(each => each.decode()));
        document.body.classList.add("measured");
        split(two);
        [...stack.children].forEach(fit);
        [...stack.children].forEach(join);
        const kinds = [...stack.children].map(each =>
            [...each.querySelectorAll(".part")].map(part => part.className.split(" ")[1]).join(" "));
        const sizes = [...stack.querySelectorAll("img")].map(
            each => parseFloat(each.style.width) >= each.naturalWidth);
        stack.remove();
        document.body.classList.remove("measured");
        return [kinds, sizes];
    }"""
    )
    assert made == [["code output", "output", "text text"], [True, True]]


@needs_chromium
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explored_program_is_stepped_on_its_slide(page, language):
    path = next(p for l, p in slides.decks() if l == language and p.stem.startswith("07_"))
    open_deck(page, language, path)
    page.evaluate(SHOW_ALL)
    steps = page.locator(".output [data-steps]").first
    place = steps.evaluate(
        "each => Reveal.getIndices(each.closest('section.leaf'))"
    )
    go(page, place)
    slide = page.evaluate("Reveal.getIndices()")
    steps.locator("summary").click()
    box = steps.locator("details").bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0
    assert box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 720
    while (button := steps.locator("details > div").first.locator("button:enabled")).count():
        size = button.first.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
        assert size >= 20
        button.first.press("Space")
    assert steps.locator("[role=status] strong").is_visible(), "the verdict"
    (SHOTS / language).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / language / "stepped.png")
    assert page.evaluate("Reveal.getIndices()") == slide, "no key goes on to another slide"
    steps.locator("summary").click()
    assert not button.first.is_visible()


def test_nothing_comes_from_the_network():
    pages = sorted(slides.SLIDES.glob("*/*.html"))
    assert len(pages) > len(slides.decks())
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']([^"']+)""", text)
        assert loaded, page
        far = [url for url in loaded if re.match(r"(?:https?:)?//", url)]
        assert far == [], page


@needs_chromium
def test_what_a_cell_shows_is_hidden_until_it_is_asked_for(page):
    language, path = next(each for each in slides.decks() if each[1].stem.startswith("02"))
    open_deck(page, language, path)
    hidden, seen = page.evaluate("""() => {
        const outputs = [...document.querySelectorAll(".output")];
        // What has a slide of its own comes when one goes there.
        const own = outputs.filter(o => o.closest("section").querySelector(".part") === o);
        const hidden = outputs.filter(o => o.closest(".fragment:not(.visible)"));
        return [hidden.length, outputs.length - hidden.length - own.length];
    }""")
    assert hidden >= 3 and seen == 0


@needs_chromium
def test_mathematics_is_drawn(page):
    for language in LANGUAGES:
        path = next(p for l, p in slides.decks() if l == language and p.stem.startswith("01"))
        open_deck(page, language, path)
        assert page.locator("mjx-container svg").count() >= 1


def cell(kind, source, start, **more):
    new = nbformat.v4.new_markdown_cell if kind == "text" else nbformat.v4.new_code_cell
    return new(source, metadata={"slideshow": {"slide_type": start, **more}})


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def shape(*cells):
    return [(part.kind, part.start) for part in slides.parts_of(notebook(*cells))]


def test_a_question_comes_before_the_answer():
    asked = cell("text", "## Why\n\nText.\n\n**Predict:** what?", "slide")
    code = cell("code", "1 + 1", "fragment")
    code.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"})]
    assert shape(asked, code) == [
        ("text", "slide"),
        ("predict", "fragment"),
        ("code", "fragment"),
        ("output", "fragment"),
    ]
    code.metadata.slideshow.slide_type = "subslide"
    assert [start for _, start in shape(asked, code)][1:3] == ["subslide", "fragment"]
    asked.source = "## Why\n\n**Predict:** what?"
    assert [start for _, start in shape(asked, code)][1:3] == ["fragment", "fragment"]
    asked.source = "Text. **Predict:** what?"
    assert shape(asked, code)[1] == ("predict", "subslide")


def test_headings_and_answers_have_slides_of_their_own():
    text = "## Recap\n\n* a\n\n### Questions\n\n1. b\n\n```\na\n\n# b\n```"
    answers = "<details>\n<summary>Answers</summary>\n\n1. c\n\n</details>"
    parts = slides.parts_of(
        notebook(cell("text", text, "slide"), cell("text", answers, "fragment"))
    )
    assert [part.start for part in parts] == ["slide", "subslide", "subslide"]
    assert parts[1].text.endswith("# b\n```") and parts[2].text.startswith("### Answers")


def test_words_above_a_slide_are_no_markdown():
    cells = [cell("text", "## At most *n*: `f`", "slide"), cell("code", "1", "subslide")]
    parts = slides.parts_of(notebook(*cells))
    above = [part.metadata.get("above") for part in slides.cells_of(parts)]
    assert above == ["", "At most n: f"]
    for page in slides.SLIDES.glob("*/*.html"):
        told = r'<title>(.*?)</title>|<p class="above">(.*?)</p>'
        seen = re.findall(told, page.read_text("utf-8"))
        assert seen and not [pair for pair in seen if re.search("[*`]", "".join(pair))], page


def test_the_speaker_has_question_answer_and_time():
    cells = [
        cell("text", "# 1 · A\n\n*30\u00a0минут.* Б.", "slide"),
        cell("text", "## B\n\n**Предскажите:** что?", "slide"),
        cell("code", "2", "fragment"),
        cell("text", "Два. И всё.", "subslide"),
    ]
    parts = slides.notes(slides.parts_of(notebook(*cells)), slides.WORDS["ru"])
    said = [part.text for part in parts if part.kind == "notes"]
    assert "из 30" in said[0]
    assert any("**Спросите:** что?" in each and "Два." in each for each in said)


def test_what_is_read_at_home_says_so_and_takes_no_minutes():
    texts = ["# T\n\n*30 minutes.*", "## A", "### ★ B", "more", "### C", "## ★ D", "### E", "## F"]
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    for cell in cells:
        cell.metadata.slideshow = {"slide_type": "slide"}
    notebook = nbformat.v4.new_notebook(cells=cells)
    parts = slides.parts_of(notebook)
    home = [text for text, far in zip(texts, slides.at_home(parts)) if far]
    assert home == ["### ★ B", "more", "## ★ D", "### E"]
    notes = [part.text for part in slides.notes(parts, slides.WORDS["en"]) if part.kind == "notes"]
    minutes = lambda n: f"About minute {n} of 30."
    assert notes == [minutes(0), minutes(8), *2 * [slides.WORDS["en"]["home"]], minutes(15),
                     *2 * [slides.WORDS["en"]["home"]], minutes(22)]
    above = [cell.metadata.above for cell in slides.cells_of(parts)]
    assert above == ["", "", "", "★ B", "", "", "", ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_the_lecture_is_in_the_notes(language):
    for deck in (path for each, path in slides.decks() if each == language):
        parts = slides.parts_of(nbformat.read(deck, as_version=4))
        asked = sum(part.kind == "predict" for part in parts)
        page = (slides.SLIDES / language / f"{deck.stem}.html").read_text(encoding="utf-8")
        notes = re.findall(r'<aside class="notes">(.*?)</aside>', page, re.S)
        word = slides.WORDS[language]["ask"]
        assert sum(word in each for each in notes) == asked
        text = nbformat.read(deck, as_version=4)
        written = sum(c.source.count("**Predict:**") + c.source.count("**Предскажите:**")
                      for c in text.cells if c.cell_type == "markdown")
        assert asked == written
