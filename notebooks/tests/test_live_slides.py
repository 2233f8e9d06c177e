"""Live slides: a cell is run, changed and run again where a class sees its answer."""

import live
import nbformat
import pytest
import slides
from browser import CHROMIUM, Lab, chromium

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; `make setup-browser` installs it on Debian"
)
SLIDE = "section.present section.present"
RUN = "threads::orders"
# At 1280 × 720: the smallest letters of texts, and of code and of what it shows.
LEAST = {".jp-RenderedMarkdown :is(p, li)": 20, ".cm-content": 17, "pre": 17}
# Shown, and not a fragment that waits for its turn.
SEEN = """cell => {
    const fragment = cell.closest(".fragment");
    return cell.closest("section.present section.present") !== null &&
        (fragment === null || fragment.classList.contains("visible"));
}"""
SMALL = """least => Object.entries(least).flatMap(([kind, size]) =>
    [...document.querySelectorAll(kind)].filter(e => e.getClientRects().length)
        .map(e => [kind, parseFloat(getComputedStyle(e).fontSize)])
        .filter(([_, there]) => there < size))"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    # As a user has it who chose no language: a notebook in `ru` speaks Russian.
    lab = Lab(tmp_path_factory.mktemp("live"), slides="03", POTOK_LANG="", LC_ALL="C.UTF-8")
    yield lab
    lab.close()


@needs_chromium
@pytest.mark.parametrize(
    "path, said",
    [
        ("03_threading.ipynb", "Who finished first?"),
        ("ru/03_threading.ipynb", "Кто закончил первым?"),
    ],
    ids=["en", "ru"],
)
def test_a_cell_is_run_and_changed_on_its_slide(lab, path, said):
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(60_000)
        page.goto(f"{lab.url}rise/{path}?token={lab.token}")
        page.wait_for_selector(".reveal.ready")
        assert page.evaluate(SMALL, LEAST) == []

        def run(cell, before=""):
            page.keyboard.press("Shift+Enter")
            prompt = cell.locator(".jp-InputPrompt").element_handle()
            page.wait_for_function(
                "([prompt, before]) => /\\d/.test(prompt.textContent) &&"
                " prompt.textContent !== before && !/\\*/.test(prompt.textContent)",
                arg=[prompt, before],
                # The first one waits until the kernel has started.
                timeout=300_000,
            )

        # The set-up cell is on the first slide, since the others need it.
        setup = page.locator(f"{SLIDE} .jp-CodeCell").first
        setup.locator(".cm-content").click()
        run(setup)
        cell = page.locator(".jp-CodeCell", has_text=RUN)
        for _ in range(80):
            if cell.evaluate(SEEN):
                break
            assert cell.locator("img").count() == 0, "no answer before the cell is run"
            page.keyboard.press("Space")
            page.wait_for_timeout(200)
        page.wait_for_selector(f"{SLIDE} .jp-CodeCell.jp-mod-active")
        here = page.locator(SLIDE).get_attribute("id")
        run(cell)
        picture = cell.locator("img")
        assert picture.get_attribute("alt").startswith(said)
        place = picture.bounding_box()
        assert place["x"] >= 0 and place["x"] + place["width"] <= 1280
        assert place["y"] >= 0 and place["y"] + place["height"] <= 720

        before = cell.locator(".jp-InputPrompt").inner_text()
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type(f'{RUN}(7, ["ann", "bob"], || ())')
        run(cell, before)
        assert "7" in picture.get_attribute("alt").split(".")[0]
        assert page.locator(SLIDE).get_attribute("id") == here, "the slide stays"
        assert page.evaluate(SMALL, LEAST) == []
        page.screenshot(path=slides.SLIDES.parent / f"live-{path[:2]}.png")


def test_nothing_is_answered_before_it_is_run():
    for language, path in slides.decks():
        notebook = nbformat.read(path, as_version=4)
        shown = list(live.cells_of(notebook))
        assert shown[0].cell_type == "markdown" and shown[1].source.startswith(":dep potok")
        assert shown[1].metadata.slideshow.slide_type == "-", "on the first slide"
        code = [cell for cell in shown if cell.cell_type == "code"]
        assert not any(cell.outputs for cell in code)
        written = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert [cell.source for cell in code] == written, (language, path.name)
        names = [cell.id for cell in shown]
        assert len(names) == len(set(names))
        asked = [cell for cell in shown if slides.PREDICT.match(cell.source)]
        assert asked and all(cell.metadata.slideshow.slide_type != "-" for cell in asked[1:])


def test_the_lecture_itself_is_not_touched():
    before = {path: path.stat().st_mtime_ns for _, path in slides.decks()}
    place = live.write()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert (place / "ru" / "03_threading.ipynb").exists()
    assert (place / "../crate/potok/Cargo.toml").exists()
    assert (place / "../README.md").exists() and (place / "ru" / "labels.tsv").exists()
    assert (place / "rise.css").read_text("utf-8") == live.CSS.read_text("utf-8")
