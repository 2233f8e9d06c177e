"""What a student sees: JupyterLab in a real browser, judged by its pixels."""

import nbformat
import pytest
from browser import CHROMIUM, CODE, Lab, Page, chromium
from conftest import CACHE, NOTEBOOKS, ROOT, until
from nbformat.sign import NotebookNotary

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; `make setup-browser` installs it on Debian"
)

LECTURE = "08_concurrency_parallelism.ipynb"
DRAW = 'record(|rec| { for _ in 0..3 { rec.span("ann", || busy(ms(5))); } })'


LIVE = """use std::thread;
record_live("Two at work", |rec| thread::scope(|s| for name in ["ann", "bob"] {
    s.spawn(move || for _ in 0..12 { rec.wait(name, || wait(ms(200))) });
}));"""
BAR = 'Speedup::measure("naps", [1, 2], |_| wait(ms(300))).map(|s| s.points.len())'
# Four pictures behind a slider, as a cell stores them; a test of the library keeps it so.
SLIDER = ROOT / "crate/potok-chart/src/each/slider.html"
# What `explore` shows of a lost update, kept in the same way.
STEPS = ROOT / "crate/potok-explore/src/picture/stepper/lost_update.html"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("light"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def dark_lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("dark"), theme="JupyterLab Dark")
    yield lab
    lab.close()


@pytest.fixture
def open_page(browser):
    """Opens notebooks; their kernels end with the test."""
    opened = []

    def open_page(lab: Lab, name: str) -> Page:
        opened.append(Page(browser, lab, name))
        return opened[-1]

    yield open_page
    for each in opened:
        if each.page.is_closed():
            continue
        each.page.close()
        for kernel in each.lab.api("kernels"):
            each.lab.api(f"kernels/{kernel['id']}", "DELETE")


def test_a_lecture_notebook_runs_and_its_pictures_are_seen(lab, open_page):
    page = open_page(lab, lab.copy(LECTURE))
    page.ready()
    page.menu("Run", "Run All Cells")
    prompts = page.wait_for_runs()
    notebook = nbformat.read(NOTEBOOKS / LECTURE, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    first = int(prompts[0])  # evcxr counts from 2
    assert prompts == [str(first + n) for n in range(len(code))]

    promised = sum("picture" in cell.metadata.get("tags", []) for cell in code)
    pictures = page.pictures()
    assert len(pictures) >= promised
    for number, picture in enumerate(pictures):
        colours = page.colours(picture, f"light-{number}")
        assert len(colours.counts) > 8, f"picture {number} has only {colours.counts}"
        assert 0.02 < colours.drawn() < 0.9, f"picture {number}: {colours.drawn():.2f}"
        assert colours.contrast() >= 4.5, f"picture {number}: {colours.contrast():.1f}"
        assert picture.get_attribute("alt"), "a picture says in words what it shows"
    page.shot("light")


def test_pictures_and_text_are_readable_on_a_dark_page(dark_lab, open_page):
    page = open_page(dark_lab, dark_lab.add("dark.ipynb", DRAW, "1 + 1", "let x: u8 = 300;"))
    page.ready()
    page.menu("Run", "Run All Cells")
    page.wait_for_runs()
    page.shot("dark")
    whole = page.colours(page.page.locator(".jp-Notebook").first)
    assert max(whole.ground >> 16, whole.ground & 255) < 64, "the page is dark"
    [picture] = page.pictures()
    for what, part in {
        "picture": picture,
        "value": page.output(1),
        "error": page.output(2),
    }.items():
        contrast = page.colours(part, f"dark-{what}").contrast()
        assert contrast >= 4.5, f"{what}: {contrast:.1f}"


def test_an_error_is_shown_as_an_error_and_stops_the_run(lab, open_page):
    cells = ["let one = 1;", 'let n: u32 = "seven";', 'println!("not reached");']
    page = open_page(lab, lab.add("error.ipynb", *cells))
    page.ready()
    page.menu("Run", "Run All Cells")
    assert page.wait_for_runs()[2] == "", "the cell after the error has not run"
    error = page.output(1).locator('[data-mime-type="application/vnd.jupyter.stderr"]')
    assert "mismatched types" in error.inner_text()
    page.shot("error")
    # JupyterLab paints errors on a ground of its own.
    good, bad = page.colours(page.page.locator(CODE).nth(0)), page.colours(error, "error-cell")
    assert bad.ground != good.ground
    assert bad.contrast() >= 4.5


def test_an_error_that_was_promised_lets_the_run_go_on(lab, open_page, tmp_path):
    go = tmp_path / "go"
    waits = (
        f'println!("waits"); let go = std::path::Path::new("{go}");\n'
        "(0..3_000).take_while(|_| !go.exists()).for_each(|_| wait(ms(20)));"
    )
    cells = ["();", 'let n: u32 = "seven";', waits, 'println!("reached");']
    page = open_page(lab, lab.add("promised.ipynb", *cells, promises=1))
    page.ready()
    page.menu("Run", "Run All Cells")
    page.output(2).get_by_text("waits").wait_for(timeout=120_000)
    assert page.prompts()[1] not in ("", "*") and page.prompts()[2:] == ["*", "*"]
    page.shot("promised")
    go.touch()
    assert "" not in page.wait_for_runs()
    assert "mismatched types" in page.output(1).inner_text()
    assert page.output(3).inner_text().strip() == "reached"


def test_the_keyboard_alone_suffices(lab, open_page):
    name = lab.add("keys.ipynb", "let n = 20;", "let twice = n * 2;", "twice + 2", DRAW)
    page = open_page(lab, name)
    page.ready()
    keys = page.page.keyboard
    for turn in range(4):
        keys.press("Shift+Enter")
        assert page.wait_for_runs()[turn], "the cell has run, and the next is chosen"
    assert page.output(2).inner_text().endswith("42")
    assert page.colours(page.pictures()[0], "keys").drawn() > 0.02
    # A cell of one's own: typed below, run, and removed again with the keys.
    keys.press("Escape")
    keys.press("b")
    keys.press("Enter")
    keys.type("n + 1")
    keys.press("Control+Enter")
    page.page.wait_for_function(
        f"() => [...document.querySelectorAll('{CODE} .jp-OutputArea-output')]"
        ".some(output => output.textContent.trim() === '21')"
    )


def test_a_timeline_is_seen_growing_while_its_cell_runs(lab, open_page):
    page = open_page(lab, lab.add("live.ipynb", "();", LIVE))
    page.ready()
    page.menu("Run", "Run All Cells")
    picture = page.page.locator(f"{CODE} .jp-OutputArea img")
    picture.first.wait_for(timeout=120_000)
    seen = []
    while "*" in page.prompts():
        colours = page.look(picture.first)
        if colours and (not seen or colours.counts != seen[-1].counts):
            seen.append(colours)
    assert len(seen) >= 3, f"{len(seen)} different pictures were seen during the cell"
    assert page.wait_for_runs()[-1]
    assert len(page.pictures()) == 1, "one picture, not one for each frame"
    assert page.colours(picture.first, "live").drawn() > 0.02


def test_a_progress_bar_moves_and_is_gone_afterwards(lab, open_page):
    page = open_page(lab, lab.add("bar.ipynb", "();", BAR))
    page.ready()
    page.menu("Run", "Run All Cells")
    bar = page.page.locator(f"{CODE} progress")
    bar.first.wait_for(timeout=120_000)
    seen = set()
    while "*" in page.prompts():
        seen.update(
            page.page.eval_on_selector_all(
                f"{CODE} progress", "bars => bars.map(bar => bar.value / bar.max)"
            )
        )
    assert len(seen) >= 3, seen
    assert bar.count() == 0
    assert page.output(1).inner_text().strip().endswith("2)")


def with_stored(lab, name, output, trusted):
    """A notebook with a stored output, as its owner or as somebody else opens it."""
    lab.add(name, "();", "1 + 1")
    notebook = nbformat.read(lab.root / name, as_version=4)
    html = output.read_text(encoding="utf-8")
    data = {"text/html": html, "text/plain": "as text"}
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data=data)]
    nbformat.write(notebook, lab.root / name)
    if trusted:
        notary = NotebookNotary(data_dir=str(lab.root.parent / "data"))
        notary.sign(nbformat.read(lab.root / name, as_version=4))
    return name


def seen(output):
    """The titles of the pictures that are seen."""
    pictures = [picture for picture in output.locator("img").all() if picture.is_visible()]
    return [picture.get_attribute("alt").split(".")[0] for picture in pictures]


@pytest.mark.parametrize("theme", ["lab", "dark_lab"])
def test_a_slider_is_turned_by_keyboard(theme, open_page, request):
    lab = request.getfixturevalue(theme)
    page = open_page(lab, with_stored(lab, "slider.ipynb", SLIDER, trusted=True))
    output, keys = page.output(0), page.page.keyboard
    slider = output.get_by_role("slider", name="machines")
    slider.wait_for()
    assert seen(output) == ["machines: 1"]
    page.page.locator(CODE).nth(1).wait_for()  # JupyterLab draws the second cell when it can.
    cells = page.page.locator(CODE).count()
    slider.focus()
    # The last two are commands of the notebook, and here are not.
    turns = [("ArrowRight", 2), ("ArrowUp", 3), ("ArrowLeft", 2), ("End", 4), ("j", 4), ("a", 4)]
    for key, machines in turns:
        keys.press(key)
        assert output.locator("output").inner_text() == str(machines)
        assert slider.get_attribute("aria-valuetext") == str(machines)
        assert seen(output) == [f"machines: {machines}"]
        assert slider.evaluate("slider => slider === document.activeElement")
    assert page.page.locator(CODE).count() == cells
    assert page.colours(output, f"slider-{theme}").contrast() >= 4.5


def test_a_slider_that_is_not_trusted_is_three_pictures(lab, open_page):
    page = open_page(lab, with_stored(lab, "theirs.ipynb", SLIDER, trusted=False))
    output = page.output(0)
    output.locator("img").first.wait_for()
    assert seen(output) == ["machines: 1", "machines: 2", "machines: 4"]
    assert output.locator("input").count() == 0
    assert output.locator("summary").last.inner_text() == "machines: 3"
    page.colours(output, "slider-untrusted")


class Steps:
    """The explorer below a cell, stepped by hand."""

    def __init__(self, part):
        self.part = part
        self.told = part.get_by_role("status")
        self.string = part.get_by_label("schedule")

    def button(self, name):
        return self.part.get_by_role("button", name=name, exact=True)

    def able(self):
        """The threads that can go on, and their steps."""
        buttons = self.part.locator("button[aria-label]:enabled").all()
        return [button.get_attribute("aria-label") for button in buttons]

    def rows(self):
        rows = self.part.locator("tbody tr").all()
        cells = [row.locator("th, td").all_inner_texts() for row in rows]
        return [[cell for cell in row if cell] for row in cells]


@pytest.mark.parametrize("theme", ["lab", "dark_lab"])
def test_the_lost_update_is_found_by_clicking(theme, open_page, request):
    lab = request.getfixturevalue(theme)
    page = open_page(lab, with_stored(lab, "steps.ipynb", STEPS, trusted=True))
    output = page.output(0)
    steps = Steps(output)
    output.get_by_text("Step by hand", exact=True).click()
    assert steps.told.inner_text().strip() == "Choose the next thread. · counter: 0"
    assert steps.able() == ["thread 1: counter.load", "thread 2: counter.load"]
    assert steps.button("One step back").is_disabled()

    steps.button("thread 1: counter.load").click()
    assert steps.told.inner_text().startswith("1. thread 1: counter.load → 0 · counter: 0")
    steps.button("thread 1: counter.store").click()
    assert steps.told.inner_text().startswith("2. thread 1: counter.store 1 · counter: 1")
    # From here on nothing can be lost any more: take it back.
    steps.button("One step back").click()
    steps.button("thread 2: counter.load").click()
    wrong = "◀ from here on every tried order goes wrong"
    assert steps.rows() == [
        ["start", "0"],
        ["1", "counter.load → 0", "0"],
        ["2", "counter.load → 0", "0", wrong],
    ]
    steps.button("thread 2: counter.store").click()
    assert steps.able() == ["thread 1: counter.store"]
    steps.button("thread 1: counter.store").click()
    assert steps.able() == []
    assert steps.told.locator("strong").inner_text() == "Returned 1 · surprising"
    assert steps.told.inner_text().startswith("4. thread 1: counter.store 1 · counter: 1")
    assert steps.string.input_value() == "1221"
    assert page.colours(output.locator("details").last, f"steps-{theme}").contrast() >= 4.5

    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    steps.button("Copy").click()
    assert steps.told.inner_text() == "Copied: 1221"
    assert page.page.evaluate("navigator.clipboard.readText()") == "1221"
    steps.button("To the start").click()
    assert (steps.string.input_value(), len(steps.able())) == ("", 2)


def test_the_explorer_is_stepped_by_keyboard(lab, open_page):
    page = open_page(lab, with_stored(lab, "keys.ipynb", STEPS, trusted=True))
    keys, steps = page.page.keyboard, Steps(page.output(0))
    page.page.locator(CODE).nth(1).wait_for()
    cells = page.page.locator(CODE).count()
    page.output(0).get_by_text("Step by hand", exact=True).focus()
    keys.press("Enter")
    steps.told.wait_for()
    focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    seen = []
    # Each step leaves the focus on the thread that took it, as long as it can go on.
    for key in ["Tab", "Enter", "Tab", "Space", "Enter", "Enter"]:
        keys.press(key)
        seen.append(page.page.evaluate(focused))
    assert seen == [
        "thread 1: counter.load",
        "thread 1: counter.store",
        "thread 2: counter.load",
        "thread 2: counter.store",
        "thread 1: counter.store",
        "One step back",
    ]
    assert steps.string.input_value() == "1221"
    # These are commands of the notebook, and here are not.
    for key in ["a", "j", "d", "d"]:
        keys.press(key)
    assert page.page.locator(CODE).count() == cells
    assert page.page.evaluate(focused) == "One step back"
    steps.part.get_by_role("group", name="Steps taken").focus()
    assert page.page.evaluate(focused) == "Steps taken"


def test_an_explorer_that_is_not_trusted_is_its_pictures(lab, open_page):
    page = open_page(lab, with_stored(lab, "other.ipynb", STEPS, trusted=False))
    output = page.output(0)
    output.locator("img").first.wait_for()
    assert len(seen(output)) == 2
    assert output.locator("button").count() == 0
    assert output.get_by_text("Step by hand").count() == 0
    page.colours(output, "steps-untrusted")


def test_restart_adopts_a_spare(open_page, tmp_path):
    lab = Lab(tmp_path / "spare", POTOK_SPARE="10")
    try:
        page = open_page(lab, lab.add("restart.ipynb", "1 + 41", "2 + 40"))
        page.ready()
        page.menu("Run", "Run All Cells")
        page.wait_for_runs()
        note = CACHE / "spare/note"
        assert until(note.exists, 60), "a spare waits"
        keys = page.page.keyboard
        keys.press("Escape")
        keys.press("0")
        keys.press("0")
        page.page.locator(".jp-Dialog .jp-mod-accept").click()
        assert until(lambda: not note.exists(), 60), "it is adopted"
        page.ready()
        page.menu("Run", "Run All Cells")
        page.wait_for_runs()
        assert page.output(1).inner_text().strip().endswith("42")
        page.page.close()
    finally:
        lab.close()
        assert until(lambda: not (CACHE / "spare/note").exists(), 30)
