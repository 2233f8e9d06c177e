"""Whether a wheel holds this checkout's kernel: its version, this platform, these sources.

    kernel_wheel.py WHEEL SOURCES

SOURCES is what kernel-sources.sh prints. Says why not, and ends with 1."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import InvalidWheelFilename, parse_wheel_filename

# Put into the wheel by dist.py, and below the environment's directory by pip.
NOTE = "share/potok-kernel/sources"

# What every Linux with glibc has: the C library's parts, and gcc's run-time support.
EVERYWHERE = {f"{name}.so.{n}" for name, n in [
    ("libc", 6), ("libm", 6), ("libdl", 2), ("libpthread", 0), ("librt", 1), ("libgcc_s", 1),
    ("ld-linux-x86-64", 2), ("ld-linux-aarch64", 1),
]}  # fmt: skip


def linked(program: Path) -> set[str]:
    """The shared libraries that a program asks for; readelf comes with the C compiler."""
    command = ["readelf", "--dynamic", "--wide", str(program)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", listing.stdout))


def version(root: Path = Path()) -> str:
    manifest = (root / "Cargo.toml").read_text(encoding="utf-8")
    # The workspace's own is the first; tomllib is not in Python 3.10.
    return re.search(r'^version = "(.*)"', manifest, re.MULTILINE)[1]


def sources(wheel: Path) -> str | None:
    """The hash of the sources that a wheel was made from."""
    with zipfile.ZipFile(wheel) as content:
        notes = [name for name in content.namelist() if name.endswith(f".data/data/{NOTE}")]
        return content.read(notes[0]).decode().strip() if len(notes) == 1 else None


def why_not(wheel: Path, wanted: str, root: Path = Path()) -> str | None:
    """Why the wheel cannot be used; nothing if it can."""
    try:
        name, its_version, _, tags = parse_wheel_filename(wheel.name)
        made_from = sources(wheel)
    except InvalidWheelFilename as error:
        return str(error)
    except (OSError, zipfile.BadZipFile) as error:
        return f"it cannot be read: {error}"
    if name != "potok-kernel":
        return f"it is of {name}"
    if str(its_version) != version(root):
        return f"it is of version {its_version}, this checkout of {version(root)}"
    if not tags & set(sys_tags()):
        return f"it is for {', '.join(sorted({tag.platform for tag in tags}))}"
    if made_from != wanted:
        return f"the kernel's sources ({wanted}) are not those it was made from ({made_from})"
    return None


if __name__ == "__main__":
    reason = why_not(Path(sys.argv[1]), sys.argv[2])
    if reason:
        sys.exit(reason)
