"""What the text of each notebook claims of the outputs stored beside it.

    claims.py [NOTEBOOK...]

prints the claims that the stored outputs do not bear out. `lecture.py --store` keeps no
outputs against which a claim fails, and `make check` looks at what is stored. A live run,
in class or in a test, is never failed by a claim: another machine may have other cores.
"""

import re
import sys
from pathlib import Path

import nbformat
from stored import Outputs

ALONE = "never two lanes running at the same time"
DISTURBED = "the machine was disturbed"
TOGETHER = "two or more lanes running"


def faster(cell, workers, least, title=""):
    return lambda out: out.table(cell, title)[str(workers)]["speed-up"] >= least


def not_faster(cell, workers, most, title=""):
    return lambda out: out.table(cell, title)[str(workers)]["speed-up"] <= most


def says(cell, words):
    return lambda out: out.says(cell, words)


def rising(cell, heading):
    """The rows of a table stand in order, the smallest first."""

    def check(out):
        values = list(out.column(cell, heading).values())
        return len(values) > 1 and values == sorted(values)

    return check


def sooner(cell, first, second):
    """Of two timelines of a cell, by their titles, one ends before the other."""
    ends = lambda out, title: out.after(cell, "spans in", title)
    return lambda out: ends(out, first) < ends(out, second)


def below(cell, heading, low, high, factor=1.0):
    """One row's value, times `factor`, is less than another row's."""

    def check(out):
        values = out.column(cell, heading)
        return values[low] * factor < values[high]

    return check


def had_cores(cell):
    """What the first timeline calls running was on a core, nearly all of it."""

    def check(out):
        ran, on_a_core = (sum(out.column(cell, name).values()) for name in ["ran", "on a core"])
        return on_a_core > 0.8 * ran

    return check


def lanes(out, cell):
    """The lane of each span that has a line of its own, by its label."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in out[cell].splitlines()]
    return {row[4]: row[1] for row in rows if len(row) == 5}


def orders(out):
    """The number of orders of each of the eight programs."""
    rows = re.findall(r"^(.+?)\s{2,}.*?(\d+) orders", out["c195d2d8"], re.MULTILINE)
    return {name.strip(): int(number) for name, number in rows}


def same_lanes(cell, *groups):
    """Spans of one group ran on one lane, spans of another on another."""

    def check(out):
        found = lanes(out, cell)
        each = [{found[label] for label in group} for group in groups]
        return all(len(lane) == 1 for lane in each) and len(set.union(*each)) == len(groups)

    return check


# By the notebook's number: the cell's id, the claim in words, and its check.
CLAIMS = {
    "01": [
        ("6443d0ab", "two workers are at least 1.6 times as fast", faster("6443d0ab", 2, 1.6)),
        ("6443d0ab", "no number of workers is faster than the cores allow",
         lambda out: max(row["speed-up"] for row in out.table("6443d0ab").values()) < 2.15
         and out.says("6443d0ab", "The cores were there and were used")),
        ("a3da0102", "the law finds the serial fifth again",
         lambda out: 0.12 <= out.after("a3da0102", "Amdahl's law fitted:") <= 0.28),
        ("aad77ac0", "the window freezes for at least 250 ms",
         lambda out: out.after("aad77ac0", "longest freeze") >= 0.25),
        ("b8c02beb", "with a thread it freezes for at most 50 ms",
         lambda out: out.after("b8c02beb", "longest freeze") <= 0.05),
        ("bcaaa74d", "with one thread the last of eight waits for all the others",
         lambda out: out.column("bcaaa74d", "largest")["one thread"] >= 8 * 0.019),
        ("bcaaa74d", "with the other two no client notices the others",
         lambda out: max(out.column("bcaaa74d", "largest")[way]
                         for way in ["a thread per request", "an event loop"]) <= 0.05),
        ("c01957d8", "where they compute, an event loop is as slow as one thread",
         lambda out: out.column("c01957d8", "largest")["an event loop"] >= 8 * 0.019),
        ("c01957d8", "where they compute, threads use the other cores",
         below("c01957d8", "largest", "a thread per request", "one thread", 1.5)),
    ],
    "02": [
        ("a3da0201", "three threads, two of them named",
         lambda out: all(re.search(rf"\n    {name}  \d+", out["a3da0201"])
                         for name in ["ann", "bob", "potok-kernel"])),
        ("d9eff318", "one address, and two values behind it",
         lambda out: re.fullmatch(r'\(\("(\w+)", 100\), \("\1", 1\)\)', out["d9eff318"].strip())
         is not None),
        ("c663e074", "both have two sockets, and the variable has two values",
         lambda out: len(re.findall(r"socket:", out["c663e074"])) == 4
         and re.findall(r"= (\d+)", out["c663e074"]) == ["1", "100"]),
        ("2a2bdcea", "a process costs more than ten threads, forked or another program",
         lambda out: 10 * out.column("2a2bdcea", "time")["thread"]
         < min(out.column("2a2bdcea", "time")[way]
               for way in ["process: fork", "process: a program"])),
        ("a835584e", "three children answer, one is killed",
         lambda out: out["a835584e"].count("Ok(") == 3 and "SIGABRT" in out["a835584e"]),
        ("367f04b5", "on one core only one runs", says("367f04b5", ALONE)),
        ("d01bebc4", "on all cores several run", says("d01bebc4", TOGETHER)),
        ("c4d310e6", "the nice one gets about a tenth",
         lambda out: 0.05 <= out.column("c4d310e6", "share")["nice 10"] <= 0.15),
    ],
    "03": [
        ("2066636f", "more than one order came out",
         lambda out: len(out.column("2066636f", "runs")) > 1),
        ("2066636f", "and none came out always",
         lambda out: max(out.column("2066636f", "runs").values()) < 300),
        ("3436ce15", "four threads wait for 50 ms together",
         lambda out: out.after("3436ce15", "spans in") <= 0.08),
        ("ae68fa2a", "four threads that compute take longer than 50 ms",
         lambda out: out.after("ae68fa2a", "spans in", "Four threads that compute") >= 0.08),
        ("ae68fa2a", "and had a core for only a part of it",
         says("ae68fa2a", "running or ready to run")),
    ],
    "04": [
        ("37790746", "two threads of Python are not faster than one",
         lambda out: out.after("37790746", "2 thread(s):")
         > 0.93 * out.after("37790746", "1 thread(s):")),
        ("d0b72322", "threads of Python gain nothing",
         not_faster("d0b72322", 2, 1.15, "CPython.* threads$") ),
        ("d0b72322", "processes of Python gain", faster("d0b72322", 2, 1.5, "processes$")),
        ("d0b72322", "threads of Rust gain", faster("d0b72322", 2, 1.5, "^Rust threads$")),
        ("e4dc6f95", "threads of Python that wait overlap",
         faster("e4dc6f95", 4, 3.0, "CPython.* threads$")),
        ("da03105f", "under the lock one runs at a time", says("da03105f", ALONE)),
        ("0766fb9a", "without it several run", says("0766fb9a", TOGETHER)),
        ("7a905b8b", "a shorter interval means more handovers",
         lambda out: out.after("7a905b8b", "handovers:")
         > 2 * out.after("da03105f", "handovers:")),
        ("7a905b8b", "and the work is not done faster",
         lambda out: out.after("7a905b8b", "spans in")
         > 0.9 * out.after("da03105f", "spans in")),
        ("26f480d3", "three together need the 70 ms of Python that there is",
         lambda out: out.after("26f480d3", "spans in") >= 0.069),
        ("26f480d3", "who mostly waits needs more than alone",
         lambda out: all(out.column("26f480d3", "waited")[who]
                         + out.column("26f480d3", "ran")[who] > 0.057
                         for who in ["disk", "net"])),
        ("2ffd8ce7", "without protection counts get lost",
         below("2ffd8ce7", "references counted", "load, then store", "one atomic addition")),
        ("2ffd8ce7", "an atomic addition costs more with one thread too",
         lambda out: out.after("2ffd8ce7", "one thread", "one atomic addition")
         > 1.5 * out.after("2ffd8ce7", "one thread", "load, then store")),
        ("a3da0402", "a line without a call loses nothing here, one with a call does",
         lambda out: out.after("a3da0402", "c += 1:") == 2_000_000
         > out.after("a3da0402", "one():")),
    ],
    "05": [
        ("8fca4a24", "threads of Python gain nothing",
         not_faster("8fca4a24", 2, 1.15, "CPython.* threads$")),
        ("8fca4a24", "processes of Python gain", faster("8fca4a24", 2, 1.5, "processes$")),
        ("f6c63182", "what is written to is copied", says("f6c63182", "(0, 64) MiB")),
        ("b02c4b29", "one of four children gives a result, and one was killed",
         lambda out: out["b02c4b29"].count("a result:") == 1 and "SIGABRT" in out["b02c4b29"]),
        ("d7991890", "of eight items the one that killed its worker has no result",
         lambda out: out["d7991890"].count(": Ok(") == 7
         and "3: Err(Killed(6)" in out["d7991890"] and "done: 28" in out["d7991890"]),
        ("f78f105f", "256 MiB more make a fork several times as dear",
         below("f78f105f", "time", "as it is", "256 MiB more", 2.5)),
        ("edab34ec", "a pipe adds two sockets and nothing else",
         lambda out: [row.split()[1][:7] for row in out["edab34ec"].split("\n") if row]
         == ["socket:"] * 2),
        ("887de227", "six messages", says("887de227", "6 messages")),
        ("fbe64e7f", "the two workers work at the same time", says("fbe64e7f", TOGETHER)),
        ("a00df786", "one worker gets the tasks 0, 4 and 5, the other 1, 2 and 3",
         same_lanes("a00df786", "045", "123")),
        ("a139b6d2", "the plain counter loses",
         lambda out: out.after("a139b6d2", "plain") < out.after("a139b6d2", "atomic")),
        ("fe568b42", "to start a process costs at least ten threads, forked or spawned",
         lambda out: 10 * out.column("fe568b42", "time")["thread"]
         < min(out.column("fe568b42", "time")[way]
               for way in ["process: fork", "process: spawn"])),
        ("699b05a8", "lent is cheaper than shared, shared cheaper than sent",
         rising("699b05a8", "time")),
    ],
    "06": [
        ("2610f205", "two jobs are at least 1.6 times as fast",
         faster("2610f205", 2, 1.6, "^Parallel")),
        ("6a0b1c06", "threads answer from the process itself",
         says("6a0b1c06", "threading is this process: True")),
        ("6a0b1c06", "loky's workers do not", says("6a0b1c06", "loky is this process: False")),
        ("e05298cc", "threads are started in less than a tenth of a millisecond",
         lambda out: out.column("e05298cc", "the whole loop")["threads"] < 1e-4),
        ("e05298cc", "processes in more than a whole one",
         lambda out: out.column("e05298cc", "the whole loop")["processes"] > 1e-3),
        ("e05298cc", "little work: processes cost many times more",
         below("e05298cc", "the whole loop", "threads", "processes", 5)),
        ("373067d3", "one at a time ends sooner than batches of eight",
         sooner("373067d3", "One at a time", "Batches of eight")),
        ("3970d776", "stealing ends sooner than a static split",
         sooner("3970d776", "Work stealing", "A static split")),
        ("6a76efd4", "the shortest comes first", says("6a76efd4", "[4, 3, 2, 1, 0]")),
        ("96482c44", "too many threads are in each other's way",
         lambda out: list(out.column("96482c44", "time").values())[0] * 1.3
         < list(out.column("96482c44", "time").values())[1]),
    ],
    "07": [
        ("9108d56e", "either cure leaves two orders and one result",
         says("9108d56e", "[(true, 2, 1), (true, 2, 1)]")),
        ("d9f62c2a", "two payments may deadlock", says("d9f62c2a", "deadlock")),
        ("abfc8e6d", "in one order they do not",
         says("abfc8e6d", "Nothing unexpected came out")),
        ("2d5115f6", "with the lower fork first all eat", says("2d5115f6", "[3, 3, 3, 3, 3], true")),
        ("7b0a1c05", "no cup is lost and none is taken twice", says("7b0a1c05", "], true)")),
        ("7b0a1c05", "both consumers together have them all",
         lambda out: sum(map(int, re.findall(r"\d+", out["7b0a1c05"])[:2])) == 10_000),
        ("f9259863", "with one Condvar all may fall asleep", says("f9259863", "deadlock")),
        ("dd15248a", "with two nothing goes wrong",
         says("dd15248a", "Nothing unexpected came out")),
        ("34381ce3", "a mutex that all take does not get faster",
         not_faster("34381ce3", 2, 1.1, "^Mutex$")),
        ("34381ce3", "it even gets slower", not_faster("34381ce3", 2, 0.8, "^Mutex$")),
        ("34381ce3", "so does an RwLock", not_faster("34381ce3", 2, 0.8, "^RwLock$")),
        ("34381ce3", "nor does an atomic", not_faster("34381ce3", 2, 1.1, "^atomic$")),
        ("34381ce3", "a counter for each thread does", faster("34381ce3", 2, 1.5, "^thread-local$")),
        ("d3fcec94", "one cache line is at least twice as slow",
         below("d3fcec94", "one run", "a cache line each", "on one cache line", 2)),
    ],
    "07b": [
        ("99ebf781", "high waits less for a lock whose holder is as urgent",
         lambda out: out.after("99ebf781", "high waited")
         > 2 * out.after("99ebf781", "and now")),
        ("c8ce4fe9", "who does not look again may find no permit",
         says("c8ce4fe9", "there is no permit to take")),
        ("a5291e2d", "who looks again finds one", says("a5291e2d", "true")),
        ("807d0fbc", "a reader can see the flag without the value",
         says("807d0fbc", "Some(0)")),
        ("c195d2d8", "the semaphore has far more orders than the bank, the stack the most",
         lambda out: 10 * orders(out)["bank"] < orders(out)["semaphore"]
         < orders(out)["stack (ABA)"] == max(orders(out).values())),
        ("f7b6531a", "the other order cures it", says("f7b6531a", "true")),
        ("a75a0889", "a bound keeps the queues short",
         lambda out: out.after("a75a0889", "[(") > 2 * out.after("a75a0889", "), (")),
    ],
    "08": [
        ("1821ebcc", "one machine makes one cup at a time", says("1821ebcc", ALONE)),
        ("c6e21f65", "two machines make two", says("c6e21f65", TOGETHER)),
        ("c6e21f65", "and need little more than half the time",
         lambda out: 1.6 * out.after("c6e21f65", "spans in", "Parallel:")
         < out.after("c6e21f65", "spans in", "Concurrent:")),
        ("0e5f1c02", "in a queue of their own, the second customer waits less",
         lambda out: out.table("0e5f1c02", "^One queue")["a2"]["waited"]
         > 1.5 * out.table("0e5f1c02", "^Two queues")["b1"]["waited"]),
        ("0e5f1c02", "behind the big order it waits longer than in one queue",
         lambda out: all(out.table("0e5f1c02", "^Two queues")[who]["waited"]
                         > out.table("0e5f1c02", "^One queue")[who]["waited"]
                         for who in ["a2", "a3"])),
        ("97ebad16", "where customers wait, queues help",
         below("97ebad16", "closed after", "queues: 4", "queues: 1", 2)),
        ("97ebad16", "eight queues hardly more than four",
         below("97ebad16", "closed after", "queues: 4", "queues: 8", 0.8)),
        ("ca4302a6", "where they need the machine, queues do not",
         below("ca4302a6", "closed after", "queues: 1", "queues: 8", 0.9)),
        ("774c522d", "a second core helps",
         below("774c522d", "closed after", "machines: 2", "machines: 1", 1.5)),
        ("774c522d", "more machines than cores hardly help",
         below("774c522d", "closed after", "machines: 2", "machines: 8", 0.8)),
    ],
    "09": [
        ("7cc25c3f", "two threads are at least 1.4 times as fast", faster("7cc25c3f", 2, 1.4)),
        ("633d854b", "the process stands beside each worker", says("633d854b", "(process ")),
        ("1a182026", "an opening brace is the most common word", says("1a182026", '[("{", ')),
        ("801872b1", "less than half of the pairs are left",
         lambda out: 2 * out.after("801872b1", "pairs:", "}, Shuffled")
         < out.after("801872b1", "pairs:")),
        ("680e0f3e", "without a combiner the reducer of the commonest word gets far more",
         lambda out: out.after("680e0f3e", "[Ok(") > 2),
        ("680e0f3e", "with one, all reducers get about the same",
         lambda out: out.after("680e0f3e", "), Ok(") < 1.2),
        ("e9d5cc1e", "the job does not wait for the straggler",
         lambda out: out.after("e9d5cc1e", "spans in") < 1.0),
        ("35ecc5fe", "the workers had their cores", had_cores("35ecc5fe")),
        ("6779c32f", "the workers had their cores", had_cores("6779c32f")),
        ("364c1d95", "without a crash the workers had their cores", had_cores("364c1d95")),
        ("2b5e7c1e", "each crash is the death of a process",
         lambda out: len(re.findall(r"(?:mark +died|отметка +упала)", out["2b5e7c1e"]))
         == int(re.findall(r"\d+", out["ecdc51f8"])[0])),
        ("364c1d95", "crashes cost time",
         lambda out: out.after("364c1d95", "spans in", "Crashes on the way")
         > out.after("364c1d95", "spans in", "No crash")),
        ("d3b71878", "less than half of the bytes",
         below("d3b71878", "bytes", "combiner", "no combiner", 2)),
        ("f47aff90", "who borrows its keys is faster than who asks for memory",
         below("f47aff90", "time", "keys borrowed", "twenty lines", 1.2)),
        ("f47aff90", "the built-in count is faster still",
         below("f47aff90", "time", "word_count", "keys borrowed", 1)),
        ("f47aff90", "the built-in count is the fastest",
         lambda out: min(out.column("f47aff90", "time"), key=out.column("f47aff90", "time").get)[:10]
         == "word_count"),
        ("f47aff90", "its second thread gains less than in the speed-up above",
         lambda out: out.column("f47aff90", "time")["word_count"]
         / out.column("f47aff90", "time")["word_count, 2 threads"]
         < out.table("7cc25c3f")["2"]["speed-up"]),
    ],
}  # fmt: skip


def of(path: Path) -> list:
    """The claims about a notebook, by the number that its name begins with."""
    return CLAIMS.get(path.stem.split("_")[0], [])


def unmet(path: Path, notebook) -> list[str]:
    """The claims about a notebook that its outputs do not bear out."""
    out = Outputs(notebook, path.parent.name == "ru")
    disturbed = [cell for cell in out.cells if out.says(cell, DISTURBED)]
    told = [f"cell {cell} says itself that it was disturbed" for cell in disturbed]
    for cell, claim, holds in of(path):
        try:
            if not holds(out):
                told.append(f"cell {cell} does not show that {claim}")
        except (KeyError, ValueError, IndexError) as error:
            told.append(f"cell {cell} does not show that {claim}: {error}")
    return told


def main() -> int:
    here = Path(__file__).resolve().parents[1]
    paths = sys.argv[1:] or [*sorted(here.glob("0*.ipynb")), *sorted(here.glob("ru/0*.ipynb"))]
    told = 0
    for path in map(Path, paths):
        notebook = nbformat.read(path, as_version=4)
        if not any(cell.get("outputs") for cell in notebook.cells):
            print(f"{path}: nothing is stored in it yet")
            continue
        for line in unmet(path, notebook):
            print(f"{path}: {line}")
            told += 1
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
