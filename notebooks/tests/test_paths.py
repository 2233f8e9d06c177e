"""No place surprises a kernel: it works there, or says in a sentence what is wrong and what
helps, at once.

Each odd cache starts with a copy of the template that is here already: nothing is compiled
but cells. What only root can arrange (a small file system, a read-only one) is skipped by
others, who are stopped by permissions instead.
"""

import os
import shutil
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import CACHE, NOTEBOOKS, ROOT, execute
from jupyter_client.connect import write_connection_file
from jupyter_client.manager import KernelManager

PROGRAM = Path(sys.prefix) / "bin/potok-kernel"
POTOK = ROOT / "crate/potok"
AT_ONCE = 20  # seconds that a refusal may take on a busy machine

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system: root only")
not_root = pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")


def template_of(potok: Path) -> Path:
    """The template that a checkout uses now: the first in its note."""
    notes = [note.read_text().splitlines() for note in (CACHE / "templates/.users").glob("[0-9a-f]*")]
    (name,) = [names[0] for path, *names in notes if path == str(potok)]
    return CACHE / "templates" / name


def with_template(base: Path) -> Path:
    """A cache directory in which potok is compiled already."""
    mine = template_of(POTOK)
    shutil.copytree(mine, base / "potok/templates" / mine.name, symlinks=True)
    (base / "potok/templates").chmod(0o700)
    (base / "potok").chmod(0o700)
    return base


def compiled(directory: Path) -> dict[str, int]:
    """The libraries in a template or a session, and when each was made."""
    found = directory.glob("crate/target/*/debug/deps/lib*.so")
    return {path.name: path.stat().st_mtime_ns for path in found if "libctx" not in path.name}


@contextmanager
def kernel(potok: Path = POTOK, **env):
    """A client of a kernel that has answered."""
    manager = KernelManager(kernel_name="rust")
    command = [str(PROGRAM), "start", "{connection_file}", str(potok)]
    manager.kernel_spec.argv[:] = command
    manager.start_kernel(cwd=str(NOTEBOOKS), env={**os.environ, **env})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def refusal(*args: str, **env) -> str:
    """What the program says when it will not do something."""
    start = time.monotonic()
    done = subprocess.run(
        [PROGRAM, *args], capture_output=True, text=True, timeout=AT_ONCE,
        env={**os.environ, **env}, check=False,
    )  # fmt: skip
    assert done.returncode != 0, done
    assert time.monotonic() - start < AT_ONCE
    *before, last = done.stderr.splitlines()
    # Before it may stand that potok is not compiled in advance.
    assert all("potok is not compiled" in line for line in before), done.stderr
    return last


@contextmanager
def mounted(*command: str):
    """A mount, which is taken away whatever happens."""
    subprocess.run(["mount", *command], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", command[-1]], check=True)


def test_spaces_letters_and_marks_in_the_caches_path(tmp_path):
    base = with_template(tmp_path / "Аня Петрова's \"кэш\" $HOME, #1=1")
    with kernel(XDG_CACHE_HOME=str(base)) as client:
        assert execute(client, 'println!("{}", 6 * 7);').text() == "42\n"
        assert execute(client, "fn double(n: u32) -> u32 { 2 * n }").status == "ok"
        # A worker finds the cell's object by its path, too.
        run = execute(client, 'println!("{}", processes::spawn(double, 21)?.join()?);')
        assert run.text() == "42\n", run
        # After an interrupt another process is given the orders.
        assert execute(client, "std::process::abort()").status == "error"
        assert execute(client, 'println!("{}", double(4));').text() == "8\n"
    assert {path.name for path in (base / "potok/sessions").iterdir()} == {".gate"}


def test_a_cache_path_that_no_socket_could_have(tmp_path):
    base = with_template(tmp_path / ("d" * 200) / ("e" * 200))
    with kernel(XDG_CACHE_HOME=str(base)) as client:
        assert execute(client, 'println!("here");').text() == "here\n"


def test_all_is_private_whatever_the_umask(tmp_path):
    base = with_template(tmp_path / "cache")
    (base / "potok").chmod(0o777)
    before = os.umask(0)
    try:
        with kernel(XDG_CACHE_HOME=str(base)) as client:
            execute(client, "();")
            cache = base / "potok"
            (session,) = [path for path in (cache / "sessions").iterdir() if path.is_dir()]
            for path in [cache, cache / "sessions", cache / "templates", session]:
                assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
            for path in [cache / "sessions/.gate", session.with_suffix(".lock")]:
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    finally:
        os.umask(before)


def test_a_sweep_removes_nothing_by_a_strange_name(tmp_path):
    sessions = tmp_path / "potok/sessions"
    sessions.mkdir(parents=True)
    kept = tmp_path / "potok/templates/kept"
    kept.parent.mkdir()
    kept.touch()
    for name in ["...lock", "..lock", ".lock"]:
        (sessions / name).touch()
    os.mkfifo(sessions / "1-1.lock")
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [PROGRAM, "sweep"], env=env, timeout=AT_ONCE, check=True, capture_output=True, text=True
    )
    assert "1-1.lock is a pipe" in done.stderr and "rm -r" in done.stderr
    assert kept.exists()


def test_links_in_the_place_of_directories_are_refused(tmp_path):
    theirs = tmp_path / "theirs"
    (theirs / "1-1").mkdir(parents=True)
    (tmp_path / "potok").mkdir()
    (tmp_path / "potok/sessions").symlink_to(theirs)
    said = refusal("sweep", XDG_CACHE_HOME=str(tmp_path))
    assert "sessions is a symbolic link" in said and "rm -r" in said
    assert (theirs / "1-1").is_dir()


@only_root
def test_another_users_cache_is_named_with_its_cure(tmp_path):
    (tmp_path / "potok").mkdir()
    os.chown(tmp_path / "potok", 65534, 65534)
    said = refusal("sweep", XDG_CACHE_HOME=str(tmp_path))
    assert "belongs to user 65534" in said and "sudo chown -R 0" in said


@only_root
@pytest.mark.parametrize("roots", [".", "potok", "potok/sessions", "potok/sessions/.gate"])
def test_a_cache_that_root_made_is_named_with_its_cure(tmp_path, roots):
    program = tmp_path / "potok-kernel"
    shutil.copy(PROGRAM, program)
    cache = tmp_path / "cache"
    # As far as it is root's, and what is above that the user's own.
    path = cache / roots
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name == ".gate":
        path.touch(mode=0o600)
    else:
        path.mkdir(parents=True, exist_ok=True)
    for above in path.parents:
        if above == cache or cache in above.parents:
            os.chown(above, 65534, 65534)
    for path in [tmp_path, *tmp_path.parents[:-2]]:
        path.chmod(path.stat().st_mode | 0o055)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "sweep"],
        env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True, text=True, timeout=AT_ONCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert f"sudo chown -R 65534 {cache}" in said, said
    if roots != ".":
        assert f"{cache / roots} belongs to user 0, not to you (user 65534)" in said, said


@not_root
def test_a_cache_that_may_not_be_written_is_named_with_its_cure(tmp_path):
    tmp_path.chmod(0o500)
    try:
        said = refusal("sweep", XDG_CACHE_HOME=str(tmp_path))
    finally:
        tmp_path.chmod(0o700)
    assert "permission denied" in said and "XDG_CACHE_HOME=" in said


def test_a_path_that_no_tool_can_build_in_is_refused(tmp_path):
    for name in ["a:b", "a;b", "100 %", "line\nbreak"]:
        said = refusal("sweep", XDG_CACHE_HOME=str(tmp_path / name))
        assert "choose another place" in said


def test_a_file_in_the_caches_place_is_refused(tmp_path):
    (tmp_path / "file").touch()
    said = refusal("sweep", XDG_CACHE_HOME=str(tmp_path / "file"))
    assert str(tmp_path / "file") in said and "XDG_CACHE_HOME=" in said


def test_without_a_home_directory_the_systems_own_list_names_it():
    env = {name: value for name, value in os.environ.items() if name != "HOME"}
    done = subprocess.run(
        [PROGRAM, "sweep"], env=env, timeout=AT_ONCE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@only_root
def test_a_library_that_can_only_be_read(tmp_path):
    """A checkout with a space in its path, on a file system that is read-only."""
    checkout = tmp_path / "мой поток"
    checkout.mkdir()
    with mounted("--bind", str(ROOT), str(checkout)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(checkout)], check=True)
        base = with_template(tmp_path / "cache")
        with kernel(checkout / "crate/potok", XDG_CACHE_HOME=str(base)) as client:
            assert execute(client, 'println!("{:?}", ms(5));').text() == "5ms\n"
            # The template is that of this checkout, whose sources are the same.
            (session,) = [dir for dir in (base / "potok/sessions").iterdir() if dir.is_dir()]
            here = compiled(session)
            assert any(name.startswith("libpotok-") for name in here)
            assert here == compiled(template_of(POTOK))


def setup(cwd: Path = ROOT, **env) -> str:
    """What `make setup` says when it stops before anything is installed."""
    done = subprocess.run(
        ["sh", "notebooks/tools/setup.sh"], cwd=cwd, env={**os.environ, **env},
        capture_output=True, text=True, timeout=AT_ONCE, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done
    return done.stderr


@only_root
def test_make_setup_says_that_a_checkout_can_only_be_read(tmp_path):
    with mounted("--bind", str(ROOT), str(tmp_path)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(tmp_path)], check=True)
        said = setup(tmp_path)
    assert "This checkout cannot be written to" in said and "cp -r" in said, said


def test_make_setup_says_that_a_cache_cannot_be_used(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "potok").symlink_to(tmp_path / "theirs")
    assert "is a link" in setup(XDG_CACHE_HOME=str(tmp_path))
    assert not any((tmp_path / "theirs").iterdir())
    assert "has a colon, a semicolon or a %" in setup(XDG_CACHE_HOME=str(tmp_path / "100 %"))
    (tmp_path / "file").touch()
    assert "is not writable" in setup(XDG_CACHE_HOME=str(tmp_path / "file"))


@only_root
def test_a_venv_that_can_only_be_read_is_named():
    with mounted("--bind", sys.prefix, sys.prefix):
        subprocess.run(["mount", "-o", "remount,ro,bind", sys.prefix], check=True)
        said = refusal("install", sys.prefix, str(POTOK))
    assert f"cannot write {sys.prefix}/share/jupyter/kernels/rust: Read-only" in said, said
    assert "make it writable" in said, said


@only_root
def test_a_full_disk_is_said_at_the_start(tmp_path):
    file, _ = write_connection_file(str(tmp_path.with_name("connection.json")))
    with mounted("-t", "tmpfs", "-o", "size=32m,mode=700", "tmpfs", str(tmp_path)):
        for begin in [("template", str(POTOK)), ("start", file, str(POTOK))]:
            said = refusal(*begin, XDG_CACHE_HOME=str(tmp_path))
            assert "no room left for" in said and "df -h" in said, said
        # What was begun is not left in the way.
        assert not [*tmp_path.rglob("[0-9]*-*"), *tmp_path.rglob(".making")]


@only_root
def test_a_disk_that_is_full_when_a_cell_is_compiled(tmp_path):
    with mounted("-t", "tmpfs", "-o", "size=1200m,mode=700", "tmpfs", str(tmp_path)):
        with_template(tmp_path)
        with kernel(XDG_CACHE_HOME=str(tmp_path)) as client:
            assert execute(client, "let kept = vec![1, 2, 3];").status == "ok"
            filler = tmp_path / "filler"
            with open(filler, "wb", buffering=0) as file, pytest.raises(OSError):
                while True:
                    file.write(b"x" * 65536)
            run = execute(client, 'println!("{}", kept.len());')
            assert run.status == "error", run
            assert "No space left on device" in str(run.of("error")), run.of("error")
            filler.unlink()
            # Nothing else is lost.
            assert execute(client, 'println!("{}", kept.len());').text() == "3\n"
