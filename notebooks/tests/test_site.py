"""The site: every link leads somewhere, everybody can read it, nothing comes from outside."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pages
import pytest
from browser import CHROMIUM, chromium
from conftest import ROOT, make

SITE = pages.SITE
SHOTS = SITE.parent / "browser" / "site"
SLIDER = ROOT / "crate/potok-chart/src/each/slider.html"
STEPS = ROOT / "crate/potok-explore/src/picture/stepper/lost_update.html"
AXE = pages.NODE / "axe-core" / "axe.min.js"
# Headings with a word that is wider than its line.
CUT = """[...document.querySelectorAll("article :is(h1, h2, h3)")].filter(heading => {
    heading.style.overflowWrap = "normal";
    const cut = heading.scrollWidth > heading.clientWidth;
    heading.style.overflowWrap = "";
    return cut;
}).map(heading => heading.innerText)"""
# Tables that have to be scrolled sideways.
TABLES = """[...document.querySelectorAll(".table-wrapper table")]
    .filter(table => table.clientWidth > table.parentElement.clientWidth + 1)
    .map(table => table.innerText.slice(0, 40))"""
# Lines of code that have to be scrolled sideways.
CODE = """[...document.querySelectorAll(".cell_input pre")]
    .filter(pre => pre.scrollWidth > pre.clientWidth + 1)
    .map(pre => pre.innerText.slice(0, 40))"""
# What hinders somebody from reading.
GRAVE = {"serious", "critical"}

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; `make setup-browser` installs it on Debian"
)


@pytest.fixture(scope="module", autouse=True)
def made():
    """The site, as `make site` writes it."""
    make("site", check=True, timeout=900)


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


class Page(HTMLParser):
    """What a page leads to, loads, and can be pointed at."""

    def __init__(self, path: Path):
        super().__init__()
        self.links, self.loads, self.ids, self.bare = [], [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids.update(filter(None, (found.get("id"), found.get("name"))))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(found["href"])
        if tag in ("script", "img", "iframe", "source") and "src" in found:
            self.loads.append(found["src"])
        if tag == "img" and not found.get("alt"):
            self.bare.append(found["src"][:80])


def our_pages() -> list[Path]:
    """The pages that we wrote; rustdoc's own are below `api`."""
    found = [SITE / "index.html", *SITE.glob("en/**/*.html"), *SITE.glob("ru/**/*.html")]
    assert len(found) > 40
    return sorted(found)


def leads_nowhere(page: Path, links: list[str], known: dict) -> list[str]:
    """The links of a page to something that is not there. Those outside are only read."""
    lost = []
    for link in links:
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            if not re.fullmatch(r"[\w.-]+\.[a-z]{2,}(:\d+)?", parts.netloc):
                lost.append(link)
            continue
        if parts.scheme in ("mailto", "data"):
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.is_file():
            lost.append(link)
        elif parts.fragment and target.suffix == ".html" and "/api/" not in str(target):
            if target not in known:
                known[target] = Page(target).ids
            if unquote(parts.fragment) not in known[target]:
                lost.append(link)
    return lost


def test_every_link_leads_somewhere():
    known, lost = {}, {}
    for path in our_pages():
        page = Page(path)
        found = leads_nowhere(path, page.links + page.loads, known)
        if found:
            lost[str(path.relative_to(SITE))] = found
    assert lost == {}


def test_a_link_that_leads_nowhere_is_found():
    page = SITE / "en/guide.html"
    links = ["gone.html", "index.html#gone", "https://", "index.html", "index.html#potok"]
    assert leads_nowhere(page, links, {}) == links[:3]


def test_every_page_is_there_in_both_languages():
    names = {
        language: {str(p.relative_to(SITE / language)) for p in SITE.glob(f"{language}/**/*.html")}
        for language in pages.WORDS
    }
    assert names["en"] == names["ru"]
    for path in our_pages()[:-1]:
        if path.parent == SITE:
            continue
        other = "ru" if "/en/" in str(path) else "en"
        there = [link for link in Page(path).links if f"../{other}/" in link]
        assert (path.parent / there[0]).resolve().name == path.name


def test_the_frame_of_a_russian_page_is_russian():
    for path in SITE.glob("ru/**/*.html"):
        text = r"<article.*</article>|<script.*?</script>"
        page = re.sub(text, "", path.read_text("utf-8"), flags=re.S)
        labels = re.findall(r'aria-label="([^"]+)"|<svg[^>]*>\s*<title>([^<]+)', page)
        assert labels
        # `potok`, and names of notebooks, are the same in both languages.
        english = re.compile("[A-Z][a-z][ -~]+")
        assert not [pair for pair in labels if english.fullmatch("".join(pair))], path
        words = re.findall(r">\s*([A-Z][a-z]+(?: [a-z]+)*)\s*<", page)
        assert set(words) & set(pages.THEME) == set(), path
        assert "the potok authors" not in page, path


def test_nothing_is_loaded_from_outside_and_every_picture_has_words():
    for path in our_pages():
        page = Page(path)
        far = [load for load in page.loads if re.match(r"(?:https?:)?//", load)]
        assert far == [], path
        assert page.bare == [], path


def test_homework_is_shown_without_its_solutions():
    source = nbformat.read(pages.HOMEWORK / "source/hw1/hw1.ipynb", as_version=4)
    kept = "\n".join(cell.source for cell in pages.released(source).cells)
    assert "todo!();" in kept
    for path in SITE.glob("*/homework/*.html"):
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text and "BEGIN HIDDEN" not in text, path
        assert "todo" in text, path


def test_a_solution_is_cut_out_whole():
    code = "fn f() {\n    // BEGIN SOLUTION\n    1\n    // END SOLUTION\n}\n"
    hidden = "// BEGIN HIDDEN TESTS\ncheck();\n// END HIDDEN TESTS\nlast();"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code + hidden)])
    (cell,) = pages.released(notebook).cells
    assert cell.source == "fn f() {\n    todo!();\n}\nlast();"


def test_links_of_the_repository_become_links_of_the_site():
    elsewhere = pages.elsewhere
    assert 'href="../api/potok/why/index.html"' in elsewhere("[a](crate/potok/src/why/mod.rs)")
    assert "api/potok_explore/programs/" in elsewhere("[a](crate/potok-explore/src/programs.rs)")
    assert elsewhere("[a](../crate/potok-kernel/SECURITY.md)") == "[a](security.md)"
    assert elsewhere("[a](../ru/lost.txt)") == "a (`ru/lost.txt`)"
    assert elsewhere("[a](https://docs.rs/x)") == "[a](https://docs.rs/x)"


@needs_chromium
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_it(browser, theme):
    """axe-core, on each page; a narrow screen shows nothing that is wider."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    page, asked, told = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: told.append(str(error)))
    axe = AXE.read_text(encoding="utf-8")
    # A dark page differs from a light one in its colours only.
    rules = "" if theme == "light" else "runOnly: ['color-contrast'],"
    run = f"axe.run(document, {{ {rules} resultTypes: ['violations'], preload: false }})"
    for path in our_pages():
        name = str(path.relative_to(SITE))
        page.goto(path.as_uri())
        page.evaluate(axe)
        for found in page.evaluate(run)["violations"]:
            if found["impact"] in GRAVE:
                node = found["nodes"][0]
                told.append(f"{name}: {found['id']}, {node['target']}: {node['html'][:150]}")
        page.screenshot(path=SHOTS / f"{theme}-{name.replace('/', '-')}.jpg", type="jpeg")
        if theme == "light":
            for wide in page.evaluate(CODE) + page.evaluate(TABLES):
                told.append(f"{name}: {wide!r} has to be scrolled sideways")
            page.set_viewport_size({"width": 400, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > 400:
                told.append(f"{name}: {wide} pixels wide on a screen of 400")
            for heading in page.evaluate(CUT):
                told.append(f"{name}: a word of the heading {heading!r} is cut in two")
            for table in page.evaluate(TABLES):
                told.append(f"{name}: the table {table!r} is wider than its place")
            page.screenshot(path=SHOTS / f"narrow-{name.replace('/', '-')}.jpg", type="jpeg")
            page.set_viewport_size({"width": 1280, "height": 900})
    context.close()
    assert told == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@needs_chromium
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_step_through_an_exploration(browser, theme, tmp_path):
    """axe-core on the explorer that stands open, at the start and at an end."""
    page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=theme)
    colours = "color-scheme: light dark; background: Canvas; color: CanvasText"
    path = tmp_path / "steps.html"
    path.write_text(
        f"<!doctype html><html lang=en><title>steps</title><body style='{colours}'>"
        f"<main><h1>A lost update</h1>{STEPS.read_text(encoding='utf-8')}</main>",
        encoding="utf-8",
    )
    page.goto(path.as_uri())
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.get_by_text("Step by hand", exact=True).click()
    for thread in [None, 1, 2, 2, 1]:
        if thread:
            page.locator(f"button[aria-label^='thread {thread}']:enabled").click()
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'], preload: false })")
        grave = [each for each in found["violations"] if each["impact"] in GRAVE]
        assert grave == []
    assert "Returned 1" in page.get_by_role("status").inner_text()
    page.screenshot(path=SHOTS / f"steps-{theme}.png", full_page=True)
    page.close()


def seen(place) -> list[str]:
    """The titles of the pictures of a place that are seen."""
    pictures = [picture for picture in place.locator("img").all() if picture.is_visible()]
    return [picture.get_attribute("alt") for picture in pictures]


def turn(page, place) -> int:
    """Turns a slider by keys and by mouse; how many values it has."""
    slider, value = place.get_by_role("slider"), place.locator("output")
    last = int(slider.get_attribute("max"))
    at = lambda: (int(slider.input_value()), value.inner_text(), seen(place))
    slider.focus()
    page.keyboard.press("Home")
    steps = [at()]
    for _ in range(last):
        page.keyboard.press("ArrowRight")
        steps.append(at())
        assert slider.get_attribute("aria-valuetext") == steps[-1][1]
    assert [number for number, _, _ in steps] == list(range(last + 1))
    # Each value is told, and each has pictures of its own.
    assert len({told for _, told, _ in steps}) == len({tuple(it) for _, _, it in steps}) == last + 1
    wide, high = (slider.bounding_box()[side] for side in ("width", "height"))
    for end, x in [(0, 3), (last, wide - 3)]:
        slider.click(position={"x": x, "y": high / 2})
        assert at() == steps[end]
    return last + 1


def step(page, place) -> list[str]:
    """Steps a program to an end, back and to its start; what was told at the end."""
    place.locator("summary").first.click()
    schedule, able = place.locator("input"), place.locator("button[aria-label]:enabled")
    told = place.get_by_role("status")
    while able.count():
        able.last.focus()
        page.keyboard.press("Enter")
    rows, whole = place.locator("tbody tr"), schedule.input_value()
    steps, end = rows.count(), told.locator("strong").inner_text()
    assert steps >= 4
    # The others, in this order, go back, to the start, and to the clipboard.
    back, restart, _ = place.locator("button:not([aria-label])").all()
    back.click()
    assert rows.count() == steps - 1 and able.count() >= 1
    assert whole.startswith(schedule.input_value()) and schedule.input_value() != whole
    restart.click()
    assert (rows.count(), schedule.input_value(), back.is_disabled()) == (1, "", True)
    return end.split(" · ")


@needs_chromium
@pytest.mark.parametrize("language, verdicts", [
    ("en", {"expected", "surprising"}), ("ru", {"ожидаемо", "сюрприз"}),
])
def test_pictures_with_scripts_are_turned_on_the_site(browser, language, verdicts):
    page, told = browser.new_page(viewport={"width": 1280, "height": 900}), []
    page.on("console", lambda said: told.append(said.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    values = []
    for path in sorted((SITE / language).glob("0*.html")):
        if "potok-each-" in path.read_text(encoding="utf-8"):
            page.goto(path.as_uri())
            values += [turn(page, place) for place in page.locator("[data-slider]").all()]
    assert len(values) >= 4 and min(values) >= 3
    page.goto((SITE / language / "07_sharing.html").as_uri())
    *_, verdict = step(page, page.locator("[data-steps]").first)
    assert verdict in verdicts
    page.close()
    assert told == []


# As VS Code's own renderer of HTML does it: the page is put in as text, and then each of its
# scripts is run, from the top of the document. What may be loaded is what its page allows.
VS_CODE = """<!doctype html><html lang=en><title>notebook</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src https: data:;
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'">
<style>
body { background: #1f1f1f; color: #cccccc; }
table { width: 100%; } th, td { padding: 4px 8px; border: none !important; }
main > div { overflow-x: scroll; }
</style><main></main>"""
RENDER = """html => {
    const place = document.querySelector("main").appendChild(document.createElement("div"));
    place.innerHTML = html;
    for (const script of [...place.getElementsByTagName("script")]) {
        const again = document.createElement("script");
        again.text = script.innerText;
        place.appendChild(again).remove();
    }
}"""


@needs_chromium
def test_pictures_with_scripts_are_turned_as_vs_code_shows_them(browser, tmp_path):
    page, told = browser.new_page(viewport={"width": 1280, "height": 900}), []
    page.on("console", lambda said: told.append(said.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    path = tmp_path / "vs_code.html"
    path.write_text(VS_CODE, encoding="utf-8")
    page.goto(path.as_uri())
    for html in (SLIDER, STEPS):
        page.evaluate(RENDER, html.read_text(encoding="utf-8"))
    assert turn(page, page.locator("[data-slider]")) == 4
    assert step(page, page.locator("[data-steps]"))[1] in ("expected", "surprising")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "vs_code.png", full_page=True)
    page.close()
    assert told == []


@needs_chromium
@pytest.mark.parametrize("language, word", [("en", "backpressure"), ("ru", "мьютекс")])
def test_the_search_works_from_files(browser, language, word):
    page = browser.new_page()
    page.goto((SITE / language / "search.html").as_uri() + f"?q={word}")
    page.locator("#search-results li a").first.wait_for(timeout=30_000)
    assert page.locator("#search-results li a").count() >= 1
    assert page.locator("#find").input_value() == word
    page.close()


@needs_chromium
@pytest.mark.parametrize("language, word", [("en", "deadlock"), ("ru", "гонка")])
def test_the_search_says_what_to_do_and_does_it(browser, language, word):
    page = browser.new_page()
    page.goto((SITE / language / "search.html").as_uri())
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator("label[for=find]").inner_text().strip()
    page.screenshot(path=SHOTS / f"search-{language}.png")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for(timeout=30_000)
    page.close()


@needs_chromium
def test_the_switch_of_languages_keeps_the_page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((SITE / "en/03_threading.html").as_uri())
    page.locator(".language a").click()
    page.wait_for_url("**/ru/03_threading.html")
    assert page.locator("html").get_attribute("lang") == "ru"
    page.close()
