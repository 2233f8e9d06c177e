"""Where root grades: a user of its own for each submission, which ends with it. The system
counts its processes, as it does not for root.

The user has no name and owns nothing but an empty folder. It is in bubblewrap's box. Where
that is missing, as in a container, the system's wall is around its files (Landlock): it may
read what everybody may, of that only what is listed in sealed.py, reaches no TCP port, and
signals nobody else's processes. What it leaves behind is known by its number.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sealed

# Numbers that systems keep for users who come and go (systemd's DynamicUser).
FIRST, LAST = 61_184, 65_519
# What a program needs beside files: to throw away, to look at itself and at the machine.
READ = ["/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom", "/dev/random"]
WRITE = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"]


def why_not(which: str) -> str | None:
    """Why there can be no such user in that box; nothing where there can."""
    if os.geteuid() != 0:
        return "only root can give a submission a user of its own"
    with lent() as user, tempfile.TemporaryDirectory(prefix="box-") as folder:
        os.chown(folder, user, user)
        for program in (sealed.PYTHON, "-c", ""), ("rustc", "--version"), (sealed.KERNEL, "version"):
            behind, options = sealed.as_user(
                which, user, Path(folder), [str(part) for part in program],
                sealed.environment(),
            )
            try:
                tried = subprocess.run(behind, **options, capture_output=True, text=True,
                                       check=False, timeout=60)
            except OSError as error:
                return f"a user of its own may not look there: {error}"
            except subprocess.TimeoutExpired:
                return f"as a user of its own, `{program[0]}` does not end"
            if tried.returncode:
                said = (tried.stderr.strip().splitlines() or ["nothing"])[-1]
                return f"as a user of its own, `{program[0]}` says: {said}"
    return None


@contextlib.contextmanager
def lent() -> Iterator[int]:
    """A user's number that nobody else has, as long as this lasts."""
    for user in range(FIRST, LAST + 1):
        taken = socket.socket(socket.AF_UNIX)
        try:
            # A name in no folder: it is there as long as this process.
            taken.bind(f"\0potok-box-{user}")
        except OSError:
            taken.close()
            continue
        with taken:
            if not is_anybodys(user) and not processes(user):
                yield user
                return
    raise sealed.NoBox(f"no user's number from {FIRST} to {LAST} is free")


def is_anybodys(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def who(user: int) -> dict:
    """For subprocess: as this user, without root's other groups."""
    return {"user": user, "group": user, "extra_groups": []}


def processes(user: int) -> list[int]:
    found = []
    for place in Path("/proc").iterdir():
        try:
            if place.name.isdigit() and place.stat().st_uid == user:
                found.append(int(place.name))
        except OSError:
            continue
    return found


def end(user: int) -> None:
    """Ends all that the user runs. Root looks at each: one that forks meanwhile is found
    the next time, and cannot fork for ever once others were ended."""
    until = time.monotonic() + 20
    ending = ["/bin/sh", "-c", "kill -9 -1"]
    while (left := processes(user)) and time.monotonic() < until:
        # As the user: the system ends all at once, and nobody else.
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(ending, **who(user), cwd="/", check=False, timeout=20,
                           stdin=subprocess.DEVNULL, capture_output=True)
        for process in left:
            try:
                if Path(f"/proc/{process}").stat().st_uid == user:
                    os.kill(process, signal.SIGKILL)
            except OSError:
                continue
    if left := processes(user):
        print(f"grade: processes of user {user} did not end: {left}", file=sys.stderr)
    forget(user)


def forget(user: int) -> None:
    """Removes what the user leaves in memory: that of System V, which outlives whoever made
    it, and files in /dev/shm."""
    for table, option, name in [("shm", "-m", "shmid"), ("sem", "-s", "semid"),
                                ("msg", "-q", "msqid")]:
        for entry in system_v(table):
            # It may have given it to another user; who made it stays.
            if user in (int(entry["uid"]), int(entry["cuid"])):
                subprocess.run(["ipcrm", option, entry[name]], check=False)
    for path in Path("/dev/shm").glob("*"):
        with contextlib.suppress(OSError):
            if path.lstat().st_uid == user:
                path.unlink()


def system_v(table: str) -> list[dict[str, str]]:
    """What the system lists: `shm`, `sem` or `msg`."""
    try:
        names, *rows = Path(f"/proc/sysvipc/{table}").read_text().splitlines()
    except (OSError, ValueError):
        # A system without it.
        return []
    return [dict(zip(names.split(), row.split())) for row in rows]


def wall(program: list[str], own: list[Path]) -> list[str]:
    """The program behind the wall."""
    read = ["/usr", "/bin", "/sbin", "/lib", "/lib64", *sealed.SYSTEM, *READ]
    read += [str(place) for place in sealed.toolchain()]
    read += [str(sealed.ROOT / name) for name in sealed.OURS]
    rules = [part for path in read for part in ("--read", path)]
    rules += [part for path in [*WRITE, *map(str, own)] for part in ("--write", path)]
    # No message queues either, which belong to no folder.
    few = ["prlimit", f"--nproc={sealed.PROCESSES}", "--msgqueue=0", "--"]
    return [*few, str(sealed.KERNEL), "wall", *rules, "--", *program]


@contextlib.contextmanager
def box(work: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A user, and the environment of what it runs. `work` is its only folder; the kernel's
    things are in it as well."""
    with lent() as user:
        inside = work / "inside"
        cache = inside / "cache" / "potok"
        (inside / "tmp").mkdir(parents=True)
        cache.mkdir(parents=True)
        for template in ours():
            shutil.copytree(template, cache / "templates" / template.name, symlinks=True,
                            ignore=shutil.ignore_patterns("incremental"))
        for path in [work, *work.rglob("*")]:
            os.chown(path, user, user, follow_symlinks=False)
        environment = sealed.environment() | {
            "HOME": str(inside), "TMPDIR": str(inside / "tmp"),
            "XDG_CACHE_HOME": str(inside / "cache"),
        }
        # Where it is, not where it would be for somebody of another home.
        for name, usual in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")]:
            environment.setdefault(name, str(sealed.HOME / usual))
        try:
            yield user, environment
        finally:
            end(user)
            # Python's own way to remove a folder ends at a thousand folders in each other.
            subprocess.run(["rm", "-rf", "--", str(inside)], check=False)


def ours() -> list[Path]:
    """The newest template of this checkout's library."""
    found = []
    for template in sealed.templates():
        owner = template / "owner"
        if owner.is_file() and owner.read_text() == str(sealed.ROOT / "crate" / "potok"):
            found.append(template)
    return sorted(found, key=lambda path: path.stat().st_mtime)[-1:]
