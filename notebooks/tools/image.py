"""Does what .devcontainer/Containerfile says where no base image can be fetched: in a Debian
that debootstrap makes, as another root directory. Then draws a first picture there, and asks
what the container starts for an answer.

    image.py        KERNEL=path.whl: that wheel instead of the one in dist/

Run by `make test-image`, as root. The Debian lies in a directory of its own below /var/tmp
(TMPDIR); all that runs there, and all mounts, are in namespaces that end with this program,
and the directory is removed.

Not done here: `podman build` or `docker build` itself with the base image of the FROM line,
and the start by Codespaces or VS Code."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

RECIPE = Path(".devcontainer/Containerfile")
IGNORED = RECIPE.with_name("Containerfile.dockerignore")
LOG = Path("build/image.log")
# With what this machine reaches its registries: names, settings, certificates.
NETWORK = ["etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Seconds: for a step, and for JupyterLab's first answer.
PATIENCE, ANSWER = 3600, 300

# Run beside what the container starts.
ASK = """
import sys, time, urllib.request
deadline = time.monotonic() + float(sys.argv[2])
while True:
    try:
        answer = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/api", timeout=5)
        break
    except OSError as error:
        if time.monotonic() > deadline:
            sys.exit(f"no answer: {error}")
        time.sleep(0.5)
print("JupyterLab answers:", answer.status, answer.read().decode())
"""
FREE = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])"


def say(text: str) -> None:
    print(f"test-image: {text}", file=sys.stderr, flush=True)


def fail(text: str):
    sys.exit(f"test-image: {text}")


def steps(recipe: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Containerfile, with what they are given."""
    lines = [line for line in recipe.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, " ".join(rest.split())


class Image:
    """A root directory, and who works in it where."""

    def __init__(self, root: Path, log):
        self.root, self.log = root, log
        self.user, self.home, self.place = "root", "/root", "/"
        self.arguments: dict[str, str] = {}
        self.starts: list[str] = []

    def here(self, *command: str) -> None:
        """Runs a command outside."""
        done = subprocess.run(command, stdout=self.log, stderr=self.log, check=False)
        if done.returncode != 0:
            self.failed(shlex.join(command))

    def must(self, command: str, **options) -> None:
        """Runs a shell's command inside, as the user at work there."""
        given = {"HOME": self.home, "USER": self.user, "PATH": PATH, **self.arguments}
        argv = ["chroot", str(self.root), "setpriv", "--reuid", self.user, "--regid", self.user,
                "--init-groups", "env", "-i", *(f"{k}={v}" for k, v in given.items()),
                "sh", "-c", f"cd {shlex.quote(self.place)} && {command}"]
        options = {"stdin": subprocess.DEVNULL, "stdout": self.log, "stderr": self.log} | options
        try:
            done = subprocess.run(argv, timeout=PATIENCE, check=False, **options)
        except subprocess.TimeoutExpired:
            fail(f"no end after {PATIENCE} s: {command}")
        if done.returncode != 0:
            self.failed(command)

    def failed(self, command: str):
        self.log.flush()
        print("".join(LOG.open(errors="replace").readlines()[-8:]), end="", file=sys.stderr)
        fail(f"failed: {command}\n    all that was said is in {LOG}")

    # ---- the instructions ----------------------------------------------------------------

    def base(self, base: str) -> None:
        debian = re.fullmatch(r"debian:(\w+)-slim", base)
        if not debian:
            fail(f"FROM {base}: only Debian's own images can be made here")
        # From where this machine takes its own packages.
        known = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
        known = subprocess.run(known, capture_output=True, text=True, check=False).stdout.split()
        mirror = [uri for uri in known if uri.rstrip("/").endswith("/debian")][:1]
        self.here("debootstrap", "--variant=minbase", debian[1], str(self.root), *mirror)
        for name in ("dev", "dev/pts"):
            self.here("mount", "--bind", f"/{name}", f"{self.root}/{name}")
        self.here("mount", "-t", "tmpfs", "tmpfs", f"{self.root}/dev/shm")
        self.here("mount", "-t", "proc", "proc", f"{self.root}/proc")
        self.network()

    def network(self) -> None:
        for name in NETWORK:
            if Path("/", name).exists():
                target = self.root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                shutil.copyfile(f"/{name}", target)

    def argument(self, given: str) -> None:
        name, _, value = given.partition("=")
        self.arguments[name] = value

    def copy(self, given: str) -> None:
        *options, source, target = given.split()
        target = os.path.join(self.place, target)
        inside = Path(f"{self.root}{target}")
        if source != ".":
            shutil.copyfile(source, inside)
        else:
            # All but what the container's engine is told to leave.
            left = [f"--exclude=./{name}" for name in IGNORED.read_text().split()]
            pack = ["tar", "--create", "--anchored", *left, "."]
            with subprocess.Popen(pack, stdout=subprocess.PIPE) as packed:
                unpack = ["tar", "--extract", "--directory", str(inside), "--no-same-owner"]
                subprocess.run(unpack, stdin=packed.stdout, check=True)
            if packed.returncode != 0:
                fail("this checkout could not be packed")
            put_wheel(inside)
        owner = [option.partition("=")[2] for option in options if "--chown=" in option]
        if owner:
            self.here("chroot", str(self.root), "chown", "--recursive", f"{owner[0]}:", target)

    def build(self, command: str) -> None:
        self.must(command)
        # The package of certificates may have put others there.
        self.network()

    def become(self, name: str) -> None:
        self.user, self.home = name, "/root" if name == "root" else f"/home/{name}"

    def go(self, place: str) -> None:
        self.place = place
        inside = Path(f"{self.root}{place}")
        # As an engine does it: what is missing is root's.
        inside.mkdir(parents=True, exist_ok=True)

    def start(self, given: str) -> None:
        self.starts = json.loads(given)

    def do(self, word: str, given: str) -> None:
        """Carries out one instruction."""
        known = {"FROM": self.base, "ARG": self.argument, "COPY": self.copy, "RUN": self.build,
                 "USER": self.become, "WORKDIR": self.go, "CMD": self.start,
                 "EXPOSE": lambda port: None}  # fmt: skip
        if word not in known:
            fail(f"{RECIPE} has the instruction {word}, which is not known here")
        known[word](given)

    # ---- what the container is for ---------------------------------------------------------

    def picture(self) -> None:
        self.must("make --no-print-directory bench WHAT=first", stdout=None)

    def serve(self) -> None:
        """Starts what the container starts, at a port that is free here, and asks it."""
        port = subprocess.check_output([sys.executable, "-c", FREE], text=True).strip()
        start = [word.replace("0.0.0.0", "127.0.0.1") for word in self.starts]
        start[-1] += f" --ServerApp.port={port} --ServerApp.port_retries=0"
        ask = shlex.join(["python3", "-c", ASK, port, str(ANSWER)])
        self.must(f"{{ {shlex.join(start)} & {ask}; }}", stdout=None)


def wheel() -> Path:
    """The kernel's wheel that goes with the sources."""
    named = os.environ.get("KERNEL")
    found = [Path(named)] if named else sorted(Path("dist").glob("potok_kernel-*.whl"))
    if not found or not found[-1].is_file():
        fail(f"no wheel {named or 'in dist/'}: run `make dist` first; without one the image would "
             "build the kernel for 15 to 30 minutes")
    return found[-1]


def put_wheel(checkout: Path) -> None:
    """Puts the wheel, and no older one, where `make setup` looks for it."""
    for other in (checkout / "dist").glob("potok_kernel-*.whl"):
        other.unlink()
    (checkout / "dist").mkdir(exist_ok=True)
    shutil.copy(wheel(), checkout / "dist")


def inside(root: Path) -> None:
    """In namespaces of its own: all instructions, then what they are for."""
    LOG.parent.mkdir(exist_ok=True)
    began = time.monotonic()
    passed = lambda what: say(f"{time.monotonic() - began:4.0f} s: {what}")
    with LOG.open("w") as log:
        image = Image(root, log)
        for word, given in steps(RECIPE.read_text()):
            print(f"\n==== {word} {given}", file=log, flush=True)
            image.do(word, given)
            passed(f"{word} {given}")
        print("\n==== a picture, an answer", file=log, flush=True)
        image.picture()
        passed("a first picture")
        image.serve()
        passed(f"an answer of {shlex.join(image.starts)}")


def end(process: subprocess.Popen) -> None:
    """Ends the first process of the namespaces, with which all others end."""
    first = ["ps", "-o", "pid=", "--ppid", str(process.pid)]
    first = subprocess.run(first, capture_output=True, text=True, check=False).stdout.split()
    for pid in map(int, first):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if not first:
        process.kill()
    process.wait()


def main() -> None:
    if os.geteuid() != 0:
        fail("needs root, to change into another root directory: sudo make test-image")
    for tool in ("debootstrap", "setpriv", "unshare", "tar"):
        if not shutil.which(tool):
            fail(f"{tool} is missing. Run: apt-get install {tool}")
    wheel()
    place = os.environ.get("TMPDIR", "/var/tmp")
    if re.search(r"\s", place):
        fail(f"debootstrap takes no path with a space, and TMPDIR is '{place}': choose another")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("test-image: ended"))
    # The directory itself is root's alone; the Debian in it has to be open to its user.
    work = Path(tempfile.mkdtemp(prefix="potok-image-", dir=place))
    process = None
    try:
        root = work / "debian"
        root.mkdir(mode=0o755)
        process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child",
             sys.executable, __file__, "--inside", root],
            start_new_session=True,
        )  # fmt: skip
        code = process.wait()
    finally:
        if process:
            end(process)
        shutil.rmtree(work)
    sys.exit(code)


if __name__ == "__main__":
    inside(Path(sys.argv[2])) if sys.argv[1:2] == ["--inside"] else main()
