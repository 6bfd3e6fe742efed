"""The workflow runs where others have other settings: it gives the same bytes, or one line that says what is wrong.

A copy of the reference loses some of its results, and a run makes these again in surroundings of another kind. What
cannot be tried on this machine is named in the row.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scripts.shared.step import read_json
from scripts.verdicts.answers import answer_files
from tests.faults.interrupted import SAID
from tests.faults.reference import reference
from tests.faults.row import Row
from tests.project import RESULTS, ROOT, SET, Project, copy

# What is made again: a network fitted exactly, verdicts, figures, the page; or all.
PART = ("relu/dataset-1.json", "report.html", "report/summary.json", "report/figures/calibration.svg")
WHOLE = ("",)
NOBODY = 54321  # no user has this number
MOST = 1200  # seconds for a run


@dataclass
class Here:
    """Surroundings: what is put before the command, what variables are (None: unset), what is changed beforehand."""

    name: str
    before: tuple[str, ...] = ()
    variables: dict[str, str | None] = field(default_factory=dict)
    change: Callable[[Project], None] = lambda project: None
    place: Callable[[Path], Path] = lambda folder: folder / "here"  # where the project lies
    made: tuple[str, ...] = PART  # the results that are made again
    python: str | Path = sys.executable
    other: tuple[str, ...] = ()  # results that are not compared
    mend: Callable[[Project], None] = lambda project: None  # what a line of refusal asks for
    missing: str = ""  # what this machine lacks to try them


def works(*command: str | Path) -> bool:
    """Tell whether a command is there and succeeds."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def first(script: str, *arguments: str) -> tuple[str, ...]:
    """Return what is put before a command for a shell to run a script first."""
    return (*arguments, "sh", "-c", f'{script} exec "$@"', "sh")


ROOT_ALONE = "" if os.getuid() == 0 and works("unshare", "--mount", "true") else "only root can"


# Of files with answers: long ones, one letter in two spellings of Unicode, what shells or Snakemake take for something
# else, what is taken, and what is none.
NAMES = [
    *("n" * 250, "é" * 125, unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é"), "İ", "ß", "\u202e"),
    *("it's", 'a "b"', "-f", "--help", " ", "a b", "100%", "%s", "$HOME", "`id`", "a;b", "a#b", "*", "[ab]", "~", "\\"),
    *("a|b", "a&b", "..", "new\nline", "{wildcard}", "tab\t", "\x01", "overview", "Overview", "Ann", "ann", "document"),
]


def locales(folder: Path) -> Iterator[Here]:
    for name in ("C", "POSIX", "C.UTF-8", "no_SUCH.UTF-8"):
        yield Here(name, variables={"LC_ALL": name})
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    yield Here("nothing but ASCII", variables={"LC_ALL": "C", **plain})
    for name, encoding in {"tr_TR": "UTF-8", "de_DE": "UTF-8", "de_CH": "ISO-8859-1"}.items():
        place = folder / f"{name}.{encoding}"
        missing = "" if works("localedef", "-i", name, "-f", encoding, place) else "no localedef"
        yield Here(place.name, variables={"LOCPATH": str(folder), "LC_ALL": place.name}, missing=missing)


def zones(folder: Path) -> Iterator[Here]:
    for name in ("Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "No/Such", ""):
        yield Here(f"TZ={name}", variables={"TZ": name})


def masks(folder: Path) -> Iterator[Here]:
    for mask in ("077", "027", "000"):
        yield Here(f"umask {mask}", first(f"umask {mask};"))


def homes(folder: Path) -> Iterator[Here]:
    yield Here("HOME unset", variables={"HOME": None})
    yield Here("HOME that is not there", variables={"HOME": "/dev/null/home"})
    nowhere = dict.fromkeys(("XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"), "/dev/null/x")
    yield Here("caches that cannot be made", variables=nowhere)
    # It may read all, since Python may lie in root's home, and write the project alone.
    may = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
    user = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *may)
    missing = "" if works(*user, "true") else "only root can"
    for what, home in {"the root as": "/", "another's": str(Path.home())}.items():
        yield Here(
            f"a user with no name and {what} HOME",
            user,
            {"HOME": home, "USER": None, "LOGNAME": None},
            lambda project: subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", project.folder], check=True),
            missing=missing,
        )


def networks(folder: Path) -> Iterator[Here]:
    yield Here("no network at all", ("unshare", "--net"), made=WHOLE, missing=ROOT_ALONE)


def places(folder: Path) -> Iterator[Here]:
    def deep(below: Path, length: int) -> Path:
        while (rest := length - len(str(below)) - 1) > 255:
            below /= "d" * min(200, rest - 2)
        return below / ("e" * rest)

    for length in (1000, 3000, 3900):  # beyond 3950, Snakemake itself finds no room for its copy of the Snakefile
        yield Here(f"a path of {length} bytes", place=lambda below, length=length: deep(below, length))
    for name in ("n" * 255, "€" * 85, 'it\'s 100% "new"\n-x $HOME `id` \\ ;#&*?[a]~', "-rf", "e\u0301 É ß İ"):
        yield Here(f"a folder called {name[:30]!r}", place=lambda below, name=name: below / name)


# Of either version of control groups, where one can be made, and the file that limits its memory.
GROUPS = {
    Path(f"/sys/fs/cgroup/memory/proofset-{os.getpid()}"): "memory.limit_in_bytes",
    Path(f"/sys/fs/cgroup/proofset-{os.getpid()}"): "memory.max",
}


def memories(folder: Path) -> Iterator[Here]:
    two = 2 * 1024**3
    yield Here("2 GB of data for each process", ("prlimit", f"--data={two}"), made=WHOLE)
    for group, limit in GROUPS.items():
        if works("mkdir", "-p", group) and (group / limit).exists():
            script = f"echo {two} > {group}/{limit}; echo $$ > {group}/cgroup.procs;"
            yield Here("2 GB of memory for all of a run", first(script), made=WHOLE)
            return
    yield Here("2 GB of memory for all of a run", missing="no control group can be made")


def limits(folder: Path) -> Iterator[Here]:
    for number in (256, 64, 32):
        yield Here(f"{number} open files", ("prlimit", f"--nofile={number}:{number}"))
    yield Here("files of 1 MB at most", ("prlimit", "--fsize=1000000"))
    yield Here("a stack of 1 MB", ("prlimit", "--stack=1048576"))
    yield Here("no priority", ("nice", "-n", "19"))


def temporary(folder: Path) -> Iterator[Here]:
    yield Here("TMPDIR that is not there", variables={"TMPDIR": "/no/such"})
    for what, mount in {
        "a full /tmp": "mount -t tmpfs -o size=4k none {0}; head -c 4096 /dev/zero > {0}/full;",
        "a /tmp that cannot be written": "mount -t tmpfs -o ro none {0};",
    }.items():
        room = tempfile.mkdtemp(dir=folder)
        yield Here(what, first(mount.format(room), "unshare", "--mount"), {"TMPDIR": room}, missing=ROOT_ALONE)
    before = first("mount -t tmpfs -o ro none /dev/shm;", "unshare", "--mount")
    yield Here("a /dev/shm that cannot be written", before, missing=ROOT_ALONE)


def terminals(folder: Path) -> Iterator[Here]:
    for what, script in {
        "no input": "exec <&-;",
        "no output": "exec >&-;",
        "no output of errors": "exec 2>&-;",
        "none of the three": "exec <&- >&- 2>&-;",
        "an output that is full": "exec > /dev/full 2>&1;",
        "an output that nobody reads": "exec 2>&1 | true;",
    }.items():
        yield Here(what, first(script))
    yield Here("no terminal", ("setsid", "--wait"))
    yield Here("SIGHUP ignored", ("nohup",))


def clocks(folder: Path) -> Iterator[Here]:
    """Snakemake refuses what is newer than what is made of it; to touch it is what a person can do."""

    def at(seconds: int) -> Callable[[Project], None]:
        def change(project: Project) -> None:
            for path in project.folder.rglob("*"):
                if not {".snakemake", "results", "resources"} & {*path.relative_to(project.folder).parts}:
                    os.utime(path, (seconds, seconds))

        return change

    for year, seconds in {1970: 1, 1990: 631152000, 2037: 2114380800, 2100: 4102444800}.items():
        yield Here(f"files of {year}", change=at(seconds), mend=at(int(time.time())))


# They name the versions of packages, of which the lock has others for Python 3.11.
VERSIONS = ("report.html", "report/summary.json")


def pythons(folder: Path) -> Iterator[Here]:
    """Every supported Python that is installed here, but that which runs this, with the locked packages."""
    for minor in {11, 12, 13} - {sys.version_info.minor}:
        made = folder / f"3.{minor}"
        places = [*Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"), f"python3.{minor}"]
        found = next(
            (path for path in places if works(path, "-c", f"import sys; sys.exit(sys.version_info[1] != {minor})")),
            None,
        )
        install = ("-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "requirements.lock")
        ready = found and works(found, "-m", "venv", made) and works(made / "bin/python", *install)
        missing = "" if ready else "its packages cannot be installed" if found else "not installed"
        yield Here(f"Python 3.{minor}", python=made / "bin/python", made=WHOLE, other=VERSIONS, missing=missing)


def settings(folder: Path) -> Iterator[Here]:
    """What other programs have been told, and what a shell has set."""
    (folder / "matplotlibrc").write_text("font.size: 20\naxes.grid: True\nlines.linewidth: 5\n", encoding="utf-8")
    yield Here("a matplotlibrc", variables={"MPLCONFIGDIR": str(folder)})
    many = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "2")
    yield Here("threads for numerical libraries", variables=many, made=("mnist/history.csv", *PART))
    yield Here("PYTHONOPTIMIZE=2", variables={"PYTHONOPTIMIZE": "2"})
    yield Here("PYTHONHASHSEED=0", variables={"PYTHONHASHSEED": "0"})
    yield Here("PYTHONDONTWRITEBYTECODE", variables={"PYTHONDONTWRITEBYTECODE": "1"})


KINDS = {
    "Settings of other programs": settings,
    "Another locale or encoding": locales,
    "Another time zone": zones,
    "Another umask": masks,
    "No home, no caches, no name, no right to write but here": homes,
    "No network": networks,
    "Long and odd paths": places,
    "2 GB of memory": memories,
    "Few open files, small files, small stack, low priority": limits,
    "No room for temporary files": temporary,
    "No input, output or terminal": terminals,
    "Clocks that were wrong": clocks,
    "Another Python (but for the versions that the report names)": pythons,
}
LONG = {pythons, memories, networks}  # minutes each: not in a reduced run


def campaign(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Run in a share of all surroundings, one at least."""
    every = []
    for number, (kind, surroundings) in enumerate(KINDS.items()):
        if share >= 0.3 or surroundings not in LONG:
            (room := folder / str(number)).mkdir()
            every += [(kind, here) for here in surroundings(room)]
    there = [one for one in every if not one[1].missing]
    drawn = draw.sample(there, max(1, round(len(there) * share)))
    for kind in KINDS:
        row, refused = Row(kind), []
        for here in [here for its, here in drawn if its == kind]:
            with tempfile.TemporaryDirectory(dir=folder) as below:
                failed, found = tried(here, Path(below))
            row.count(here.name, **found)
            refused += [here.name] * failed
        row.fault += f"; refused with a line: {', '.join(refused)}" * bool(refused)
        missing = [f"{here.name} ({here.missing})" for its, here in every if its == kind and here.missing]
        row.fault += f"; not tried here: {', '.join(missing)}" * bool(missing)
        if row.injected:
            yield row
    yield answers(folder / "names")


def tried(here: Here, below: Path) -> tuple[bool, dict[str, str | int]]:
    """Run there; return whether it ended with an error, and what is wrong (`Row.count`)."""
    project = copy(reference(), below)
    for name in here.made:
        path = project.folder / RESULTS / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    here.change(project)
    place = here.place(below)
    place.parent.mkdir(parents=True, exist_ok=True)
    project.folder.rename(place)
    variables = {name: value for name, value in (project.environment() | here.variables).items() if value is not None}
    command = [*here.before, str(here.python), "-m", "snakemake", "--cores", "2"]
    with (below / "printed").open("wb") as printed:
        done = subprocess.run(
            command, cwd=place, env=variables, stdout=printed, stderr=printed, stdin=subprocess.DEVNULL, timeout=MOST
        )
    place.rename(project.folder)  # some paths are too long for what follows
    text, said = (below / "printed").read_text(encoding="utf-8", errors="replace"), ""
    if "Traceback" in text:
        said = f"a traceback: {text[text.index('Traceback') :][:3000]}"
    elif done.returncode and text and not SAID.search(text):
        said = f"ended with {done.returncode} and said nothing of why: {text[-3000:]}"
    if done.returncode:
        here.mend(project)
        project.snakemake("--cores", "2")
    return bool(done.returncode), compared(project, said, here.other)


def compared(project: Project, said: str, other: tuple[str, ...]) -> dict[str, str | int]:
    """Return what was said, or which results are lost, half or stale, and how many (`Row.count`)."""
    right, here = reference().digests(), project.digests()
    lost = right.keys() - here.keys()
    half = {name for name in here if Path(name).name.startswith(".") and not name.endswith(".snakemake_timestamp")}
    same = here.keys() & right.keys() - {f"{RESULTS}/{name}" for name in other}
    stale = {name for name in same if here[name] != right[name]}
    said = said or " ".join(sorted(lost | half | stale))
    return {"said": said, "lost": len(lost), "half": len(half), "stale": len(stale)}


def answers(folder: Path) -> Row:
    """Judge answers from files with names of all kinds at once."""
    row = Row("Odd names of answers, and names that differ in capitals alone")
    project = copy(reference(), folder)
    given = project.folder / "my answers"
    given.mkdir()
    for name in NAMES:
        shutil.copy(project.folder / f"problem_sets/{SET}/answers/document.yaml", given / f"{name}.yaml")
    project.write_config(project.config() | {"answers": given.name})
    project.snakemake("--cores", "2")
    files, refused = answer_files(str(given))
    verdicts = project.folder / RESULTS / "verdicts"
    right = read_json(verdicts / "document.json")["claims"]
    alone = len({name.lower() for name in files | refused}) == len(NAMES) == len(files | refused)
    for name in files | refused:
        there = (verdicts / f"{name}.json").exists()
        judged = there and (name in refused or read_json(verdicts / f"{name}.json")["claims"] == right)
        row.count(f"{files.get(name, name)!r}", said="" if judged and alone else "not judged as others are")
    return row
