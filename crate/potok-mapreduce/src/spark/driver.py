"""Runs map-reduce jobs on Spark, for a Rust program that reads the results.

    driver.py MASTER DIRECTORY [NAME=VALUE...]

It reads the names of job directories from standard input, one a line, and answers each with
a line: `done`, or `failed` when the reason is in the directory's file `error`.

Map and reduce run in a program that Spark ships to its workers, and that keeps to the contract
of Hadoop Streaming: lines in, lines of a key, a tab and a value out. With `--partitions` it
puts the number of the partition before each pair, and says on standard error what it did.
"""

import collections
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from pyspark import AccumulatorParam, SparkContext, SparkFiles

import cluster

# Around what a person should read of an exception that goes through Java.
BEGIN, END = "[[potok: ", " :potok]]"


def stream(job, phase, feed, report, what):
    """The lines that the program answers. Whatever goes wrong with it is an exception."""
    say = job["words"]
    here = SparkFiles.getRootDirectory()
    # By EVCXR_… a notebook's kernel tells its own processes what they are.
    env = {name: text for name, text in os.environ.items() if not name.startswith("EVCXR_")}
    env |= job["env"]
    env["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, [here, env.get("LD_LIBRARY_PATH")]))
    program = subprocess.Popen(
        [os.path.join(here, job["program"]), *job["args"], phase, "--partitions", job["reducers"]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
    )
    said, trouble = collections.deque(maxlen=12), []

    # Both pipes beside standard output have a thread: whoever waits for one, fills another.
    def write():
        try:
            for chunk in feed:
                program.stdin.write(chunk)
            program.stdin.close()
        except BrokenPipeError:
            pass  # it wants no more; its exit code says whether that is well
        except Exception as error:
            trouble.append(say["unreadable"].format(error=error))
            program.kill()

    def listen():
        for line in iter(lambda: program.stderr.readline(1 << 24), b""):
            if line.startswith(b"reporter:potok:"):
                report.append(line.strip().partition(b"potok:")[2].decode())
            else:
                said.append(line.decode(errors="replace").rstrip()[:500])

    def give_up():
        trouble.append(say["late"].format(seconds=job["seconds"]))
        program.kill()

    timer = threading.Timer(float(job["seconds"]), give_up)
    threads = [threading.Thread(target=write, daemon=True), threading.Thread(target=listen)]
    try:
        for thread in [timer, *threads]:
            thread.start()
        yield from program.stdout
        code = program.wait()
        for thread in threads[bool(code):]:
            thread.join()
    finally:
        timer.cancel()
        program.kill()
    if trouble or code:
        killed = say["killed"].format(signal=signal.Signals(-code).name) if code < 0 else ""
        reason = trouble[0] if trouble else killed or say["exited"].format(code=code)
        quoted = "".join(f"\n    {line}" for line in said)
        raise RuntimeError(BEGIN + f"{what}: {reason}{quoted}" + END)


def pieces(parts):
    """The bytes of ranges of files, read where this runs. Each file's last line gets its end."""
    for path, start, end in parts:
        last = b"\n"
        with open(path, "rb") as file:
            file.seek(start)
            while start < end and (chunk := file.read(min(1 << 16, end - start))):
                start, last = start + len(chunk), chunk[-1:]
                yield chunk
        if last != b"\n":
            yield b"\n"


class Reports(AccumulatorParam):
    """What tasks say about themselves, brought home by Spark."""

    def zero(self, value):
        return []

    def addInPlace(self, some, more):
        return some + more


def run(context, job):
    """Runs one job; the output of each reduce task, and the reports of all tasks."""
    reports = context.accumulator([], Reports())

    def mapper(index, splits):
        for label, data in splits:
            report = []
            feed = [data] if isinstance(data, bytes) else pieces(data)
            what = job["words"]["map"].format(n=index, label=label)
            for line in stream(job, "map", feed, report, what):
                partition, key, value = line.rstrip(b"\n").split(b"\t", 2)
                # With the split in the key, values arrive in the order of the input.
                yield (int(partition), key, index), value
            reports.add([("map", index, text) for text in report])

    def reducer(index, pairs):
        report = []
        feed = (b"%b\t%b\n" % (key[1], value) for key, value in pairs)
        what = job["words"]["reduce"].format(n=index)
        lines = stream(job, "reduce", feed, report, what)
        yield index, b"".join(lines)
        reports.add([("reduce", index, text) for text in report])

    splits = context.parallelize(job["splits"], len(job["splits"]))
    pairs = splits.mapPartitionsWithIndex(mapper)
    shuffled = pairs.repartitionAndSortWithinPartitions(int(job["reducers"]), lambda key: key[0])
    return shuffled.mapPartitionsWithIndex(reducer).collect(), reports.value


def attempts(log, group):
    """What Spark's own log says of every attempt at a task: one line each."""
    stages, ended, number = [], [], None
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        events = [json.loads(line) for line in log.read_text().split("\n")[:-1]]
        for event in events:
            kind = event["Event"]
            if kind == "SparkListenerJobStart":
                if (event.get("Properties") or {}).get("spark.jobGroup.id") == group:
                    stages, number = sorted(event["Stage IDs"]), event["Job ID"]
            elif kind == "SparkListenerTaskEnd" and event["Stage ID"] in stages:
                ended.append(event)
            elif kind == "SparkListenerJobEnd" and event["Job ID"] == number:
                return [attempt(event, stages) for event in ended]
        ended.clear()
        time.sleep(0.05)
    return []


def attempt(event, stages):
    task = event["Task Info"]
    metrics = event.get("Task Metrics") or {}
    written = metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    phase = "reduce" if event["Stage ID"] == stages[-1] else "map"
    reason = event["Task End Reason"]["Reason"]
    fields = [phase, task["Index"], task["Executor ID"], task["Launch Time"], task["Finish Time"]]
    return "\t".join(map(str, [*fields, reason, written]))


def described(directory):
    """The job that the files of a directory describe."""
    job = {"env": {}, "args": [], "files": [], "splits": []}
    for line in (directory / "job").read_text().splitlines():
        name, _, value = line.partition("\t")
        if name == "env":
            key, _, value = value.partition("=")
            job["env"][key] = value
        elif name in ("arg", "file"):
            job[name + "s"].append(value)
        elif name == "split":
            data = directory / f"split-{len(job['splits'])}"
            job["splits"].append((value, data.read_bytes() if data.exists() else []))
        elif name == "piece":
            start, end, path = value.split("\t", 2)
            job["splits"][-1][1].append((path, int(start), int(end)))
        else:
            job[name] = value
    job["program"] = os.path.basename(job["files"][0])
    # A worker of the cluster has no `cluster` module: the words travel with the job.
    job["words"] = cluster.words(job["env"])
    return job


def serve(context, directory, shipped):
    """Runs the job in a directory and writes what came of it there."""
    job = described(directory)
    for path in job["files"]:
        there = os.stat(path)
        version = (path, there.st_mtime_ns, there.st_size)
        if shipped.setdefault(os.path.basename(path), version) != version:
            raise cluster.Failed(job["words"]["changed"].format(path=path))
        context.addFile(path)
    begin = time.time()
    log = Path(context._conf.get("spark.eventLog.dir").removeprefix("file:"))
    log = next(log.glob(f"*{context.applicationId}*"))
    context.setJobGroup(str(directory), "map-reduce")
    try:
        results, reports = run(context, job)
        for index, output in results:
            (directory / f"part-{index}").write_bytes(output)
        lines = [f"{phase}\t{index}\t{text}" for phase, index, text in reports]
        (directory / "reports").write_text("".join(line + "\n" for line in lines))
    finally:
        lines = [f"begin\t{begin * 1000:.0f}", *attempts(log, str(directory))]
        (directory / "attempts").write_text("".join(line + "\n" for line in lines))


def reason(error):
    """The few words that matter of an exception that came through Java."""
    text = str(error)
    ours = re.search(re.escape(BEGIN) + "(.*?)" + re.escape(END), text, re.DOTALL)
    if ours:
        return ours[1]
    spark = re.search(r"Job aborted[^\n]*", text)
    return spark[0] if spark else text[:2000]


def start(master, directory, settings):
    """A connection to the cluster. Secrets go by a file, for everybody sees command lines."""
    local = master.startswith(("local", "spark://127.0.0.1:", "spark://localhost:"))
    (directory / "events").mkdir()
    lines = [
        f"spark.master {master}",
        "spark.app.name potok",
        "spark.ui.enabled false",
        "spark.ui.showConsoleProgress false",
        "spark.eventLog.enabled true",
        f"spark.eventLog.dir file:{directory}/events",
        "spark.eventLog.rolling.enabled false",
        "spark.eventLog.compress false",
        f"spark.local.dir {directory}",
        *([f"spark.driver.host {cluster.LOOPBACK}", "spark.executor.memory 512m"] if local else []),
        cluster.settings_of(master),
        *(setting.replace("=", " ", 1) for setting in settings),
    ]
    properties = directory / "settings"
    properties.write_text("\n".join(lines) + "\n")
    os.environ.update(cluster.spark_home() if local else {})
    if local:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["PYSPARK_SUBMIT_ARGS"] = f'--properties-file "{properties}" pyspark-shell'
    return SparkContext()


def main(master, directory, *settings):
    """Answers until standard input ends, or brings an empty line."""
    # Standard output is for answers alone; Java prints there too.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        context = start(master, Path(directory), settings)
    except Exception as error:
        sys.exit(BEGIN + reason(error) + END)
    print("ready", file=answers)

    jobs = collections.deque()
    arrived = threading.Semaphore(0)

    def read():
        for line in iter(lambda: sys.stdin.readline().rstrip("\n"), ""):
            jobs.append(line)
            arrived.release()
        jobs.append(None)
        arrived.release()
        time.sleep(5)  # then a job is still running, whose answer nobody waits for
        cluster.forget(*running)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    shipped, running = {}, []
    while arrived.acquire() and (job := jobs.popleft()):
        job = Path(job)
        running[:] = [job]
        try:
            serve(context, job, shipped)
            print("done", file=answers)
        except Exception as error:
            (job / "error").write_text(reason(error))
            print("failed", file=answers)
        running.clear()
    context.stop()
    cluster.forget()


if __name__ == "__main__":
    main(*sys.argv[1:])
