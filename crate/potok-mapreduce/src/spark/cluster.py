"""A real Spark cluster for the class: a master and workers, all on this machine.

    cluster.py up [WORKERS] [PID]     start one; it stays until `down`, or until PID ends
    cluster.py hold [WORKERS]         start one that ends when standard input does
    cluster.py status                 the clusters that there are
    cluster.py down                   end them

Every port is on 127.0.0.1, and whoever connects has to know a secret that only this user can
read. A supervisor, the parent of master and workers, ends them and leaves nothing behind; if
it is killed itself, they go with it.
"""

import ctypes
import json
import os
import re
import secrets
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

START_SECONDS = 120
STOP_SECONDS = 10
LOOPBACK = "127.0.0.1"


class Failed(Exception):
    """Its text is for a person."""


WORDS = {
    "en": {
        "java": "there is no `{java}`; `make setup-spark` says how to install Java 17",
        "pyspark": "this Python has no pyspark; run `make setup-spark`",
        "private": "`{place}` is not a private directory of yours; remove it",
        "at_once": "{name} ended at once:\n{log}",
        "not_ready": "{name} was not ready in {seconds} s:\n{log}",
        "up": "{url} has {workers} worker{s}; `potok-kernel cluster down` ends it",
        "has": "{url} has {workers} worker{s}",
        "none": "no cluster is up; `potok-kernel cluster up --workers 2` starts one",
        "down": "{url} is down",
        "size": "a cluster of {workers} workers; from 1 to 64 fit on one machine",
        "changed": "`{path}` changed since it was shipped; use a new `Spark::at(…)`",
        "unreadable": "its input cannot be read: {error}",
        "late": "not done after {seconds} s; give it more time or less work",
        "killed": "the program was killed by {signal}",
        "exited": "the program exited with {code}",
        "map": "map task {n} ({label})",
        "reduce": "reduce task {n}",
    },
    "ru": {
        "java": "нет `{java}`; как установить Java 17, говорит `make setup-spark`",
        "pyspark": "в этом Python нет pyspark; выполните `make setup-spark`",
        "private": "`{place}` — не ваша личная папка; удалите её",
        "at_once": "{name} сразу завершился:\n{log}",
        "not_ready": "{name} не готов и через {seconds} с:\n{log}",
        "up": "{url}, рабочих: {workers}; завершает его `potok-kernel cluster down`",
        "has": "{url}, рабочих: {workers}",
        "none": "кластер не запущен; его запускает `potok-kernel cluster up --workers 2`",
        "down": "кластер {url} остановлен",
        "size": "кластер, рабочих: {workers}; на одной машине помещается от 1 до 64",
        "changed": "`{path}` изменился после отправки; возьмите новый `Spark::at(…)`",
        "unreadable": "не прочитать вход: {error}",
        "late": "не готово за {seconds} с; дайте больше времени или меньше работы",
        "killed": "программа убита сигналом {signal}",
        "exited": "программа завершилась с кодом {code}",
        "map": "map-задача {n} ({label})",
        "reduce": "reduce-задача {n}",
    },
}


def words(env=os.environ):
    """What is said, in the language that is asked for: as `potok_base::language` finds it."""
    names = [env.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    locale = next(filter(None, names), "")
    for name in (env.get("POTOK_LANG", ""), locale):
        code = re.split("[_.@-]", name)[0].lower()
        if code in WORDS:
            return WORDS[code]
    return WORDS["en"]


def spark_home():
    """Where Spark is, as the environment for its programs: pyspark brings it along."""
    java = os.path.join(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java"
    if not shutil.which(java):
        raise Failed(words()["java"].format(java=java))
    try:
        import pyspark
    except ImportError:
        raise Failed(words()["pyspark"]) from None
    home = os.path.dirname(pyspark.__file__)
    return {**os.environ, "SPARK_HOME": home, "SPARK_LOCAL_IP": LOOPBACK}


def states():
    """The directory with a directory for each cluster of this user, which nobody else may use."""
    parent = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    place = Path(parent, f"potok-spark-{os.getuid()}")
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        pass
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Failed(words()["private"].format(place=place))
    return place


def clusters():
    """(state directory, supervisor, URL) of each cluster that is up; forgets dead ones."""
    for state in sorted(states().iterdir()):
        pid = int(state.name)
        if not supervises(pid, state):
            shutil.rmtree(state, ignore_errors=True)
        elif (state / "url").exists():
            yield state, pid, (state / "url").read_text()


def supervises(pid, state):
    """Whether the process that made `state` is still there: numbers are given out again."""
    try:
        return (state / "born").read_text() == born(pid)
    except OSError:
        # One that is just being made has not said yet.
        return time.time() - state.lstat().st_mtime < 5 and Path(f"/proc/{pid}").exists()


def born(pid):
    """When a process began, in ticks since the system did."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def settings_of(url):
    """The settings with which a program may use a cluster that runs here, or nothing."""
    for state, _, known in clusters():
        if known == url:
            return (state / "settings").read_text()
    return ""


class Supervisor:
    """The parent of one cluster."""

    def __init__(self, workers):
        self.workers = workers
        self.env = spark_home()
        self.state = states() / str(os.getpid())
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(mode=0o700)
        (self.state / "born").write_text(born(os.getpid()))
        self.children = []
        self.settings = self.state / "settings"
        self.settings.write_text(
            "spark.authenticate true\n"
            f"spark.authenticate.secret {secrets.token_hex(32)}\n"
            "spark.master.rest.enabled false\n"
            "spark.ui.enabled false\n"
            "spark.ui.reverseProxy false\n"
        )
        self.env |= {
            "SPARK_CONF_DIR": str(self.state),
            "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_LOCAL_DIRS": str(self.state / "local"),
        }

    def start(self):
        """Starts it, waits until all workers are registered, and returns its URL."""
        deadline = time.monotonic() + START_SECONDS
        common = ["--host", LOOPBACK, "--port", "0", "--webui-port", "0"]
        master = self.launch("master", "master.Master", *common)
        url = self.said(master, r"Starting Spark master at (spark://[\d.:]+)", deadline)
        port = self.said(master, r"WebUI to 127\.0\.0\.1, and started at \S+:(\d+)", deadline)
        page = f"http://{LOOPBACK}:{port}"
        for n in range(1, self.workers + 1):
            place = ["--work-dir", str(self.state / f"worker-{n}")]
            size = ["--cores", "1", "--memory", "1g"]
            self.launch(f"worker-{n}", "worker.Worker", *common, *size, *place, url)
        while alive(page) < self.workers:
            for child in self.children:
                self.check(child, deadline)
            time.sleep(0.1)
        (self.state / "page").write_text(page)
        (self.state / "url").write_text(url)
        return url

    def launch(self, name, kind, *args):
        """Starts a Java program that dies with this process, in a group of its own."""
        command = [os.path.join(self.env["SPARK_HOME"], "bin/spark-class")]
        command += [f"org.apache.spark.deploy.{kind}", "--properties-file", str(self.settings)]
        die_with_parent = ctypes.CDLL(None).prctl
        with open(self.state / f"{name}.log", "wb") as log:
            child = subprocess.Popen(
                command + list(args), env=self.env, cwd=self.state, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: die_with_parent(1, signal.SIGKILL),
            )
        child.log = self.state / f"{name}.log"
        self.children.append(child)
        return child

    def said(self, child, pattern, deadline):
        """What a child wrote into its log, once it has."""
        while not (found := re.search(pattern, child.log.read_text(errors="replace"))):
            self.check(child, deadline)
            time.sleep(0.05)
        return found[1]

    def check(self, child, deadline):
        if child.poll() is not None:
            raise Failed(words()["at_once"].format(name=child.log.stem, log=tail(child.log)))
        if time.monotonic() > deadline:
            late = words()["not_ready"]
            name, log = child.log.stem, tail(child.log)
            raise Failed(late.format(name=name, seconds=START_SECONDS, log=log))

    def stop(self):
        """Ends all of it: politely, then not; then removes what it wrote."""
        for child in reversed(self.children):
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            try:
                child.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass
            # Executors are in the group of their worker.
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
        shutil.rmtree(self.state, ignore_errors=True)


def forget(*more):
    """Removes the directory that was made for this process alone, if there is one."""
    for place in filter(None, [os.environ.get("POTOK_FOLDER"), *more]):
        shutil.rmtree(place, ignore_errors=True)


def alive(page):
    """How many workers are registered, by the master's own page."""
    try:
        # Not through a proxy: this is our own machine.
        get = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        with get(f"{page}/json/", timeout=5) as answer:
            return json.load(answer)["aliveworkers"]
    except (OSError, ValueError, KeyError):
        return 0


def tail(log):
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])


def hold(workers, watched=None, detached=False):
    """Supervises a cluster until it is told to stop."""
    stop_here, stop_there = os.pipe()

    def ask_to_stop(*_):
        os.write(stop_there, b".")

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    supervisor = Supervisor(workers)
    try:
        print(supervisor.start(), flush=True)
        listening = [stop_here] if detached else [stop_here, sys.stdin.fileno()]
        since = watched and born(watched)
        while not select.select(listening, [], [], 1)[0]:
            if supervisor.children[0].poll() is not None:
                return
            if watched and not (Path(f"/proc/{watched}").exists() and born(watched) == since):
                return
    finally:
        supervisor.stop()
        forget()


def up(workers, watched):
    """Starts a supervisor that goes on alone."""
    command = [sys.executable, __file__, "detached", str(workers), str(watched or 0)]
    supervisor = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, text=True,
    )
    url = supervisor.stdout.readline().strip()
    if not url:
        raise Failed(supervisor.stderr.read().strip())
    print(words()["up"].format(url=url, workers=workers, s="s"[: workers != 1]))


def status():
    found = list(clusters())
    for state, _, url in found:
        there = alive((state / "page").read_text())
        print(words()["has"].format(url=url, workers=there, s="s"[: there != 1]))
    if not found:
        print(words()["none"])


def down():
    for _, pid, url in list(clusters()):
        supervisor = os.pidfd_open(pid)
        signal.pidfd_send_signal(supervisor, signal.SIGTERM)
        if not select.select([supervisor], [], [], 2 * STOP_SECONDS)[0]:
            signal.pidfd_send_signal(supervisor, signal.SIGKILL)
        print(words()["down"].format(url=url))
    for _ in clusters():  # forgets those that did not end by themselves
        pass


def main(command="status", workers="2", watched="0"):
    if command in ("up", "hold", "detached") and not 1 <= int(workers) <= 64:
        raise Failed(words()["size"].format(workers=workers))
    if command == "up":
        up(int(workers), int(watched))
    elif command == "hold":
        hold(int(workers))
    elif command == "detached":
        hold(int(workers), int(watched) or None, detached=True)
    elif command == "status":
        status()
    elif command == "down":
        down()
    else:
        raise Failed(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failed as error:
        sys.exit(str(error))
