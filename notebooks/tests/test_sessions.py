"""A kernel works in a directory of its own, and none is left when kernels are gone."""

import os
import signal

from conftest import CACHE, processes, sessions, until


def test_two_kernels_do_not_disturb_each_other(shared, kernel):
    other = kernel()
    assert len(shared.sessions) == len(other.sessions) == 1
    assert shared.sessions != other.sessions
    for rust, name in [(shared, "ann"), (other, "bob")]:
        assert rust.run(f'let name = "{name}".to_string();')[0] == "ok"
    assert shared.run('println!("{name}");') == ("ok", "ann\n")
    assert other.run('println!("{name}");') == ("ok", "bob\n")

    # The one that is told to end leaves nothing, and the other goes on.
    os.kill(other.pid, signal.SIGTERM)
    assert until(lambda: not processes(other.pid)), processes(other.pid)
    assert until(lambda: not other.sessions & sessions())
    assert shared.run('println!("{name} stays");') == ("ok", "ann stays\n")


def test_what_a_killed_kernel_leaves_is_swept_and_the_living_are_not(shared, kernel):
    killed = kernel()
    os.killpg(killed.pid, signal.SIGKILL)
    assert until(lambda: not processes(killed.pid)), processes(killed.pid)
    assert killed.sessions <= sessions(), "nothing could clean up after SIGKILL"

    next_one = kernel()
    assert not killed.sessions & sessions()
    assert shared.sessions <= sessions()
    assert shared.run('println!("alive");') == ("ok", "alive\n")

    # A kernel does not outlive the process that owns its directory.
    os.kill(next_one.pid, signal.SIGKILL)
    assert until(lambda: not processes(next_one.pid)), processes(next_one.pid)


def test_a_session_shares_no_file_with_the_template(shared):
    templates = {
        (found.st_dev, found.st_ino)
        for path in (CACHE / "templates").rglob("*.so")
        if (found := path.stat())
    }
    assert templates
    for name in shared.sessions:
        for path in (CACHE / "sessions" / name).rglob("*.so"):
            found = path.stat()
            assert (found.st_dev, found.st_ino) not in templates, path
