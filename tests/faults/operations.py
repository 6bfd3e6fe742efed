"""Every step of a small run under faults at its file operations, and whole runs for want of space and rights."""

import errno
import os
import random
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from scripts.shared.step import Failure
from tests.faults.forks import FSYNC, KILL, OPEN_READ, OPEN_WRITE, READ, RENAME, SHORT, WRITE, Ended, Forks, Trial
from tests.faults.reference import reference
from tests.faults.row import Row
from tests.project import RESULTS, Project, copy

ALL = READ | WRITE | OPEN_READ | OPEN_WRITE | RENAME | FSYNC
# What is counted together → (kinds of operations, what happens, whether to all later ones, too).
FAULTS = {
    "Full disk, from a write on (ENOSPC, EDQUOT)": [(WRITE, errno.ENOSPC, True), (WRITE, errno.EDQUOT, True)],
    "Write fails (EIO)": [(WRITE, errno.EIO, False)],
    "Write is cut short": [(WRITE, SHORT, False)],
    "Call is interrupted (EINTR)": [(READ | WRITE | OPEN_READ | OPEN_WRITE, errno.EINTR, False)],
    "Move into place fails (EIO, ENOSPC)": [(RENAME, errno.EIO, False), (RENAME, errno.ENOSPC, True)],
    "Flush to disk fails (EIO, ENOSPC)": [(FSYNC, errno.EIO, False), (FSYNC, errno.ENOSPC, True)],
    "Opening to write is refused (EACCES, EROFS, EMFILE)": [
        (OPEN_WRITE, errno.EACCES, False),
        (OPEN_WRITE, errno.EROFS, True),
        (OPEN_WRITE, errno.EMFILE, True),
    ],
    "Read fails (EIO)": [(READ, errno.EIO, False), (READ, errno.EIO, True)],
    "Read is cut short": [(READ, SHORT, False)],
    "Opening to read fails (EIO, EMFILE)": [(OPEN_READ, errno.EIO, False), (OPEN_READ, errno.EMFILE, True)],
    "SIGKILL at a file operation": [(ALL, KILL, False)],
}
POINTS = (
    10  # of a step, at most so many operations are struck by each fault, evenly spread; fewer of one that takes long
)
SECONDS = 10  # for all of these, at most
EARLIER = b"of an earlier run\n"
MEGABYTES = (0.1, 1, 3, 10)  # that a step may allocate
FREE = (0, 10, 30, 100, 200, 400, 800)  # kilobytes that are left on a disk
FORBIDDEN = {  # to write in a folder, or to read a file
    0o555: [".", ".snakemake", "logs/deep-learning/mnist", RESULTS, f"{RESULTS}/mnist", "resources/mnist"],
    0o000: [f"{RESULTS}/datasets/mnist.npz", "problem_sets/deep-learning/data/l1.txt", "scripts/relu/network.py"],
}
SAID = ("no space left on device", "read-only file system", "permission denied")


@dataclass
class Step:
    """A step's command, and what it does when nothing disturbs it."""

    name: str
    trial: Trial
    ended: Ended
    files: dict[str, bytes]  # what it makes
    seconds: float

    def struck_at(self, kinds: int) -> range:
        """Return at which of its operations of some kinds a fault strikes: every k-th."""
        count = sum(1 for kind, _ in self.ended.done if kind & kinds)
        points = max(2, min(POINTS, round(SECONDS / self.seconds)))
        return range(1, count + 1, ceil(count / points) or 1)


def commands(project: Project) -> dict[str, Trial]:
    """Return the commands of a run by name; of many with one module the first two."""
    found, count = {}, {}
    for line in project.snakemake("--dry-run", "--forceall").stdout.splitlines():
        if not (line.startswith("Shell command: ") and " -m scripts." in line):
            continue
        command = line.partition(" -m ")[2].partition(" &> ")[0].partition(" 2>&1 ")[0]
        module, *arguments = shlex.split(command)
        count[module] = count.get(module, 0) + 1
        if count[module] <= 2:
            found[f"{module} {count[module]}"] = Trial(module, arguments)
    return found


def prepared(project: Project, forks: Forks, names: list[str] | None = None) -> list[Step]:
    """Return the steps of a project, each run once; all, or those of these names."""
    steps = []
    for name, trial in commands(project).items():
        if names is not None and name not in names:
            continue
        if name.startswith("scripts.formulas.derive"):  # it makes what is not there
            folder = project.folder / trial.arguments[trial.arguments.index("--folder") + 1]
            max(folder.glob("*.json")).unlink()
        began = time.monotonic()
        ended = forks.run(trial)
        seconds = time.monotonic() - began
        made = sorted({path for kind, path in ended.done if kind == RENAME})
        if ended.status or not made:
            raise Failure(f"{name}: status {ended.status} without any fault: {ended.errors}")
        files = {path: (project.folder / path).read_bytes() for path in made}
        steps.append(Step(name, trial, ended, files, seconds))
    return steps


def unflushed(step: Step) -> set[str]:
    """Return the files that were moved into place before all was flushed, or whose folder was not flushed after."""
    late, written, moved = set(), set(), {}
    for kind, path in step.ended.done:
        if kind == WRITE:
            written.add(path)
        elif kind == FSYNC:
            written.discard(path)
            moved = {file: folder for file, folder in moved.items() if folder != path}
        elif kind == RENAME:
            moved[path] = str(Path(path).parent)
            late |= {path} if written else set()
            written = set()
    return late | moved.keys()


def badly_ended(ended: Ended) -> str:
    """Return what is wrong with how a step ended; "" if it ended well, or with one line and status 1."""
    lines = ended.errors.splitlines()
    own = [line for line in lines if line.startswith("error: ")]
    if ended.status == 0 or (ended.status == 1 and own == lines[-1:] and "Traceback" not in ended.errors):
        return ""
    return f"status {ended.status}: {' | '.join(lines[-3:])[-400:] or 'it says nothing'}"


def read(path: Path) -> bytes | None:
    """Return what a file holds, if it is there."""
    return path.read_bytes() if path.exists() else None


def left(project: Project) -> list[str]:
    """Return the names of the temporary files among results and downloads."""
    found = [path.name for folder in ("results", "resources") for path in (project.folder / folder).rglob(".*")]
    return [name for name in found if name != ".snakemake_timestamp"]


def strike(project: Project, forks: Forks, row: Row, step: Step, trial: Trial, where: str, draw: random.Random) -> None:
    """Run a step as a trial, and count what became of it. After a part of them the next run has to be good."""
    before = draw.choice([None, EARLIER])  # a result of an earlier run, which must stay or be replaced
    for path in step.files:
        (project.folder / path).unlink(missing_ok=True)
        if before:
            (project.folder / path).write_bytes(before)
    ended = forks.run(trial)
    # C++ without memory gives up and says so; the workflow then tells what to do.
    killed = trial.effect == KILL and ended.status == -9
    killed |= ended.status == -6 and bool(re.search("bad_alloc|out of memory", ended.errors))
    wrong = "" if killed else badly_ended(ended) or "".join(f"{name} is left" for name in left(project)[:1])
    found = {path: read(project.folder / path) for path in step.files}
    lost = sum(before is not None and content is None for content in found.values())
    half = sum(content not in (None, before, step.files[path]) for path, content in found.items())
    stale = sum(ended.status == 0 and content != step.files[path] for path, content in found.items())
    if killed or draw.random() < 0.2:
        again = forks.run(step.trial)
        differ = [path for path, content in step.files.items() if read(project.folder / path) != content]
        if again.status or differ or left(project):
            told = " | ".join(again.errors.splitlines()[-2:])
            wrong = wrong or f"the next run: {again.status}, {len(differ)} differ, {len(left(project))} left: {told}"
    for path, content in step.files.items():  # others need them
        (project.folder / path).write_bytes(content)
    if not (ended.struck or (trial.memory and ended.status)):
        return  # it did not come so far, or had memory enough
    row.count(f"{step.name}, {where}", said=wrong, lost=lost, half=half, stale=stale)


def library(folder: Path) -> Path:
    """Compile preload.c to the folder."""
    made, source = folder / "preload.so", Path(__file__).with_name("preload.c")
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(f"{source} cannot be compiled ({error}); install a C compiler, such as gcc") from None
    return made


def on_steps(project: Project, forks: Forks, steps: list[Step], share: float, draw: random.Random) -> Iterator[Row]:
    """Yield a row for each kind of fault that strikes steps."""
    row = Row("Flushed to disk before it is moved into place, and its folder after")
    for step in steps:
        for path in step.files:
            row.count(f"{step.name}, {path}", said="not flushed" if path in unflushed(step) else "")
    yield row
    for name, faults in FAULTS.items():
        row = Row(name)
        trials = [(step, *fault, at) for step in steps for fault in faults for at in step.struck_at(fault[0])]
        for step, kinds, effect, lasting, at in draw.sample(trials, ceil(share * len(trials))):
            trial = replace(step.trial, kinds=kinds, at=at, effect=effect, lasting=lasting)
            strike(project, forks, row, step, trial, f"{kinds=} {at=} {effect=} {lasting=}", draw)
        yield row
    row = Row("Memory of a step ends (RLIMIT_AS)")
    trials = [(step, size) for step in steps for size in MEGABYTES]
    for step, size in draw.sample(trials, ceil(share * len(trials))):
        strike(project, forks, row, step, replace(step.trial, memory=int(size * 1_000_000)), f"{size} MB", draw)
    yield row


def run(project: Project) -> subprocess.CompletedProcess:
    """Run Snakemake here; root without the right to read and write what is forbidden."""
    bounded = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*bounded, *project.command("--cores", "2")]
    printed = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.run(command, cwd=project.folder, env=project.environment(), **printed)


@contextmanager
def full(disk: Path, free: int) -> Iterator[None]:
    """Leave so many kilobytes on a file system."""
    filler = disk / "filler"
    filler.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - free * 1000)))
    yield
    filler.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Let nothing be written on a file system."""
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


@contextmanager
def forbidden(path: Path, mode: int) -> Iterator[None]:
    """Give a file or folder these rights for a while."""
    before = path.stat().st_mode
    path.chmod(mode)
    yield
    path.chmod(before)


@contextmanager
def mounted(folder: Path) -> Iterator[bool]:
    """Make a folder a file system of its own, if this user may; tell whether it is one."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], capture_output=True)
    yield done.returncode == 0
    if done.returncode == 0:
        subprocess.run(["umount", "--lazy", folder], check=True)


def strike_run(project: Project, row: Row, where: str, strikes: AbstractContextManager, draw: random.Random) -> None:
    """Let a whole run redo some of its results while something strikes; then the next one has to be good."""
    for name in {Path(RESULTS) / "report.html", *draw.sample(sorted(project.asked()), 3)}:
        (project.folder / name).unlink(missing_ok=True)
    with strikes:
        done = run(project)
    expected = reference().digests()
    half = sum(expected.get(path, digest) != digest for path, digest in project.digests().items())
    said = [line for line in done.stdout.splitlines() if any(word in line.lower() for word in SAID)]
    wrong = "" if said else f"no line says what is wrong: {done.stdout[-400:]}"
    if "Traceback" in done.stdout:
        wrong = f"a traceback: {done.stdout.partition('Traceback')[2][-400:]}"
    again = run(project)
    stale = sum(project.digests().get(path) != digest for path, digest in expected.items())
    if done.returncode == 0:
        return  # there was room enough, or nobody wanted what was forbidden
    if again.returncode or left(project):
        wrong = wrong or f"the next run: {again.stdout[-400:]} {left(project)}"
    row.count(where, said=wrong, half=half, stale=stale)


def on_runs(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Yield a row for each kind of fault that strikes whole runs."""
    with mounted(folder / "disk") as own:
        project = copy(reference(), folder / "disk")
        untested = "" if own else " (untested: who runs this may not mount)"
        trials: list[tuple[Row, str, Callable[[], AbstractContextManager]]] = []
        rows = (
            Row(f"Disk full under a whole run{untested}"),
            Row(f"Read-only disk{untested}"),
            Row("Missing permission"),
        )
        if own:
            trials += [(rows[0], f"{free} kB free", lambda free=free: full(folder / "disk", free)) for free in FREE]
            trials += [(rows[1], "all", lambda: read_only(folder / "disk"))]
        for mode, names in FORBIDDEN.items():
            for name in names:
                allowed = lambda path=project.folder / name, mode=mode: forbidden(path, mode)  # noqa: E731
                trials.append((rows[2], f"{name}: {mode:o}", allowed))
        for row, where, strikes in draw.sample(trials, ceil(share * len(trials))):
            strike_run(project, row, where, strikes(), draw)
        yield from rows


def campaign(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Yield the rows of this campaign."""
    project = copy(reference(), folder)
    forks = Forks(project.folder, library(folder))
    yield from on_steps(project, forks, prepared(project, forks), share, draw)
    forks.close()
    yield from on_runs(folder, share, draw)
