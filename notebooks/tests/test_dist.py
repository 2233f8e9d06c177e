"""A wheel is used where it is this checkout's, and refused with the reason where it is not;
in somebody's own environment it adds a kernel to their Jupyter when they ask for it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import kernel_wheel as wheel
import pytest
from conftest import NOTEBOOKS, ROOT, execute
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from pip._vendor.packaging.tags import sys_tags

PROGRAM = Path(sys.prefix) / "bin/potok-kernel"
PLATFORM = next(sys_tags()).platform
VERSION = wheel.version(ROOT)


def made(folder: Path, version: str = VERSION, platform: str = PLATFORM, **notes: str) -> Path:
    path = folder / f"potok_kernel-{version}-py3-none-{platform}.whl"
    with zipfile.ZipFile(path, "w") as content:
        content.writestr(f"potok_kernel-{version}.data/scripts/potok-kernel", "")
        for sources in notes.values():
            place = f"potok_kernel-{version}.data/data/{wheel.NOTE}"
            content.writestr(place, f"{sources}\n")
    return path


def test_a_wheel_of_these_sources_is_used(tmp_path):
    assert wheel.why_not(made(tmp_path, sources="abc"), "abc", ROOT) is None


def test_any_other_is_refused_with_the_reason(tmp_path):
    why = lambda path: wheel.why_not(path, "abc", ROOT)
    assert "sources" in why(made(tmp_path, sources="abd"))
    assert "sources" in why(made(tmp_path)), "without a note"
    assert "version 9.9.9" in why(made(tmp_path, version="9.9.9", sources="abc"))
    assert "win_arm64" in why(made(tmp_path, platform="win_arm64", sources="abc"))
    other = tmp_path / "potok_base-0.1.0-py3-none-any.whl"
    made(tmp_path, sources="abc").rename(other)
    assert "potok-base" in why(other)
    broken = made(tmp_path, sources="abc")
    broken.write_bytes(b"no zip")
    assert "cannot be read" in why(broken)
    assert why(tmp_path / "kernel.whl")


def test_the_program_needs_nothing_that_is_not_on_every_linux():
    libraries = wheel.linked(PROGRAM)
    assert libraries and libraries <= wheel.EVERYWHERE, libraries


def whole(folder: Path) -> Path:
    """A wheel that pip installs, of this checkout's program, laid out as maturin does it."""
    name = f"potok_kernel-{VERSION}"
    path = folder / f"{name}-py3-none-{PLATFORM}.whl"
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: potok-kernel\nVersion: {VERSION}\n",
        "WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-{PLATFORM}\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as content:
        content.write(PROGRAM, f"{name}.data/scripts/potok-kernel")
        for file, text in files.items():
            content.writestr(f"{name}.dist-info/{file}", text)
    return path


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """Somebody's own environment, with the wheel installed."""
    venv = tmp_path_factory.mktemp("theirs") / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, whole(venv.parent)], check=True)
    return venv


@pytest.mark.parametrize("where", ["--user", "--prefix"])
def test_a_kernel_is_added_to_somebodys_jupyter_and_taken_away_again(
    environment, where, tmp_path
):
    program = environment / "bin/potok-kernel"
    place = [where] if where == "--user" else [where, str(environment)]
    data = tmp_path / "data" if where == "--user" else environment / "share/jupyter"
    env = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    call = lambda *args: subprocess.run(
        [program, *args], env=env, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    call("install", *place, str(ROOT / "crate/potok"))
    spec = json.loads((data / "kernels/rust/kernel.json").read_text())
    assert spec["argv"][0] == str(program), "their own, not this checkout's"

    manager = KernelManager(kernel_name="rust")
    manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[str(data / "kernels")])
    manager.start_kernel(cwd=str(NOTEBOOKS), env={**env, "POTOK_SPARE": "0"})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        assert execute(client, 'println!("{:?}", ms(5));').text() == "5ms\n"
    finally:
        client.stop_channels()
        manager.shutdown_kernel()

    call("uninstall", *place)
    assert not (data / "kernels/rust").exists()
