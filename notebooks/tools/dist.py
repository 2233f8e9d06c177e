"""Packs the kernel into a wheel, and the lecture with the wheel into a zip.

    dist.py MATURIN

Both are put into dist/. The zip, unpacked, is a working checkout: the files that git
tracks, and the wheel, which `make` there takes instead of building the kernel."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import kernel_wheel as wheel

DIST = Path("dist")
# What maturin puts into a wheel besides the program.
DATA = Path("build/potok_kernel.data")
# MB, of the wheel.
LARGEST = 60


def run(*command: str | Path, **options) -> str:
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options)
    return done.stdout


def hash_of_sources(root: Path) -> str:
    return run("sh", "notebooks/tools/kernel-sources.sh", cwd=root).strip()


def make_wheel(maturin: str) -> Path:
    """Compiles the kernel and packs it. maturin names the oldest glibc that will do."""
    note = DATA / "data" / wheel.NOTE
    note.parent.mkdir(parents=True, exist_ok=True)
    made_from = hash_of_sources(Path())
    note.write_text(f"{made_from}\n", encoding="utf-8")
    command = [maturin, "build", "--quiet", "--locked", "--out", str(DIST)]
    command += ["--manifest-path", "crate/potok-kernel/Cargo.toml"]
    for old in DIST.glob("potok_kernel-*.whl"):
        old.unlink()
    run(*command, env={**os.environ, "POTOK_SOURCES": made_from})
    (made,) = DIST.glob("potok_kernel-*.whl")
    reason = wheel.why_not(made, made_from)
    if reason:
        sys.exit(f"dist: {made}: {reason}")
    size = made.stat().st_size / 1e6
    if size > LARGEST:
        sys.exit(f"dist: {made} has {size:.0f} MB, more than {LARGEST}")
    with zipfile.ZipFile(made) as content, tempfile.TemporaryDirectory() as directory:
        (name,) = [name for name in content.namelist() if name.endswith("/potok-kernel")]
        libraries = wheel.linked(Path(content.extract(name, directory)))
    foreign = libraries - wheel.EVERYWHERE
    if foreign:
        sys.exit(f"dist: {made} needs {', '.join(sorted(foreign))}, which not every Linux has")
    print(f"{made}: {size:.1f} MB, linked to {', '.join(sorted(libraries))}")
    return made


def make_zip(kernel: Path) -> Path:
    """Packs what git tracks, as it lies here, and the wheel."""
    name = f"potok-lecture-{wheel.version()}"
    stage = Path("build/dist") / name
    shutil.rmtree(stage.parent, ignore_errors=True)
    tracked = run("git", "ls-files", "-z").split("\0")
    # One that is deleted and not yet committed is still listed.
    for path in filter(os.path.isfile, tracked):
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, stage / path)
    if hash_of_sources(stage) != wheel.sources(kernel):
        sys.exit(
            "dist: crate/potok-kernel or crate/potok-words has files that git does not track; "
            "add or remove them"
        )
    (stage / "dist").mkdir()
    shutil.copy2(kernel, stage / "dist")
    packed = DIST / f"{name}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as content:
        for path in sorted(stage.rglob("*")):
            if path.is_file():
                content.write(path, path.relative_to(stage.parent))
    print(f"{packed}: {packed.stat().st_size / 1e6:.1f} MB")
    return packed


if __name__ == "__main__":
    DIST.mkdir(exist_ok=True)
    make_zip(make_wheel(sys.argv[1]))
