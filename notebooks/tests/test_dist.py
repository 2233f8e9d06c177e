"""A wheel is used where it is this checkout's, and refused with the reason where it is not."""

import zipfile
from pathlib import Path

import kernel_wheel as wheel
from conftest import ROOT
from pip._vendor.packaging.tags import sys_tags

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
