"""Cells are compiled without cargo, as cargo would compile them, while nothing else changes.

That the results are the same, to the byte, is checked here for cells of many kinds, and in
test_notebooks.py for the lecture's own."""

import json

import pytest

# An item, values, a picture, errors of each stage, warnings, what cargo sets, a crate.
CELLS = [
    ('println!("a");', "ok"),
    ("let n = 1;", "ok"),
    ("n + 1", "ok"),
    ("fn f(x: u8) -> u8 { x + 1 }", "ok"),
    ("f(3)", "ok"),
    ('record(|rec| rec.span("a", || busy(ms(1))))', "ok"),
    ('let x: u8 = "a";', "error"),
    ("fn g() -> u8 { let unused = 1; 2 }", "ok"),
    ('fn h() { let s = String::new(); drop(s); println!("{s}"); }', "error"),
    ('extern "C" { fn nowhere(); }', "error"),
    ('env!("CARGO_PKG_NAME")', "ok"),
    ("n", "ok"),
]


@pytest.fixture
def log(tmp_path, monkeypatch):
    """What was compiled how, since the last look."""
    path = tmp_path / "replay.log"
    monkeypatch.setenv("POTOK_REPLAY_LOG", str(path))

    def lines() -> list[dict]:
        found = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("")
        return found

    path.write_text("")
    return lines


def test_cells_compiled_without_cargo_are_the_same_to_the_byte(kernel, log, monkeypatch):
    monkeypatch.setenv("POTOK_REPLAY", "compare")
    it = kernel()
    for code, status in [(":dep potok = { path = '../crate/potok' }", "ok"), *CELLS]:
        if code.startswith(":dep"):
            code = code.replace("'", '"') + "\nuse potok::prelude::*;"
        assert it.run(code)[0] == status, code
    compared = [line["compared"] for line in log() if "compared" in line]
    assert len(compared) >= len(CELLS) and set(compared) == {"same"}, compared


def test_cargo_compiles_one_cell_and_what_follows_goes_without(kernel, log):
    it = kernel()
    assert it.run('println!("a");')[0] == "ok"
    log()
    for code in ('println!("b");', "let n = 2;", "n + 1", "fn f() -> u8 { 1 }"):
        assert it.run(code)[0] == "ok", code
    assert it.run("let m: u8 = n + nothing;")[0] == "error"
    assert it.run("n + 1") == ("ok", "") and it.run('println!("{n}");')[1] == "2\n"
    lines = log()
    assert len(lines) >= 7 and all("replayed" in line for line in lines), lines


def test_what_a_cell_depends_on_is_looked_at_each_time(kernel, log, tmp_path):
    crate = tmp_path / "mine"
    (crate / "src").mkdir(parents=True)
    manifest = '[package]\nname = "mine"\nversion = "0.1.0"\nedition = "2024"\n'
    (crate / "Cargo.toml").write_text(manifest)
    answer = lambda n: f"pub const ANSWER: u32 = {n};\n"
    (crate / "src/lib.rs").write_text(answer(41))
    it = kernel()
    assert it.run(f':dep mine = {{ path = "{crate}" }}')[0] == "ok"
    ask = 'println!("{}", mine::ANSWER);'
    assert it.run(ask) == ("ok", "41\n")
    (crate / "src/lib.rs").write_text(answer(42))
    log()
    assert it.run(ask) == ("ok", "42\n")
    assert f"{crate}/src/lib.rs has changed" in [line.get("cargo") for line in log()]
    assert it.run(f"{ask} // again") == ("ok", "42\n")
    assert all("replayed" in line for line in log())


def test_it_can_be_switched_off(kernel, log, monkeypatch):
    monkeypatch.setenv("POTOK_REPLAY", "off")
    it = kernel()
    assert it.run("1 + 1")[0] == "ok"
    assert {line["cargo"] for line in log()} == {"switched off"}
