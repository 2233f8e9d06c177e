"""Abuses of a real kernel, in random order: after each a fresh cell answers.

    torture.py [--abuses N] [--seed N] [--malformed N] [--greedy N] [--faults N] [--minutes N]

First cells, interrupts and killed processes, in random order (victim.py); then malformed
handshakes and messages at all of the kernel's sockets, greedy clients, cells of 100 MB, odd
things in its directory, and pools whose workers die (attacks.py). After each abuse a fresh
cell has 5 s to answer, and what the kernel promises to keep is looked for: variables and
items, items only, or neither after a restart. At the end nothing may be left: no process, no
listening socket, no shared memory, no directory, and the relay may take at most half as much
memory again as at the start.

Prints what each kind of abuse cost, in one table, and exits with 1 if a promise was broken.
With --minutes, begins again with another seed and another kernel until the time is over; a
round that has begun is finished.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import attacks
from victim import ALL, CACHE, NOTHING, Broken, Victim

MEMORY = 1.5  # times the relay's memory at the start
ANSWER = 5.0  # seconds that a fresh cell may take


def worker(options: argparse.Namespace) -> int:
    """Abuses one kernel; prints a line of JSON for each abuse."""
    victim, abuses = Victim(options.seed), options.abuses
    names = list(victim.sound)
    order = names + victim.random.choices(names, k=max(0, abuses - len(names)))
    victim.random.shuffle(order)
    outside = attacks.all_of(victim, options.malformed, options.greedy, options.faults)
    victim.sound |= {name: lambda _name, n, attack=attack: attack(n) or ALL
                     for name, attack in outside}
    # On one kernel from here on: its relay's memory is looked at before and after.
    order = order[:abuses] + ["restart in the middle"] * bool(outside)
    order += [name for name, _ in outside]
    broken, memory = 0, None
    for n, name in enumerate(order, start=1):
        if outside and n == abuses + 2:
            victim.prepare()
            victim.answer(n, ALL)
            memory = attacks.memory(victim.manager.provisioner.pid)
        line = {"n": n, "abuse": name}
        try:
            victim.prepare()
            start = time.monotonic()
            kept = victim.sound[name](name, n)
            line |= {"kept": kept, "took": time.monotonic() - start}
            line["answer"] = victim.answer(n, kept)
        except (Broken, RuntimeError, OSError) as error:
            line["broken"] = str(error)
            broken += 1
            victim.again()
            victim.lost = NOTHING
        if line.get("answer", 0) > ANSWER:
            broken += 1
        print(json.dumps(line), flush=True)
    if memory:
        after = 0
        # What was freed last goes back to the system after a moment.
        for _ in range(50):
            after = attacks.memory(victim.manager.provisioner.pid)
            if after <= MEMORY * memory:
                break
            time.sleep(0.1)
        else:
            broken += 1
        print(json.dumps({"memory": [memory, after]}), flush=True)
    victim.client.stop_channels()
    victim.manager.shutdown_kernel()
    return 1 if broken else 0


def left(token: str, sessions: set[str], memory: set[str], scratch: Path) -> list[str]:
    """What is still there of a run whose processes carry `token` in their environment."""
    found = []
    mark = f"POTOK_TORTURE={token}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) == os.getpid() or mark not in (process / "environ").read_bytes():
                continue
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if state != "Z":
            found.append(f"process {process.name}: {command}")
    found += [f"session {name}" for name in session_names() - sessions]
    found += [f"shared memory {name}" for name in shared_memory() - memory]
    found += [f"file {path}" for path in scratch.iterdir()]
    return found


def session_names() -> set[str]:
    places = [CACHE / "sessions", CACHE / "spare"]
    names = {path.name for place in places if place.is_dir() for path in place.iterdir()}
    return names - {".gate", "lock"}


def shared_memory() -> set[str]:
    memory = Path("/dev/shm")
    return {path.name for path in memory.iterdir()} if memory.is_dir() else set()


def run(
    abuses: int, seed: int, malformed: int = 0, greedy: int = 0, faults: int = 0
) -> tuple[list[dict], list[str]]:
    """Abuses a kernel in a process of its own; each abuse, and what was left afterwards.

    A socket is listed by its process: where no process is left, none listens.
    """
    token = uuid.uuid4().hex
    sessions, memory = session_names(), shared_memory()
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, __file__, "--worker"]
        command += ["--abuses", str(abuses), "--seed", str(seed)]
        command += ["--malformed", str(malformed), "--greedy", str(greedy)]
        command += ["--faults", str(faults)]
        env = {**os.environ, "POTOK_TORTURE": token, "TMPDIR": scratch, "POTOK_SPARE": "10"}
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            for text in process.stdout:
                lines.append(json.loads(text))
                show(lines[-1])
        if process.returncode not in (0, 1):
            lines.append({"n": 0, "abuse": "the run itself", "broken": "it ended early"})
        deadline = time.monotonic() + 30
        while rest := left(token, sessions, memory, Path(scratch)):
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
    return lines, rest


def show(line: dict) -> None:
    if "memory" in line:
        return
    said = line.get("broken") or f"{line['answer']:.2f} s, kept: {line['kept']}"
    print(f"{line['n']:4} {line['abuse']:44} {said}", flush=True)


def summary(lines: list[dict], rest: list[str]) -> bool:
    """Prints the figures; whether every promise was kept."""
    memory = [line["memory"] for line in lines if "memory" in line]
    lines = [line for line in lines if "abuse" in line]
    print(f"\n{'abuse':44} {'count':>5} {'broken':>6} {'median':>8} {'most':>8}"
          "   fresh cell, seconds")
    for name in sorted({line["abuse"] for line in lines}):
        mine = [line for line in lines if line["abuse"] == name]
        answers = [line["answer"] for line in mine if "answer" in line]
        failed = sum("broken" in line for line in mine)
        times = f"{statistics.median(answers):8.2f} {max(answers):8.2f}" if answers else ""
        print(f"{name:44} {len(mine):5} {failed:6} {times}")
    broken = [line for line in lines if "broken" in line]
    slow = [line for line in lines if line.get("answer", 0) > ANSWER]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{len(lines)} abuses; broken promises: {len(broken)}; "
          f"answers over {ANSWER:.0f} s: {len(slow)}; left behind: {len(rest)}")
    print(f"{len(os.sched_getaffinity(0))} cores, load averages {load}")
    grown = [pair for pair in memory if pair[1] > MEMORY * pair[0]]
    for before, after in memory:
        print(f"memory of the relay: {before / 2**20:.1f} MB before what came from outside, "
              f"{after / 2**20:.1f} MB after it: {after / before:.2f} times, of {MEMORY}")
    for line in broken + slow:
        print("   ", json.dumps(line))
    for what in rest:
        print("    left:", what)
    return not (broken or slow or rest or grown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--abuses", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--malformed", type=int, default=10_000)
    parser.add_argument("--greedy", type=int, default=100)
    parser.add_argument("--faults", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return worker(options)
    start, lines, rest = time.monotonic(), [], []
    for seed in itertools.count(options.seed):
        more = run(options.abuses, seed, options.malformed, options.greedy, options.faults)
        lines += [{**line, "seed": seed} for line in more[0]]
        rest += more[1]
        minutes = (time.monotonic() - start) / 60
        kept = summary(lines, rest)
        print(f"{seed - options.seed + 1} rounds in {minutes:.0f} minutes", flush=True)
        if minutes >= options.minutes:
            return 0 if kept else 1
    return 1


if __name__ == "__main__":
    sys.exit(main())
