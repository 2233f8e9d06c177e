"""`potok-kernel doctor` names what is missing, and the command that mends it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, SESSIONS

PROGRAM = Path(sys.prefix) / "bin/potok-kernel"


def doctor(*options, **env):
    done = subprocess.run(
        [PROGRAM, "doctor", *options],
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, **env},
    )
    assert not done.stderr, done.stderr
    lines = {}
    for line in done.stdout.splitlines()[:-1]:
        if line.startswith(" "):
            lines[what]["mend"].append(line.strip().removeprefix("$ "))
        else:
            state, what, said = line[:6].strip(), line[7:18].strip(), line[19:]
            lines[what] = {"state": state, "said": said, "mend": []}
    return done.returncode, lines


def path_with(directory, programs) -> str:
    """A PATH on which there are these programs alone."""
    for program in programs:
        (directory / program).symlink_to(shutil.which(program))
    return str(directory)


def test_all_is_well_here_and_an_empty_cell_is_timed():
    code, lines = doctor()
    assert code == 0, lines
    assert not [what for what, line in lines.items() if line["state"] == "BAD"]
    assert lines["template"]["state"] == "ok"
    assert 0 < float(lines["empty cell"]["said"].split()[0]) < 60
    columns = {"compiler", "rust-src", "linker", "python", "jupyter", "java"}
    assert columns | {"ports", "disk", "memory", "sessions"} <= set(lines)


def test_without_a_linker_one_is_named(tmp_path):
    code, lines = doctor("--quick", PATH=path_with(tmp_path, ["rustc", "cargo"]))
    assert code == 1
    assert lines["linker"]["state"] == "BAD"
    assert "`cc` not found" in lines["linker"]["said"]
    assert lines["linker"]["mend"] == ["sudo apt-get install build-essential"]
    assert lines["java"]["state"] == "note", "only Spark needs it"


def test_without_a_compiler_the_rest_is_not_blamed(tmp_path):
    code, lines = doctor(PATH=str(tmp_path), HOME=str(tmp_path))
    assert code == 1
    assert [what for what, line in lines.items() if line["state"] == "BAD"] == ["compiler"]
    assert lines["compiler"]["said"].startswith("rustc is missing")
    assert lines["linker"]["state"] == lines["empty cell"]["state"] == "-"


def test_an_old_compiler_is_told_to_be_updated(tmp_path):
    old = tmp_path / "rustc"
    old.write_text("#!/bin/sh\necho rustc 1.70.0\n")
    old.chmod(0o755)
    code, lines = doctor("--quick", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert code == 1
    assert lines["compiler"]["said"] == "rustc 1.70.0 is too old; 1.95 is needed"
    assert lines["compiler"]["mend"] == ["rustup update stable"]


def without_shared_std(directory: Path) -> str:
    """A PATH whose compiler has no shared standard library, as Debian's and Fedora's."""
    compiler = directory / "rustc"
    compiler.write_text(
        "#!/bin/sh\n"
        f'[ "$*" = "--print target-libdir" ] && exec echo {directory}\n'
        f'exec {shutil.which("rustc")} "$@"\n'
    )
    compiler.chmod(0o755)
    (directory / "libstd-1744975912a6d4c9.rlib").touch()
    return f"{directory}:{os.environ['PATH']}"


def test_a_compiler_without_the_shared_library_is_told_of_another(tmp_path):
    path = without_shared_std(tmp_path)
    code, lines = doctor("--quick", PATH=path)
    assert code == 1
    assert "without the shared standard library, libstd-*.so" in lines["compiler"]["said"]
    assert lines["compiler"]["mend"] == ["rustup default stable"]
    setup = subprocess.run(
        ["sh", "notebooks/tools/setup.sh"], cwd=ROOT, env={**os.environ, "PATH": path},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert setup.returncode == 1, setup
    assert f"This rustc ({tmp_path}/rustc) comes without the shared" in setup.stderr, setup
    assert "rustup default stable" in setup.stderr, setup
    (tmp_path / "libstd-1744975912a6d4c9.so").touch()
    code, lines = doctor("--quick", PATH=path)
    assert lines["compiler"]["state"] == "ok", lines


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    code, lines = doctor("--quick", XDG_CACHE_HOME=str(tmp_path / "file"))
    assert code == 1
    assert lines["disk"]["state"] == "BAD"
    assert "XDG_CACHE_HOME" in lines["disk"]["mend"][0]


def test_what_is_not_compiled_in_advance_is_a_note(tmp_path):
    code, lines = doctor("--quick", XDG_CACHE_HOME=str(tmp_path))
    assert code == 0
    assert lines["template"]["state"] == "note"
    assert lines["template"]["mend"] == ["make setup"]


def test_what_is_no_session_is_named_with_its_cure_and_left(tmp_path):
    sessions = tmp_path / "potok/sessions"
    sessions.mkdir(parents=True)
    os.mkfifo(sessions / "1-1.lock")
    code, lines = doctor("--quick", "--fix", XDG_CACHE_HOME=str(tmp_path))
    assert code == 1
    assert lines["sessions"]["state"] == "BAD"
    assert "1-1.lock is a pipe" in lines["sessions"]["said"]
    assert f"rm -r {sessions / '1-1.lock'}" in lines["sessions"]["said"]
    assert (sessions / "1-1.lock").exists()


def test_stale_directories_are_named_then_removed_and_the_living_are_not(shared):
    dead, unlocked = SESSIONS / "1-1", SESSIONS / "2-2"
    dead.mkdir()
    unlocked.mkdir()
    (SESSIONS / "1-1.lock").touch()
    code, lines = doctor("--quick")
    assert code == 0
    assert lines["sessions"]["state"] == "note"
    assert str(dead) in lines["sessions"]["said"]
    assert str(unlocked) in lines["sessions"]["said"]
    assert dead.is_dir(), "nothing is removed unasked"

    code, lines = doctor("--quick", "--fix")
    assert lines["sessions"]["state"] == "ok"
    assert not dead.exists() and not unlocked.exists()
    assert not (SESSIONS / "1-1.lock").exists()
    for name in shared.sessions:
        assert (SESSIONS / name).is_dir()
    assert shared.run('println!("alive");') == ("ok", "alive\n")
