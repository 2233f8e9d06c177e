"""Kernels behind Unix sockets in a directory that nobody else can enter.

Over TCP, another user of the machine could take a kernel's port before the kernel does.
"""

import atexit
import hashlib
import os
import shutil
import stat
import tempfile
import uuid
from functools import cache
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager, KernelManager

# The path of a Unix socket has 103 bytes everywhere; Jupyter adds
# `/kernel-<36 characters>-ipc-<number>` to its runtime directory.
LONGEST = 103 - len("/kernel-") - 36 - len("-ipc-99")


def places() -> list[Path]:
    """Where such directories may be, the best first."""
    found = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"]
    return [Path(place) for place in found if place and os.access(place, os.W_OK)]


@cache
def directory() -> Path:
    """This process's own, removed when it ends."""
    short = [place for place in places() if len(bytes(place)) <= 60]
    if not short:
        raise SystemExit(
            "no place for the kernels' sockets: set TMPDIR to a directory with a short "
            "path that you may write to"
        )
    made = Path(tempfile.mkdtemp(prefix="potok-", dir=short[0]))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def runtime(wanted: Path) -> Path:
    """A server's runtime directory: the one that is wanted, or a short one in its place."""
    candidates = [wanted]
    name = "potok-" + hashlib.sha256(bytes(wanted)).hexdigest()[:12]
    candidates += [place / name for place in places()]
    for candidate in candidates:
        if len(bytes(candidate)) > LONGEST:
            continue
        candidate.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = candidate.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
            candidate.chmod(0o700)
            return candidate
    raise SystemExit(
        f"no place for the kernels' sockets: {wanted} is too long. Set XDG_RUNTIME_DIR or "
        "TMPDIR to a directory of yours with a short path"
    )


def options(given: dict) -> dict:
    """What makes a kernel manager use Unix sockets, unless something else is asked for."""
    if given.get("transport", "ipc") != "ipc":
        return given
    file = directory() / f"{uuid.uuid4().hex[:12]}.json"
    return {"transport": "ipc", "connection_file": str(file), **given}


class PrivateKernelManager(KernelManager):
    """A kernel of our own."""

    def __init__(self, **given):
        super().__init__(**options(given))


class AsyncPrivateKernelManager(AsyncKernelManager):
    """The same for nbclient."""

    def __init__(self, **given):
        super().__init__(**options(given))
