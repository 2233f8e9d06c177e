"""What is handed in: whose it is whatever it is called, and that none of it stops the rest."""

import io
import json
import sys
import tarfile
import tracemalloc
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from conftest import NOTEBOOKS

sys.path.insert(0, str(NOTEBOOKS / "homework" / "tools"))

import cells  # noqa: E402
import handed_in  # noqa: E402


def zipped(**files: bytes | str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as content:
        for name, text in files.items():
            content.writestr(name, text)
    return made.getvalue()


def found(folder: Path) -> dict[tuple[str, str], bytes]:
    return {(each.student, each.homework): each.content for each in handed_in.everything(folder)}


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("alice_hw1.ipynb", "alice"),
        ("alice/hw1.ipynb", "alice"),
        ("alice/hw1/hw1.ipynb", "alice"),
        ("Jane Doe_123_assignsubmission_file_hw1.ipynb", "Jane Doe"),
        ("doejane_LATE_4711_99_hw1-2.ipynb", "doejane"),
        # In a folder that is a student's, she chooses the names.
        ("Jane Doe_123_assignsubmission_file_/bob_hw1.ipynb", "Jane Doe"),
        ("alice/hw1/bob_hw1.ipynb", None),
        ("hw1.ipynb", None),
        (".._123_assignsubmission_file_/hw1.ipynb", None),
        ("../hw1.ipynb", None),
    ],
)
def test_a_path_says_whose_a_file_is(path, student):
    told = handed_in.whose(PurePosixPath(path))
    assert told == (student and (student, "hw1"))


def test_nobody_hands_in_for_somebody_else(tmp_path):
    bobs = {"bob_hw1.ipynb": "by alice", "bob/hw1/hw1.ipynb": "by alice"}
    (tmp_path / "alice_hw1.zip").write_bytes(zipped(**bobs))
    (tmp_path / "bob_hw1.ipynb").write_text("bob's own")
    (tmp_path / ".._hw1.zip").write_bytes(zipped(**bobs))
    assert found(tmp_path) == {("alice", "hw1"): b"by alice", ("bob", "hw1"): b"bob's own"}


def test_an_archive_of_the_class_has_archives_of_students(tmp_path):
    ann = zipped(**{"work/hw1.ipynb": "ann's", "__MACOSX/._hw1.ipynb": "no"})
    moodle = "Eve_7_assignsubmission_file_"
    whole = zipped(**{"ann_hw1.zip": ann, "bob_hw1.ipynb": "bob's",
                      f"{moodle}/bob_hw1.ipynb": "eve's"})
    (tmp_path / "class.zip").write_bytes(whole)
    assert found(tmp_path) == {
        ("ann", "hw1"): b"ann's", ("bob", "hw1"): b"bob's", ("Eve", "hw1"): b"eve's",
    }


def test_links_and_broken_archives_cost_nobody_else(tmp_path, capsys):
    secret = tmp_path / "solution.ipynb"
    secret.write_text("staff's")
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "ann_hw1.ipynb").symlink_to(secret)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as content:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            entry = tarfile.TarInfo("hw1.ipynb")
            entry.type, entry.linkname = kind, str(secret)
            content.addfile(entry)
    (folder / "bob_hw1.tar.gz").write_bytes(made.getvalue())
    (folder / "eve_hw1.zip").write_bytes(zipped(**{"hw1.ipynb": "x" * 1000})[:-40])
    # Damage that each way to pack tells in its own manner.
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as content:
        content.writestr("hw1.ipynb", "x" * 1000)
    damaged = bytearray(packed.getvalue())
    damaged[60:70] = bytes(10)
    (folder / "fay_hw1.zip").write_bytes(damaged)
    (folder / "dan_hw1.ipynb").write_text("dan's")
    assert found(folder) == {("dan", "hw1"): b"dan's"}
    said = capsys.readouterr().err
    assert "eve_hw1.zip: not to be unpacked" in said and "fay_hw1.zip: not to be" in said


def test_an_archive_that_grows_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "LARGEST", 10_000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("hw1.ipynb", b" " * 50_000_000)
    (tmp_path / "ann_hw1.zip").write_bytes(made.getvalue())
    ((_, content),) = found(tmp_path).items()
    assert len(content) == 10_001, "enough to see that it is too large"


@pytest.mark.parametrize("packed", ["zip", "tar"])
def test_what_is_packed_small_and_is_large_is_not_held(tmp_path, monkeypatch, packed):
    monkeypatch.setattr(handed_in, "OF_ONE", 1_000_000)
    monkeypatch.setattr(cells, "LARGEST", 100_000)
    bomb, made = b" " * 50_000_000, io.BytesIO()
    if packed == "zip":
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as content:
            content.writestr("x.zip", bomb)
            content.writestr("hw1.ipynb", "{}")
    else:
        with tarfile.open(fileobj=made, mode="w:gz") as content:
            for name, data in ("x.tar", bomb), ("hw1.ipynb", b"{}"):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                content.addfile(entry, io.BytesIO(data))
    ending = {"zip": "zip", "tar": "tar.gz"}[packed]
    (tmp_path / f"ann_hw1.{ending}").write_bytes(made.getvalue())
    (tmp_path / "bob_hw1.ipynb").write_text("bob's")
    tracemalloc.start()
    handed = found(tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert handed[("bob", "hw1")] == b"bob's" and most < 10_000_000
    # A zip is read by its list; a tar has to be unpacked up to what is wanted.
    assert (("ann", "hw1") in handed) == (packed == "zip")


def test_a_notebook_of_odd_parts_is_put_back_into_staffs_form(tmp_path):
    # JSON can have half of a character.
    half, odd = "\ud800", lambda name: {"nbgrader": {"grade_id": name, "solution": True}}
    made = [
        {"cell_type": "code", "id": [1], "metadata": odd([2]), "source": [half, 3]},
        {"cell_type": {}, "id": {}, "metadata": odd(half), "source": {}},
        {"cell_type": "code", "id": "a", "metadata": odd("\x1b[31mred"), "source": "fn both()"},
    ]
    path = tmp_path / "hw1.ipynb"
    path.write_text(json.dumps({"cells": made}))
    solution = {"cell_type": "code", "id": "a", "source": "fn both() {}", "outputs": [],
                "metadata": {"nbgrader": {"grade_id": "both", "solution": True}}}
    graded, notes = cells.restored(cells.read(path), {"cells": [solution]})
    cells.write(graded, tmp_path / "graded.ipynb")
    answer = [cell["source"] for cell in graded["cells"] if cell["id"] == "a"]
    assert answer == ["fn both()"]
    assert "".join(notes).isprintable() and "red" in "".join(notes), notes
    assert json.dumps(graded, ensure_ascii=False).encode("utf-8")


def test_a_text_runs_nothing_in_staffs_browser():
    texts = {
        "<img src=x onerror=alert(1)>": "<img",
        "a <script>alert(1)</script>": "<script",
        "[look](javascript:alert(1))": "](javascript",
        "[look][x]\n\n[x]: javascript:alert(1)": "]: javascript",
        "<javascript:alert(1)>": "<javascript",
        "$\\href{javascript:alert(1)}{x}$": "\\href",
    }
    for text, harm in texts.items():
        told = cells.answer({"cell_type": "markdown", "source": text})
        assert harm in text and harm not in told, told
    fine = "1 < 2, `a & b`, **bold**, [a page](https://example.org), $\\frac{1}{2}$"
    assert cells.answer({"cell_type": "markdown", "source": fine}) == fine
    code = {"cell_type": "code", "source": "let x: Vec<u64>;"}
    assert cells.answer(code) == code["source"]
