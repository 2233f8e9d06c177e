"""The recipe of a class's image, as far as it goes without containers: what is put into it,
and that each of its steps names something that is there."""

import re
import shutil
import subprocess
import zipfile

import pytest
from conftest import ROOT

RECIPE = ROOT / "notebooks" / "homework" / "Containerfile"
SCRIPT = ROOT / "notebooks" / "homework" / "tools" / "image.sh"
SYSTEM = "/usr/bin:/bin"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="staff's part of the homework")


def image(**environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", SCRIPT], cwd=ROOT, env={"PATH": SYSTEM, **environment},
                          text=True, capture_output=True, check=False)


def test_the_students_zip_is_what_the_engine_gets(tmp_path):
    engine, packed = tmp_path / "engine", tmp_path / "students.zip"
    with zipfile.ZipFile(packed, "w") as content:
        content.writestr("potok-homework/Makefile", "all:\n")
    # What it is told, and what lies in the directory that it is given last.
    engine.write_text('#!/bin/sh\necho "$@"\nfor it; do :; done\nls "$it"\n')
    engine.chmod(0o755)
    done = image(ENGINE=str(engine), ZIP=str(packed), IMAGE="a-class")
    assert done.returncode == 0, done.stderr
    told, *inside = done.stdout.splitlines()
    rust = re.search(r'^rust-version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    assert f"--build-arg RUST={rust} --tag a-class" in told
    assert inside == ["Makefile"]


def test_without_an_engine_it_says_which_one_helps():
    if shutil.which("podman", path=SYSTEM) or shutil.which("docker", path=SYSTEM):
        pytest.skip("there is one")
    done = image()
    assert done.returncode == 1 and "podman" in done.stderr


def test_the_steps_name_what_is_there():
    steps = RECIPE.read_text().replace("\\\n", " ")
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^RUN make (\S+)", steps, re.M) + re.findall(r'"make", "(\w+)"', steps)
    assert targets == ["setup", "lab"]
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
    installed = re.search(r"--no-install-recommends\s+(.*?)\s+&&", steps)[1].split()
    assert {"make", "g++", "python3-venv"} <= set(installed)
    if not shutil.which("apt-cache"):
        return
    for package in installed:
        told = subprocess.run(["apt-cache", "show", "--no-all-versions", package],
                              capture_output=True, text=True, check=False)
        assert told.returncode == 0, f"Debian has no {package}"
