"""A `:dep` in a running notebook adds what is new and lets all the rest stay.

Each is followed by a cell of potok's, a count that goes on in a static of potok's own, a
function that runs in another process, and a variable from before. The first `:dep` of a
crate on a machine fetches its source, for which a network is needed.
"""

import os

import pytest
from conftest import SESSIONS, Kernel

PICTURE = 'record(|rec| rec.span("work", || busy(ms(1))))'
SPAWN = """fn child(n: u32) -> u32 { n + 7 }
println!("{:?}", processes::spawn(child, 1).and_then(|child| child.join()));"""
PANIC = 'panic!("in short")'

# A crate, what its `:dep` says, and a cell that uses it.
CRATES = {
    "fastrand": ('"2"', 'println!("{}", fastrand::u32(0..1));'),
    "serde": ('{ version = "1", features = ["derive", "rc"] }',
              '#[derive(serde::Serialize)] struct S; println!("0");'),
    "tokio": ('{ version = "1", features = ["rt", "sync", "macros"] }',
              'println!("{}", tokio::sync::Semaphore::new(0).available_permits());'),
    "plotters": (
        '{ version = "0.3.7", default-features = false, '
        'features = ["evcxr", "line_series", "point_series"] }',
        "use plotters::prelude::*; evcxr_figure((64, 48), |root| "
        "{ root.fill(&WHITE)?; Ok(()) })",
    ),
}


@pytest.fixture(scope="module")
def rust():
    """A kernel of its own, since its dependencies stay."""
    kernel = Kernel()
    kernel.client.execute_interactive("();", output_hook=lambda message: None, timeout=300)
    assert kernel.run("let kept = 5;")[0] == "ok"
    yield kernel
    kernel.shut_down()


def session(kernel):
    (name,) = kernel.sessions
    return SESSIONS / name


def versions(kernel) -> set[str]:
    """What the session's lock says of each package."""
    packages = (session(kernel) / "Cargo.lock").read_text().split("[[package]]")[1:]
    fields = ("name = ", "version = ", "source = ")
    return {
        " ".join(sorted(line for line in package.splitlines() if line.startswith(fields)))
        for package in packages
    }


def dylibs(kernel) -> dict[str, tuple[int, int]]:
    """potok's dylibs: which file each is."""
    found = (session(kernel) / "crate/target").glob("*/debug/deps/libpotok-*.so")
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def count(kernel) -> int:
    """The next number from a static of potok's: part of each live picture's name."""
    run = kernel.execute(f"let mut live = Live::new(); live.update(&{PICTURE}); drop(live);")
    (shown,) = run.of("display_data")
    return int(shown["transient"]["display_id"].rsplit("-", 1)[1])


def works(kernel) -> None:
    run = kernel.execute(PICTURE)
    assert run.status == "ok" and "text/html" in run.of("execute_result")[0]["data"]
    assert kernel.run(SPAWN) == ("ok", "Ok(8)\n")


@pytest.mark.parametrize("name", CRATES)
def test_a_dep_adds_what_is_new_and_lets_the_rest_stay(rust, name):
    before = versions(rust), dylibs(rust), count(rust)
    config, code = CRATES[name]
    run = rust.execute(f":dep {name} = {config}\n{code}")
    assert run.status == "ok", run.reply
    assert "anew" not in run.text("stderr")
    assert before[0] <= versions(rust), "a version was chosen anew"
    assert dylibs(rust) == before[1], "potok was compiled again"
    works(rust)
    assert count(rust) == before[2] + 1
    assert rust.run('println!("{kept}");') == ("ok", "5\n")


def test_a_path_crate_that_is_built_on_potok_shares_it(rust, tmp_path):
    (tmp_path / "src").mkdir()
    potok = os.path.abspath("crate/potok")
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "mine"\nversion = "0.1.0"\nedition = "2024"\n'
        f'[dependencies]\npotok = {{ path = "{potok}" }}\n'
    )
    (tmp_path / "src/lib.rs").write_text(
        "pub fn live(trace: &potok::trace::Trace) "
        "{ potok::display::Live::new().update(trace) }"
    )
    before = dylibs(rust), count(rust)
    run = rust.execute(f':dep mine = {{ path = "{tmp_path}" }}\nmine::live(&{PICTURE});')
    assert run.status == "ok", run.reply
    (shown,) = run.of("display_data")
    assert int(shown["transient"]["display_id"].rsplit("-", 1)[1]) == before[1] + 1
    assert count(rust) == before[1] + 2
    assert dylibs(rust) == before[0]
    works(rust)
    assert rust.run('println!("{kept}");') == ("ok", "5\n")


def test_a_version_beside_which_potok_cannot_stand_is_one_sentence(rust):
    run = rust.execute(':dep rayon = "=1.5.0"\nprintln!("it runs");')
    assert run.status == "error" and run.reply["ename"] == "CompileError", run.reply
    said = run.reply["evalue"]
    assert said.startswith('`rayon = "=1.5.0"` does not go together with potok'), said
    assert "rayon 1.12" in said and 'write `:dep rayon = "1.12"`' in said, said
    # What it says helps, and nothing is lost.
    assert rust.run(':dep rayon = "1.12"\nprintln!("{kept}");') == ("ok", "5\n")


def test_where_a_dep_changes_potok_the_kernel_says_so_and_starts_anew(rust):
    # A feature that potok has no use for, of a crate that it is built on. Slow: it compiles
    # potok once more. It stands last, since it takes the variables away.
    before = dylibs(rust)
    features = '["use-std", "paste"]'
    run = rust.execute(
        f':dep postcard = {{ version = "1", default-features = false, features = {features} }}'
        '\nprintln!("it runs");'
    )
    assert (run.status, run.text()) == ("ok", "it runs\n"), run.reply
    said = run.text("stderr")
    assert said.startswith("potok was compiled anew") and "variables are gone" in said
    assert said.count("\n") == 1, said
    assert before.items() < dylibs(rust).items(), "replaced under the old process"
    works(rust)
    first = count(rust)
    assert count(rust) == first + 1
    assert rust.run('println!("{kept}");')[0] == "error"
    panic = rust.execute(PANIC)
    assert panic.reply["evalue"] == "in short" and not panic.text("stderr")


def test_the_cells_find_the_users_own_cargo(rust):
    code = 'println!("{}", std::env::var("PATH").unwrap());'
    path = rust.execute(code).text().strip()
    assert not [each for each in path.split(os.pathsep) if str(SESSIONS) in each]
