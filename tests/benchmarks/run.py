"""Run the textbook script, the peer (where JAX is installed) and the project in turns, and write what each took.

python -m tests.benchmarks.run --repeats 3

Every run of the project is one of a fresh copy with the downloads in place and nothing else: no result and no compiled
kernel. Writes docs/benchmark.csv, docs/benchmark.svg and the README's tables. Close everything else meanwhile. What is
not measured anew stays, if it was of the same code and machine.
"""

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from scripts.shared.step import Failure, run, write_text
from tests.benchmarks import machine, record
from tests.benchmarks.record import ROOT, Measured, Record

# About so many minutes on two cores; the first two parts a turn.
PARTS = {"turns": 5, "steps": 2, "cores": 7, "replicas": 20}
CORES = (1, 2, 4)
MORE = {"mnist": (99, 999), "fashion_mnist": (8, 99)}
# What is measured; that a README or a test changes is no reason to measure again.
CODE = ["scripts", "workflow", "report", "profiles", "problem_sets", "Snakefile", "config.yaml", "requirements.lock"]
CODE += [f"tests/benchmarks/{name}.py" for name in ("textbook", "jax_peer", "bare")]
LOG = ROOT / "logs/bench.log"  # what a command said that failed
TRAININGS = {f"scripts.{room}.{step}" for room in ("mnist", "fashion_mnist") for step in ("train", "replicate")}
# A workflow that knows nothing but so many jobs.
ENGINE = """rule all:
    input: expand("made/{{i}}", i=range({jobs}))
rule one:
    output: "made/{{i}}"
    shell: "touch {{output}}"
"""
SNAKEMAKE = [sys.executable, "-m", "snakemake"]


class Done(NamedTuple):
    """A command that has run: what it took, and what it said."""

    seconds: float
    processor_seconds: float
    megabytes: float  # the largest of its processes
    output: str


def timed(command: list[str], folder: Path, one_core: bool = False, peer: bool = False) -> Done:
    """Run a command in a folder, if asked on one core alone; Failure if it cannot be run or fails.

    Only the peer sees PYTHONPATH, by which JAX may be found.
    """
    hidden = () if peer else ("PYTHONPATH",)
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    pinned = None
    if one_core:
        environment |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
        if hasattr(os, "sched_setaffinity"):
            pinned = partial(os.sched_setaffinity, 0, {max(os.sched_getaffinity(0))})
    start = time.perf_counter()
    shared = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    words = " ".join(shlex.join(command).split())[:200]
    try:
        with subprocess.Popen(command, cwd=folder, env=environment, preexec_fn=pinned, **shared) as process:
            output = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    except OSError as error:
        raise Failure(f"{words}: {error}") from error
    seconds = time.perf_counter() - start
    if process.returncode:
        write_text(LOG, output)
        raise Failure(f"{words} failed with status {process.returncode}; what it said stands in {LOG}")
    largest = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Done(seconds, used.ru_utime + used.ru_stime, largest, output)


def tracked() -> list[str]:
    """Return the files that Git tracks, those left out that are gone."""
    if not (ROOT / ".git").exists():
        raise Failure(f"{ROOT} is no clone; the bench copies what Git tracks")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in names.split("\0") if name and (ROOT / name).exists())


def code() -> str:
    """Return a digest of what is measured, as it stands, committed or not."""
    total = hashlib.sha256()
    for name in tracked():
        if name in CODE or name.split("/")[0] in CODE:
            total.update(f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:12]


def copied(folder: Path, resources: Path | None) -> Path:
    """Copy what Git tracks, as it stands, and the downloads; return the new folder."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    if resources is not None:
        shutil.copytree(resources, folder / "resources")
    return folder


def digest(folder: Path) -> str:
    """Return a digest of all results of a run."""
    total = hashlib.sha256()
    for path in sorted(path for path in (folder / "results").rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


def commands(output: str) -> list[str]:
    """Return the commands of the steps that a run printed, without what they do with their logs."""
    return re.findall(r"^Shell command: (.*? -m scripts\..*?)(?: 2>&1 \| tee| &>) .+$", output, re.M)


def module(command: str) -> str:
    return re.search(r" -m (\S+)", command)[1]


def behind(command: str, option: str) -> int:
    """Return how many words stand behind an option of a command; 0 if it has none."""
    found = re.search(rf"{option}((?: [^-\s]\S*)*)", command)
    return len(found[1].split()) if found else 0


def trainings(command: str) -> int:
    """Return how many trainings a command makes: --count of each of its --ensembles, or else a --history for each."""
    count = re.search(r"--count (\d+)", command)
    return int(count[1]) * (behind(command, "--ensembles") or 1) if count else behind(command, "--history")


def contained(commands: list[str]) -> str:
    """Return what a whole run trains, in words, from the commands of its steps."""
    fashion_mnist, mnist = (
        sum(trainings(command) for command in commands if module(command) == f"scripts.{room}.replicate")
        for room in ("fashion_mnist", "mnist")
    )
    return f"{1 + fashion_mnist} Fashion-MNIST runs, {mnist} MNIST replicas"


def with_epochs(command: str, epochs: int) -> str:
    return re.sub(r"--epochs \d+", f"--epochs {epochs}", command)


def told(done: Done, name: str) -> Done:
    """Return what a script said of a part of its own: the median of the seconds behind this name."""
    return Done(median(map(float, re.findall(rf"^{name}: ([\d.]+) s$", done.output, re.M))), 0, 0, "")


def an_epoch(few: Done, many: Done, share: int) -> Done:
    """Return what one epoch of one training takes alone on a core, from two commands that differ by `share` of them."""
    each = (many.processor_seconds - few.processor_seconds) / share
    return Done(each, each, many.megabytes, "")


def total(steps: list[Done]) -> Done:
    """Return what steps take one after the other."""
    return Done(
        sum(step.seconds for step in steps),
        sum(step.processor_seconds for step in steps),
        max(step.megabytes for step in steps),
        "",
    )


class Bench:
    """The measurements so far, and where they are made."""

    def __init__(self, folder: Path, mirror: str):
        self.folder = folder
        self.mirror = str(Path(mirror).resolve()) if mirror and Path(mirror).exists() else mirror  # runs are elsewhere
        described = machine.described()
        self.machine, self.rows = {"day": described["day"], "code": code(), "run": "unknown", **described}, []
        before, other = record.stored(), {"day": "", "run": ""}
        same = before is not None and before.machine | other == self.machine | other
        self.before = before.rows if same else []
        if same:
            days = sorted({*before.machine["day"].split(" and "), self.machine["day"]})
            self.machine |= {"day": " and ".join(days), "run": before.machine["run"]}
        elif before is not None:
            print("What was measured before is of other code or another machine, and is dropped.", flush=True)
        self.cores = machine.cores()
        self.jax = self.machine["jax"] != "not installed"
        self.resources = ROOT / "resources"

    def note(self, turn: int, what: str, done: Done, **other) -> None:
        """Keep a measurement, in place of earlier ones of the same, and write all: a bench may be cut off."""
        row = Measured(turn, what, done.seconds, done.processor_seconds, done.megabytes)._replace(**other)
        self.rows.append(row)
        print(f"turn {turn}: {what}: {row.seconds:.2f} s, {row.processor_seconds:.2f} s of processor time", flush=True)
        new = {row.what for row in self.rows}
        rows = [row for row in self.before if row.what not in new] + self.rows
        write_text(record.CSV, record.written(Record(self.machine, rows)))

    def prepare(self) -> None:
        """Download what is not there, and read once what a first import has to fetch from the disk."""
        wanted = copied(self.folder / "downloads", self.resources if self.resources.exists() else None)
        options = ["--config", f"mirror={self.mirror}"] if self.mirror else []
        timed([*SNAKEMAKE, "--cores", "4", "--until", "download", *options], wanted)
        self.resources = wanted / "resources"
        timed([sys.executable, "-c", "import torchvision, pandas, scipy.stats, sympy, matplotlib, numba"], wanted)
        if not self.jax:
            print("JAX is not installed, so there is no peer; the README says how", flush=True)

    def script(self, name: str, *options: object, **how) -> Done:
        """Run one of the scripts beside this one."""
        return timed([sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, options)], ROOT, **how)

    def whole_run(self, name: str, cores: int) -> tuple[Path, Done]:
        """Run the project in a fresh copy; return the copy and what it took."""
        folder = copied(self.folder / name, self.resources)
        return folder, timed([*SNAKEMAKE, "--cores", str(cores)], folder)

    def yardstick(self, turn: int) -> None:
        done = self.script("textbook", self.resources)
        self.note(turn, "yardstick", done)
        self.note(turn, "yardstick mnist", told(done, "MNIST"))

    def peer(self, turn: int) -> None:
        if self.jax:
            self.note(turn, "peer", self.script("jax_peer", self.resources, peer=True))

    def project(self, turn: int, compared: bool = True) -> None:
        self.finished, done = self.whole_run(f"turn {turn}", self.cores)
        self.commands = commands(done.output)
        self.machine["run"] = contained(self.commands)
        if compared:
            self.note(turn, "project", done, digest=digest(self.finished))

    def engine(self, jobs: int) -> Path:
        """Return the folder of the bare workflow of so many jobs."""
        folder = self.folder / f"engine {jobs}"
        folder.mkdir(exist_ok=True)
        (folder / "Snakefile").write_text(ENGINE.format(jobs=jobs))
        return folder

    def snakemake(self, turn: int, what: str, folder: Path, *options: str) -> None:
        self.note(turn, what, timed([*SNAKEMAKE, "--cores", str(self.cores), *options], folder))

    def small(self, turn: int) -> None:
        """Time what should take no time: runs with nothing or next to nothing to do, and plans."""
        one = self.engine(1)
        timed([*SNAKEMAKE, "--cores", "1"], one)
        for _ in range(3):
            self.snakemake(turn, "nothing", self.finished)
            self.snakemake(turn, "engine nothing", one)
        with open(self.finished / "report/style.css", "a", encoding="utf-8") as style:
            style.write("\n/* edited */\n")
        self.snakemake(turn, "edit", self.finished)
        for what, replicas in (("plan", 10000), ("half plan", 5000)):
            ask = [f"{experiment}={{replicas: {replicas}}}" for experiment in ("mnist", "fashion_mnist")]
            self.snakemake(turn, what, self.finished, "--dry-run", "--quiet", "all", "--config", *ask)
        self.snakemake(turn, "engine plan", self.engine(10000), "--dry-run", "--quiet", "all")

    def steps(self, turn: int) -> None:
        """Time steps alone on one core. Of trainings an epoch: more epochs less fewer, so start-up drops out."""
        for command in self.commands:
            if module(command) == "scripts.formulas.derive":  # it leaves alone what is there
                shutil.rmtree(self.finished / re.search(r"--folder (\S+)", command)[1], ignore_errors=True)
        others = [self.step(command) for command in self.commands if module(command) not in TRAININGS]
        self.note(turn, "other steps", total(others))
        (reference,) = (command for command in self.commands if module(command) == "scripts.mnist.train")
        self.note(turn, "mnist reference", self.step(reference))
        self.note(turn, "products", told(self.script("bare", one_core=True), r"Fashion-MNIST products, by \w+"))
        for experiment, epochs in (("mnist", 3), ("fashion_mnist", 6)):
            replicate = [command for command in self.commands if module(command) == f"scripts.{experiment}.replicate"]
            command = next(command for command in replicate if behind(command, "--ensembles") < 2)
            few, more = (self.step(with_epochs(command, count)) for count in (1, epochs))
            self.note(turn, f"{experiment} epoch", an_epoch(few, more, (epochs - 1) * trainings(command)))
        if self.jax:
            options = ("--mnist-epochs", 3, "--fashion-mnist-epochs", 3)
            done = self.script("jax_peer", self.resources, *options, one_core=True, peer=True)
            self.note(turn, "peer mnist epoch", told(done, "MNIST epoch"))
            self.note(turn, "peer fashion_mnist epoch", told(done, "Fashion-MNIST epoch"))

    def step(self, command: str) -> Done:
        return timed(["bash", "-euo", "pipefail", "-c", command], self.finished, one_core=True)

    def by_cores(self) -> None:
        """Time whole runs with other numbers of jobs at once; as many as there are cores run in the turns."""
        for cores in CORES:
            if cores != self.cores:
                folder, done = self.whole_run(f"cores {cores}", cores)
                self.note(1, f"cores {cores}", done, digest=digest(folder))
                shutil.rmtree(folder)

    def replicas(self) -> None:
        """Time what further replicas add to a finished run."""
        ask = []
        for experiment, (few, many) in MORE.items():
            ask.append(f"{experiment}={{replicas: {many}}}")
            self.snakemake(1, f"more {experiment} {few} {many}", self.finished, "--config", *ask)

    def all(self, repeats: int, only: list[str]) -> None:
        """Make the measurements of these parts, those that are compared in an order that rotates from turn to turn."""
        self.prepare()
        compared = [self.yardstick, self.peer, self.project]
        turns = repeats if {"turns", "steps"} & {*only} else 1 if "replicas" in only else 0
        for turn in range(1, turns + 1):
            if "turns" in only:
                for measure in compared[turn % 3 :] + compared[: turn % 3]:
                    measure(turn)
            else:
                self.project(turn, compared=False)
            if "steps" in only:
                self.small(turn)
            if "replicas" in only and turn == turns:
                self.replicas()
            if "steps" in only:
                self.steps(turn)
            shutil.rmtree(self.finished)
        if "cores" in only:
            self.by_cores()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="how many turns")
    parser.add_argument("--mirror", default="", help="folder or URL tried before the public mirrors")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="what to measure")
    args = parser.parse_args()
    minutes = sum(PARTS[name] * (args.repeats if name in ("turns", "steps") else 1) for name in args.only)
    print(f"This takes about {minutes:.0f} minutes on two cores; close everything else meanwhile.", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        Bench(Path(folder), args.mirror).all(args.repeats, args.only)
    record.publish(record.stored())


if __name__ == "__main__":
    run(main)
