"""The box in which a submission runs: no network, no other processes, no files but the
system's, the toolchain's and the lecture's, which cannot be written to.

The kernel and its client are both inside. What comes out is one file, which the client
writes. Gradebook, hidden tests of other homework and other submissions are outside.

The system holds root to no number of processes. Where root grades, what runs in the box is
a user of its own (own_user.py), whose processes are counted.
"""

import os
import re
import resource
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
# Processes and threads in the box, all together. The kernel and a compiler start some for
# each core.
PROCESSES = 512 + 64 * (os.cpu_count() or 1)


class NoBox(Exception):
    """There is no box, and nobody said that there need be none."""


@cache
def bubblewrap() -> str | None:
    """bubblewrap, where it is installed and the system lets it do its work."""
    found = shutil.which("bwrap")
    if found is None:
        return None
    tried = subprocess.run(
        [found, *namespaces(), "--ro-bind", "/", "/", "--", *among_few(ANYBODY), "true"],
        capture_output=True, check=False,
    )
    return found if tried.returncode == 0 else None


# A user's number for trying things out; as one of a box (own_user.py), it has no name.
ANYBODY = 61_183


def namespaces() -> list[str]:
    """Namespaces of its own. One for users is what lets an ordinary user have the others;
    root has them anyway, and needs two rights to become somebody else inside."""
    alone = ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if os.geteuid() != 0:
        return ["--unshare-all", *alone]
    parts = [f"--unshare-{part}" for part in ["ipc", "pid", "net", "uts", "cgroup-try"]]
    return [*parts, *alone, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


def among_few(user: int) -> list[str]:
    """A command in front of others: so many processes and no more, of this user if root
    runs it."""
    if os.geteuid() == 0:
        return [*becoming(user), "prlimit", f"--nproc={PROCESSES}", "--"]
    if not counts_apart():
        return []
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    few = PROCESSES if most == resource.RLIM_INFINITY else min(PROCESSES, most)
    return ["prlimit", f"--nproc={few}", "--"]


def becoming(user: int) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
            "--inh-caps=-all", "--"]


def counts_apart() -> bool:
    """Whether a user's processes in a namespace are counted apart from those outside. Where
    they are not, a limit would count the browser of who grades."""
    major, minor = re.match(r"(\d+)\.(\d+)", os.uname().release).groups()
    return (int(major), int(minor)) >= (5, 14)


@cache
def no_own_user(box: str) -> str | None:
    """Why a submission cannot have a user of its own in that box; nothing where it can."""
    import own_user

    return own_user.why_not(box)


def kind() -> str:
    """Which box there is. Without any, only `UNSAFE=1` goes on."""
    why = "it is not installed, or the system does not let it work"
    if bubblewrap():
        why = None if os.geteuid() != 0 else no_own_user("bubblewrap")
        if why is None:
            return "bubblewrap"
    if (other := no_own_user("own user")) is None:
        return "own user"
    if os.environ.get("UNSAFE") == "1":
        return "none"
    raise NoBox(
        f"bubblewrap is no box here: {why}. A submission could read and write whatever you "
        "can. Run `make setup-homework`, or `sudo apt-get install bubblewrap`. "
        f"The other box is none either: {other}. In a "
        "machine or container that is thrown away afterwards, and has no gradebook in it, "
        "UNSAFE=1 goes on without a box"
    )


@contextmanager
def boxed(work: Path, program: list[str]) -> Iterator[tuple[list[str], dict]]:
    """A command that runs the program in the box, and what else subprocess is told. When
    this is over, nothing of it runs."""
    which = kind()
    if which == "none":
        yield program, {"env": {**os.environ, **environment()}}
    elif os.geteuid() != 0:
        yield command(work, program, os.geteuid(), environment()), {}
    else:
        import own_user

        with own_user.box(work) as (user, told):
            if which == "bubblewrap":
                told["TMPDIR"] = "/tmp"
            yield as_user(which, user, work, program, told)


def as_user(
    which: str, user: int, work: Path, program: list[str], told: dict[str, str]
) -> tuple[list[str], dict]:
    """For root: a command that runs the program in that box as that user, and what else
    subprocess is told."""
    import own_user

    if which == "bubblewrap":
        return command(work, program, user, told), {}
    behind = own_user.wall(program, [work])
    return behind, {**own_user.who(user), "env": told, "cwd": work}


def command(work: Path, program: list[str], user: int, told: dict[str, str]) -> list[str]:
    """Runs a program in bubblewrap's box. `work` is all that it can write to and others can
    see."""
    box = [bubblewrap(), *namespaces(), "--clearenv"]
    for name, value in told.items():
        box += ["--setenv", name, value]
    box += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for name in ["bin", "sbin", "lib", "lib64"]:
        place = Path("/") / name
        if place.is_symlink():
            box += ["--symlink", os.readlink(place), str(place)]
        elif place.is_dir():
            box += ["--ro-bind", str(place), str(place)]
    for place in ["/tmp", "/dev/shm"]:
        box += ["--perms", "1777", "--size", str(ROOM), "--tmpfs", place]
    if user == os.geteuid():
        # The kernels' sessions are in memory; templates are only read.
        box += ["--perms", "0700", "--size", str(ROOM), "--tmpfs", str(CACHE)]
        box += ["--perms", "0700", "--dir", str(CACHE / "templates")]
        for template in templates():
            box += ["--ro-bind", str(template), str(template)]
    seen = [Path("/sys/devices/system/cpu"), *map(Path, SYSTEM), *toolchain()]
    seen += [ROOT / name for name in OURS]
    for way in sorted({way for place in [*seen, work] for way in place.parents}):
        # By itself bubblewrap makes them for its own user only.
        if str(way) not in {"/", "/tmp"}:
            box += ["--dir", str(way)]
    for place in seen:
        box += ["--ro-bind-try", str(place), str(place)]
    box += ["--bind", str(work), str(work)]
    # What was made on the way to these places is written to by nobody.
    box += ["--remount-ro", "/", "--", *among_few(user)]
    # The folder is its own: root without its rights cannot go there.
    return [*box, "env", f"--chdir={work}", *program]


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
    keep += ["POTOK_LANG", "RUSTUP_TOOLCHAIN"]
    told = {name: os.environ[name] for name in keep if name in os.environ}
    return {**told, "HOME": str(HOME), "TMPDIR": "/tmp", "CARGO_NET_OFFLINE": "true"}
