"""The box in which a submission runs: no network, no other processes, no files but the
system's, the toolchain's and the lecture's, which cannot be written to.

The kernel and its client are both inside. What comes out is one file, which the client
writes. Gradebook, hidden tests of other homework and other submissions are outside.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KERNEL = ROOT / ".venv" / "bin" / "potok-kernel"
PYTHON = KERNEL.with_name("python")
HOME = Path(os.environ.get("HOME") or Path.home())
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or HOME / ".cache") / "potok"
# What may be seen of the checkout: the library, and what runs inside.
OURS = ["Cargo.toml", "Cargo.lock", "crate", ".venv", "notebooks/tools"]
OURS += ["notebooks/homework/tools"]
SYSTEM = ["/etc/passwd", "/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl", "/etc/localtime"]
# Bytes in a place for temporary files, which is in memory: a template and what cells make.
ROOM = 3 << 30


class NoBox(Exception):
    """There is no box, and nobody said that there need be none."""


@cache
def bubblewrap() -> str | None:
    """bubblewrap, where it is installed and the system lets it do its work."""
    found = shutil.which("bwrap")
    if found is None:
        return None
    tried = subprocess.run(
        [found, *SEALED, "--ro-bind", "/", "/", "true"], capture_output=True, check=False
    )
    return found if tried.returncode == 0 else None


SEALED = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]


@cache
def no_own_user() -> str | None:
    """Why a submission cannot have a user of its own; nothing where it can."""
    import own_user

    return own_user.why_not()


def kind() -> str:
    """Which box there is. Without any, only `UNSAFE=1` goes on."""
    if bubblewrap():
        return "bubblewrap"
    if (why := no_own_user()) is None:
        return "own user"
    if os.environ.get("UNSAFE") == "1":
        return "none"
    raise NoBox(
        "bubblewrap is not installed, or the system does not let it work: a submission could "
        "read and write whatever you can. Run `make setup-homework`, or "
        f"`sudo apt-get install bubblewrap`. The other box is none either: {why}. In a "
        "machine or container that is thrown away afterwards, and has no gradebook in it, "
        "UNSAFE=1 goes on without a box"
    )


@contextmanager
def boxed(work: Path, program: list[str]) -> Iterator[tuple[list[str], dict]]:
    """A command that runs the program in the box, and what else subprocess is told. When
    this is over, nothing of it runs."""
    if kind() == "own user":
        import own_user

        with own_user.box(work) as (user, told):
            behind = own_user.wall(program, [work])
            yield behind, {**own_user.who(user), "env": told, "cwd": work}
    else:
        yield command(work, program), {"env": {**os.environ, **environment()}}


def command(work: Path, program: list[str]) -> list[str]:
    """Runs a program in the box. `work` is all that it can write to and others can see."""
    if kind() == "none":
        return program
    box = [bubblewrap(), *SEALED, "--clearenv"]
    for name, value in environment().items():
        box += ["--setenv", name, value]
    box += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for name in ["bin", "sbin", "lib", "lib64"]:
        place = Path("/") / name
        if place.is_symlink():
            box += ["--symlink", os.readlink(place), str(place)]
        elif place.is_dir():
            box += ["--ro-bind", str(place), str(place)]
    box += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    box += ["--size", str(ROOM), "--tmpfs", "/tmp"]
    # The kernels' sessions are in memory; templates are only read.
    box += ["--perms", "0700", "--size", str(ROOM), "--tmpfs", str(CACHE)]
    box += ["--perms", "0700", "--dir", str(CACHE / "templates")]
    for template in templates():
        box += ["--ro-bind", str(template), str(template)]
    for place in [*map(Path, SYSTEM), *toolchain(), *(ROOT / name for name in OURS)]:
        box += ["--ro-bind-try", str(place), str(place)]
    box += ["--bind", str(work), str(work)]
    # What was made on the way to these places is written to by nobody.
    box += ["--remount-ro", "/", "--chdir", str(work), "--"]
    return [*box, *program]


def templates() -> list[Path]:
    found = CACHE / "templates"
    return sorted(path for path in found.glob("*-*") if path.is_dir())


def toolchain() -> list[Path]:
    """Where the compiler, cargo and Python are, which is rarely below /usr."""
    home = lambda name, usual: Path(os.environ.get(name) or HOME / usual)
    cargo = home("CARGO_HOME", ".cargo")
    places = [cargo / "bin", cargo / "registry", home("RUSTUP_HOME", ".rustup")]
    for program in ["cargo", "rustc", "cc"]:
        found = shutil.which(program)
        places += [Path(found).parent] if found else []
    python = Path(sys.base_prefix).resolve()
    venv = ROOT / ".venv" / "bin" / "python"
    places += [python, venv.resolve().parents[1]]
    # What is below /usr is there already.
    return sorted({place for place in places if place.parts[:2] != ("/", "usr")})


def environment() -> dict[str, str]:
    """All that a program in the box is told."""
    keep = ["PATH", "LANG", "LC_ALL", "CARGO_HOME", "RUSTUP_HOME", "XDG_CACHE_HOME"]
    keep += ["POTOK_LANGUAGE", "RUSTUP_TOOLCHAIN"]
    told = {name: os.environ[name] for name in keep if name in os.environ}
    return {**told, "HOME": str(HOME), "TMPDIR": "/tmp", "CARGO_NET_OFFLINE": "true"}
