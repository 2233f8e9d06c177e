"""The container's files say what is there, and `make test-image` leaves nothing behind. Its
steps themselves take minutes and root: they run by that name alone."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import image
import pytest
from conftest import ROOT, until
from test_paths import only_root

FOLDER = ROOT / ".devcontainer"
RECIPE = (ROOT / image.RECIPE).read_text("utf-8")
STEPS = list(image.steps(RECIPE))
GIVEN = {word: [given for name, given in STEPS if name == word] for word, _ in STEPS}
CONTAINER = json.loads((FOLDER / "devcontainer.json").read_text("utf-8"))
# What nothing else on the machine sleeps for.
LONG = "61234"


def targets(*commands: str) -> list[str]:
    return [name for command in commands for name in re.findall(r"\bmake ([a-z-]+)", command)]


def test_a_line_that_goes_on_is_one_step():
    text = "# make\nFROM debian:trixie-slim\n\nRUN one \\\n    && two\n  # not\nUSER me\n"
    assert list(image.steps(text)) == [
        ("FROM", "debian:trixie-slim"), ("RUN", "one && two"), ("USER", "me"),
    ]  # fmt: skip


def test_what_the_files_name_is_there():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    start = json.loads(GIVEN["CMD"][0])
    commands = [CONTAINER["postCreateCommand"], CONTAINER["postAttachCommand"]]
    named = targets(*GIVEN["RUN"], " ".join(start), *commands)
    assert named == ["setup", "lab", "setup", "lab"]
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in named)
    assert FOLDER / CONTAINER["build"]["dockerfile"] == ROOT / image.RECIPE
    assert (FOLDER / CONTAINER["build"]["context"]).resolve() == ROOT
    assert [int(port) for port in GIVEN["EXPOSE"]] == CONTAINER["forwardPorts"]
    for given in GIVEN["COPY"]:
        *_, source, _ = given.split()
        assert (ROOT / source).exists(), source


def test_it_is_an_ordinary_user_who_works_there():
    assert GIVEN["USER"] == [CONTAINER["remoteUser"]] == ["student"]
    before = [given for word, given in STEPS[: STEPS.index(("USER", "student"))] if word == "RUN"]
    assert any("useradd --create-home --shell /bin/bash student" in given for given in before)


def test_rust_is_the_one_that_the_workspace_asks_for():
    wanted = re.search(r'^rust-version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    assert GIVEN["ARG"] == [f"RUST={wanted}.0" if wanted.count(".") == 1 else f"RUST={wanted}"]


def test_the_packages_are_what_setup_asks_for():
    packages = (FOLDER / "packages").read_text("utf-8").split()
    assert packages == sorted(set(packages))
    assert {"build-essential", "python3", "python3-venv", "rustup"} <= set(packages)


def test_no_address_is_in_any_of_them():
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    assert len(files) == 4
    for path in [*files, ROOT / "notebooks/tools/image.py"]:
        text = path.read_text("utf-8").replace("http://127.0.0.1:", "")
        assert "://" not in text, path


def test_nothing_that_is_built_here_is_put_into_it():
    names = (ROOT / image.IGNORED).read_text("utf-8").split()
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    built = {name.strip("/") for name in ignored if name.startswith("/")}
    # The wheel in dist/ is put into it.
    assert {"build", "target"} < built and built - {"dist"} <= set(names)


def test_without_root_it_says_so(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="needs root"):
        image.main()


def test_without_a_wheel_it_says_which_command_makes_one(monkeypatch):
    monkeypatch.setenv("KERNEL", "nowhere.whl")
    with pytest.raises(SystemExit, match="nowhere.whl: run `make dist`"):
        image.wheel()


@pytest.fixture
def begin(tmp_path):
    """Starts it beside a `debootstrap` that does what a script says."""
    checkout, programs = tmp_path / "checkout", tmp_path / "programs"
    shutil.copytree(FOLDER, checkout / ".devcontainer")
    programs.mkdir()
    wheel = tmp_path / "kernel.whl"
    wheel.touch()
    place = tmp_path / "place"
    place.mkdir()

    begun = []

    def begin(script: str) -> subprocess.Popen:
        stub = programs / "debootstrap"
        stub.write_text(f"#!/bin/sh\n{script}\n")
        stub.chmod(0o755)
        env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}",
               "KERNEL": str(wheel), "TMPDIR": str(place)}
        begun.append(subprocess.Popen(
            [sys.executable, ROOT / "notebooks/tools/image.py"], cwd=checkout, env=env,
            stderr=subprocess.PIPE, text=True,
        ))  # fmt: skip
        return begun[0]

    yield begin
    for process in begun:
        process.terminate()
        process.wait(60)
    assert list(place.iterdir()) == []
    assert str(place) not in Path("/proc/mounts").read_text()


@only_root
def test_nothing_is_left_of_one_that_fails(begin):
    process = begin('mkdir "$3/etc"; mount -t tmpfs tmpfs "$3/etc"; echo no such suite; exit 3')
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "no such suite" in said and "failed: debootstrap" in said, said


@only_root
def test_nothing_is_left_of_one_that_is_ended(begin):
    sleeps = lambda: f"sleep {LONG}" in subprocess.check_output(["ps", "-eo", "args="], text=True)
    process = begin(f'echo there > "$3/file"; sleep {LONG}')
    assert until(sleeps, 30)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert not sleeps()
