"""JupyterLab as a student sees it: the real one, in Chromium, over a copy of the notebooks.

Pixels are counted in the browser itself, from the screenshots that it takes.
"""

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
from conftest import NOTEBOOKS, ROOT, until
from private import runtime

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser"])), None)
SHOTS = ROOT / "build" / "browser"
CELL = ".jp-Notebook .jp-Cell"
CODE = ".jp-Notebook .jp-CodeCell"

# Nothing but the page under test: no first-run tour, no calls home, no accounts.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
]

# Counts the colours of a picture that the browser decodes.
COUNT = """async data => {
    const picture = await createImageBitmap(await (await fetch(data)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const bytes = pen.getImageData(0, 0, picture.width, picture.height).data;
    const counts = {};
    for (let at = 0; at < bytes.length; at += 4) {
        const colour = bytes[at] << 16 | bytes[at + 1] << 8 | bytes[at + 2];
        counts[colour] = (counts[colour] || 0) + 1;
    }
    return counts;
}"""


class Colours:
    """How many pixels of each colour a picture has."""

    def __init__(self, counts: dict[str, int]):
        self.counts = {int(colour): count for colour, count in counts.items()}
        self.total = sum(self.counts.values())
        self.ground = max(self.counts, key=self.counts.get)

    def drawn(self) -> float:
        """The share of the picture that is not its background."""
        return 1 - self.counts[self.ground] / self.total

    def contrast(self, share: float = 0.002) -> float:
        """The contrast (WCAG) of the background with what stands out most.

        A colour counts if at least this share of the pixels stand out as much.
        """
        ratios = sorted(
            ((ratio(colour, self.ground), count) for colour, count in self.counts.items()),
            reverse=True,
        )
        seen = 0
        for contrast, count in ratios:
            seen += count
            if seen >= share * self.total:
                return contrast
        return 1.0


def ratio(one: int, other: int) -> float:
    """The contrast of two colours, 1 to 21, as WCAG defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: int) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = colour >> 16, colour >> 8 & 255, colour & 255
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


class Lab:
    """A JupyterLab server on this machine, started as `make lab` starts it."""

    def __init__(
        self, directory: Path, theme: str = "JupyterLab Light", slides: str = "", **env: str
    ):
        self.root = directory / "notebooks"
        self.root.mkdir(parents=True)
        # The notebooks' set-up cell says `../crate/potok`.
        (directory / "crate").symlink_to(ROOT / "crate")
        settings = directory / "config/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        chosen = json.dumps({"theme": theme})
        (settings / "themes.jupyterlab-settings").write_text(chosen)
        self.runtime = runtime(directory / "runtime")
        self.token = secrets.token_hex(16)
        self.log = directory / "log"
        # Slides are opened in a directory of their own, by the name of a notebook.
        opened = ["--slides", slides] if slides else [f"--ServerApp.root_dir={self.root}"]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    NOTEBOOKS / "tools/lab.py",
                    *opened,
                    "--no-browser",
                    "--ServerApp.port=0",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={
                    **os.environ,
                    "JUPYTER_CONFIG_DIR": str(directory / "config"),
                    "JUPYTER_DATA_DIR": str(directory / "data"),
                    "JUPYTER_RUNTIME_DIR": str(self.runtime),
                    "JUPYTER_TOKEN": self.token,
                    **env,
                },
            )
        info = self.runtime / f"jpserver-{self.process.pid}.json"
        ready = lambda: info.exists() and info.read_text()
        assert until(lambda: ready() or self.process.poll() is not None, 60)
        assert ready(), self.log.read_text()
        self.url = json.loads(info.read_text())["url"]
        assert self.url.startswith("http://127.0.0.1:"), self.url

    def add(self, name: str, *cells: str, promises: int | None = None) -> str:
        """A new notebook with these code cells; one of them may promise an error."""
        notebook = nbformat.v4.new_notebook()
        kernelspec = {"name": "rust", "display_name": "Rust (potok)", "language": "rust"}
        notebook.metadata.kernelspec = kernelspec
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        if promises is not None:
            notebook.cells[promises].metadata.tags = ["raises-exception"]
        nbformat.write(notebook, self.root / name)
        return name

    def copy(self, name: str) -> str:
        """A lecture notebook without the outputs of its last run."""
        notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, self.root / name)
        return name

    def api(self, path: str, method: str = "GET"):
        """An answer of Jupyter's own interface."""
        request = urllib.request.Request(
            f"{self.url}api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def close(self) -> None:
        """Ends the server and, through it, its kernels."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def chromium():
    """A browser with a profile of its own, gone afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Page:
    """A notebook, open in JupyterLab."""

    def __init__(self, browser, lab: Lab, name: str):
        self.lab, self.name = lab, name
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(60_000)
        self.page.goto(f"{lab.url}lab/tree/{name}?reset&token={lab.token}")
        self.page.wait_for_selector(CODE)

    def ready(self, seconds: float = 120) -> None:
        """Waits until the kernel has answered."""
        idle = self.page.get_by_text("Rust (potok) | Idle")
        idle.wait_for(timeout=seconds * 1000)

    def menu(self, *entries: str) -> None:
        bar, *rest = entries
        self.page.locator(".lm-MenuBar-itemLabel", has_text=bar).first.click()
        for entry in rest:
            self.page.locator(f'.lm-Menu-itemLabel:text-is("{entry}")').last.click()

    def prompts(self) -> list[str]:
        """The number of each cell's run, `*` while it waits or runs, nothing before."""
        return self.page.eval_on_selector_all(
            f"{CODE} .jp-InputPrompt",
            "prompts => prompts.map(prompt => prompt.textContent.replace(/[^0-9*]/g, ''))",
        )

    def wait_for_runs(self, seconds: float = 120) -> list[str]:
        """Waits until no cell waits or runs; the prompts then."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            prompts = self.prompts()
            if "*" not in prompts and any(prompts):
                return prompts
            self.page.wait_for_timeout(100)
        raise AssertionError(f"still running after {seconds} s: {self.prompts()}")

    def output(self, index: int):
        """What stands below the code cell with this index."""
        return self.page.locator(CODE).nth(index).locator(".jp-Cell-outputWrapper")

    def pictures(self):
        """The pictures on the page. Of those behind a slider, one is seen."""
        pictures = self.page.locator(f"{CODE} .jp-OutputArea img").all()
        return [picture for picture in pictures if picture.is_visible()]

    def colours(self, locator, name: str | None = None) -> Colours:
        """The pixels of a part of the page, as they are seen."""
        locator.scroll_into_view_if_needed()
        # The browser decodes a picture after it has laid out the page.
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-OutputArea img')]"
            ".every(picture => picture.complete)"
        )
        return self.count(locator.screenshot(), name)

    def look(self, locator) -> Colours | None:
        """The same while a cell runs: nothing, if the picture was just being replaced."""
        try:
            return self.count(locator.screenshot(timeout=2_000))
        except Exception as error:
            if type(error).__name__ not in ("TimeoutError", "Error"):
                raise
            return None

    def count(self, picture: bytes, name: str | None = None) -> Colours:
        if name:
            SHOTS.mkdir(parents=True, exist_ok=True)
            (SHOTS / f"{name}.png").write_bytes(picture)
        data = "data:image/png;base64," + base64.b64encode(picture).decode()
        return Colours(self.page.evaluate(COUNT, data))

    def shot(self, name: str) -> None:
        """Keeps what is seen of the page in build/browser."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")
