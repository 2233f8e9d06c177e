"""Runs notebooks in the real Rust kernel.

    lecture.py [--ru] [--store] [--figures DIR] [NOTEBOOK...]

A notebook is a path, or how its name begins: `05`, `ru/05`. Without one, all of the English
edition run; with --ru, all of the Russian one.

Executed notebooks and HTML pages go to build/lecture. With --store the outputs are also
kept in the notebooks themselves, without this machine's paths, if they bear out what the
text says of them (claims.py). If not, the notebook is run again at a quieter moment, and
after three runs the old outputs stay. With --figures, the picture of each cell tagged
`figure-NAME` is written to DIR/NAME.svg.
"""

import argparse
import contextlib
import os
import re
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import claims
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from private import AsyncPrivateKernelManager

NOTEBOOKS = Path(__file__).resolve().parents[1]
ROOT = NOTEBOOKS.parent
LECTURE = ROOT / "build" / "lecture"
RUNS = 3
QUIET = 60


def lecture(edition: str = "en") -> list[Path]:
    """The lecture's notebooks in a language, in order."""
    return sorted((NOTEBOOKS / ("" if edition == "en" else edition)).glob("0*.ipynb"))


def edition(path: Path) -> str:
    """The language of a notebook."""
    return "ru" if path.parent.name == "ru" else "en"


def name(path: Path) -> str:
    """As it is asked for: `05_processes.ipynb`, `ru/05_processes.ipynb`."""
    return f"ru/{path.name}" if edition(path) == "ru" else path.name


def named(name: str) -> list[Path]:
    """The notebooks of this path, or whose names begin with it."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.exists():
        return [path.resolve()]
    found = sorted(NOTEBOOKS.glob(f"{name.removesuffix('.ipynb')}*.ipynb"))
    if not found:
        raise SystemExit(f"lecture: there is no notebook {name}; try 05, or ru/05")
    return found


@contextlib.contextmanager
def speaking(edition: str):
    """The kernel speaks the notebook's language, not the machine's.

    It finds out by itself where a notebook is Russian; no word of ours shall help it.
    """
    before = os.environ.pop("POTOK_LANG", None)
    if edition == "en":
        os.environ["POTOK_LANG"] = "en"
    try:
        yield
    finally:
        os.environ.pop("POTOK_LANG", None)
        if before is not None:
            os.environ["POTOK_LANG"] = before


def run(path: Path, started=lambda kernel: None) -> nbformat.NotebookNode:
    """Executes a notebook in its own directory and returns it with its outputs.

    `started` is called with the kernel's manager before the first cell.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        startup_timeout=300,
        kernel_name="rust",
        kernel_manager_class=AsyncPrivateKernelManager,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    with speaking(edition(path)), client.setup_kernel():
        started(client.km)
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError:
                raise RuntimeError(failure(cell)) from None
    return scrub(notebook)


def quiet(seconds: float = QUIET) -> None:
    """Waits until half of the cores are idle, but not longer than `seconds`."""
    end = time.monotonic() + seconds
    while os.getloadavg()[0] > (os.cpu_count() or 1) / 2 and time.monotonic() < end:
        time.sleep(1)


def run_to_keep(path: Path, run=run, quiet=quiet) -> tuple[nbformat.NotebookNode, list[str]]:
    """Runs a notebook until its outputs bear out its text, and says what they do not."""
    for attempt in range(RUNS):
        quiet()
        notebook = run(path)
        unmet = claims.unmet(path, notebook)
        if not unmet:
            break
        for line in unmet:
            print(f"{name(path)}, run {attempt + 1}: {line}", file=sys.stderr)
    return notebook, unmet


def left_out(cell) -> bool:
    """Whether a cell said that what it needs is more than `make setup` installs."""
    return any(output.get("text", "").startswith("skipped") for output in cell.outputs)


def keep_left_out(notebook: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> None:
    """A cell that this machine left out keeps the outputs of its last real run."""
    last = {cell.id: cell for cell in stored.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and left_out(cell) and cell.id in last:
            cell.outputs = last[cell.id].outputs


def failure(cell) -> str:
    """What went wrong in a cell. evcxr's reply does not say; the cell's output does."""
    lines = ["a cell failed:", *("    " + line for line in cell.source.splitlines())]
    for output in cell.outputs:
        if output.output_type == "error":
            lines.append(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback)))
    return "\n".join(lines)


def scrub(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Takes this machine's paths out of the outputs, and numbers the cells from 1."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "potok"
    places = [
        (re.escape(str(cache)) + r"/sessions/[^/\s]+/crate", "cell"),
        (re.escape(str(ROOT)), "potok"),
        (re.escape(str(Path.home())) + r"(?=[/\s\"']|$)", "~"),
    ]

    def clean(value):
        if isinstance(value, str):
            for pattern, name in places:
                value = re.sub(pattern, name, value)
            return value
        if isinstance(value, list):
            return [clean(item) for item in value]
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items()}
        return value

    count = 0
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        # A bar of progress ends as a picture of nothing.
        shown = lambda output: output.get("data") is None or any(output.data.values())
        cell.outputs = list(filter(shown, cell.outputs))
        for output in cell.outputs:
            for key, value in list(output.items()):
                output[key] = nbformat.from_dict(clean(value))
            if "execution_count" in output:
                output.execution_count = count
    return notebook


def pictures(cell) -> list[str]:
    """The SVG documents among a cell's outputs."""
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/svg+xml" in data:
            found.append(data["image/svg+xml"])
        html = data.get("text/html", "")
        sources = re.findall(r'src="data:image/svg\+xml[^,"]*,([^"]*)"', html)
        found += [unquote(source) for source in sources]
    return found


def save_figures(notebook: nbformat.NotebookNode, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("figure-") and pictures(cell):
                figure = directory / f"{tag.removeprefix('figure-')}.svg"
                figure.write_text(pictures(cell)[0])
                print("drawn", figure.relative_to(ROOT))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--store", action="store_true", help="keep outputs in the notebooks")
    parser.add_argument("--figures", type=Path, metavar="DIR", help="write tagged pictures")
    parser.add_argument("--ru", action="store_true", help="the Russian edition")
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK")
    options = parser.parse_args()
    # Nothing shall be compiled beside what is measured.
    os.environ["POTOK_SPARE"] = "0"
    failed = 0
    paths = [path for name in options.notebooks for path in named(name)]
    for path in paths or lecture("ru" if options.ru else "en"):
        start = time.monotonic()
        try:
            notebook, unmet = run_to_keep(path) if options.store else (run(path), [])
        except (RuntimeError, TimeoutError) as error:
            print(f"{name(path)}: {error}", file=sys.stderr)
            failed += 1
            continue
        done = LECTURE / ("ru" if edition(path) == "ru" else "") / path.name
        done.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, done)
        page, _ = HTMLExporter().from_notebook_node(notebook)
        done.with_suffix(".html").write_text(page)
        if unmet:
            print(f"{name(path)}: the old outputs stay", file=sys.stderr)
            failed += 1
            continue
        if options.store:
            keep_left_out(notebook, nbformat.read(path, as_version=4))
            nbformat.write(scrub(notebook), path)
        if options.figures:
            save_figures(notebook, options.figures.resolve())
        seconds = time.monotonic() - start
        print(f"{name(path)}: {seconds:.0f} s, {done.with_suffix('.html').relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
