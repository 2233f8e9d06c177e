"""Each notebook of the lecture runs from top to bottom in the real kernel.

Its cells are compiled twice, with cargo and without: both are to come to the same."""

import json
import os
import re
import time

import lecture
import pytest
from conftest import ROOT, processes, sessions, until

SECONDS = 90
# Half of it is the cluster's: Java that starts, here and there.
WITH_CLUSTER = 180


def limit(notebook) -> float:
    """How long it may take, a cold kernel included: longer where others compute as well."""
    installed = (ROOT / "build" / "spark" / "bin" / "python").exists()
    uses = any("Cluster::up" in cell.source for cell in notebook.cells)
    share = max(1.0, os.getloadavg()[0] / os.cpu_count())
    return share * (WITH_CLUSTER if installed and uses else SECONDS)


# One of the Russian edition: its cells are those of the English one, byte for byte.
RUSSIAN = lecture.lecture("ru")[1]


def test_a_russian_notebook_has_russian_pictures():
    notebook = lecture.run(RUSSIAN)
    drawn = [cell for cell in notebook.cells if "picture" in cell.metadata.get("tags", [])]
    assert len(drawn) > 3
    for cell in drawn:
        texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        pages = [output.get("data", {}).get("text/html", "") for output in cell.outputs]
        assert any(re.search("[а-яё]{3}", text) for text in texts), cell.source
        # A title that stands in the code is English there, and Russian on the picture.
        titles = [text.splitlines()[0] for text in texts if text.strip()]
        assert all(re.search("[а-яё]{3}", title) for title in titles), titles
        assert any("<summary>В цифрах</summary>" in page for page in pages), cell.source
        assert "In numbers" not in "".join(pages)


@pytest.mark.parametrize("path", lecture.lecture(), ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    log = tmp_path / "replay.log"
    monkeypatch.setenv("POTOK_REPLAY", "compare")
    monkeypatch.setenv("POTOK_REPLAY_LOG", str(log))
    kernels = []
    start = time.monotonic()
    notebook = lecture.run(path, lambda kernel: kernels.append(kernel.provisioner.pid))
    seconds = time.monotonic() - start

    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.get("tags", [])
        errors = [output.ename for output in cell.outputs if output.output_type == "error"]
        refused = ["CompileError"] if "raises-exception" in tags else []
        assert errors == refused, cell.source
        for output in cell.outputs:
            if "stderr" not in tags:  # a cell may be about what a panic prints
                assert output.get("name") != "stderr", f"{cell.source}\n{output.text}"
        if "picture" in tags:
            assert lecture.pictures(cell), f"no picture:\n{cell.source}\n{cell.outputs}"
            texts = [output.get("data", {}).get("text/plain") for output in cell.outputs]
            assert any(texts), f"no text form:\n{cell.source}"

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    compared = [line["compared"] for line in lines if "compared" in line]
    assert compared and set(compared) == {"same"}, lines

    assert until(lambda: not processes(kernels[0])), processes(kernels[0])
    # A session is named after its kernel; other kernels on the machine have theirs.
    mine = lambda: [name for name in sessions() if name.startswith(f"{kernels[0]}-")]
    assert until(lambda: not mine()), mine()
    assert seconds <= limit(notebook), f"{path.name} took {seconds:.0f} s"
