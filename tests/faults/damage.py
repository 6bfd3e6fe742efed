"""Flip one bit in a finished project: it is noticed by `verify` or by the next run, or it cannot matter.

Noticed by a run means: it ends with an error, or does something again. What no run notices is put, all at once, into a
project in which nothing has run yet: that has to make the reference bytes all the same, or to refuse it by a line. What
is made again is, for a few, compared with what such a project makes of the same input. File times are kept for every
second fault: bits that rot change none.
"""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.report.verify import differences
from tests.faults.reference import reference
from tests.faults.row import Row
from tests.project import RESULTS, Project, copy, edited

INPUTS, PER_RESULT, PER_PAGE, RECORDS, AGAIN = 160, 2, 150, 60, 6  # how many faults, if all are injected
OURS = ("Snakefile", "config.yaml", "requirements.lock", "problem_sets", "profiles", "report", "resources", "scripts")
MADE = ("results", "logs", "benchmarks", ".snakemake")
REFUSED = "not as made by the workflow (damaged, or edited); delete it and run again"


class Flip:
    """One bit of a file of a project, and whether the file's time is kept; str() says which."""

    def __init__(self, project: Project, path: Path, draw: random.Random):
        self.file = path.relative_to(project.folder)
        self.bit, self.keeps_time = draw.randrange(8 * path.stat().st_size), draw.random() < 0.5

    def __str__(self) -> str:
        return f"{self.file}, bit {self.bit}, {'same' if self.keeps_time else 'new'} time"

    def apply(self, project: Project) -> None:
        """Flip the bit; a second time flips it back."""
        path = project.folder / self.file
        times, data = path.stat(), bytearray(path.read_bytes())
        data[self.bit // 8] ^= 1 << self.bit % 8
        path.chmod(0o644)
        path.write_bytes(data)
        if self.keeps_time:
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def files(project: Project, *names: str) -> list[Path]:
    """Return all files below these, but what is compiled, empty, or Snakemake's."""
    below = [path for name in names for path in [project.folder / name, *(project.folder / name).rglob("*")]]
    found = [path for path in below if path.is_file() and path.stat().st_size and "__pycache__" not in path.parts]
    return sorted(path for path in found if path.name != ".snakemake_timestamp")


def chosen(draw: random.Random, things: list, count: float) -> list:
    """Return about so many of the things, one at least."""
    return draw.sample(things, min(len(things), max(1, round(count))))


def verified(project: Project) -> list[str]:
    """Return what verify says of the report."""
    page = (project.folder / RESULTS / "report.html").read_bytes().decode(errors="replace")
    return differences(page, str(project.folder / RESULTS))[1]


def run(project: Project, *arguments: str) -> tuple[bool, str]:
    """Return whether Snakemake succeeds, and all that it prints."""
    done = subprocess.run(
        project.command(*arguments), cwd=project.folder, env=project.environment(), capture_output=True, text=True
    )
    return done.returncode == 0, done.stdout + done.stderr


def planned(output: str) -> bool:
    """Tell whether a dry run would do anything."""
    return "Nothing to be done" not in output


def inputs(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Flip bits in what people write and download, code included."""
    row, silent, again = Row("bit flipped in an input"), [], []
    project = copy(reference(), folder / "inputs")
    names = [path.relative_to(project.folder) for path in files(project, *OURS, "workflow")]
    for name in chosen(draw, names, share * INPUTS):
        flip = Flip(project, project.folder / name, draw)
        flip.apply(project)
        good, said = run(project, "--dry-run", "--quiet", "host")
        flip.apply(project)
        if flip.file.parts[0] == "resources" and not planned(said):
            # Of downloads, the run that reads them compares the digests.
            flip.apply(project)
            good, said = run(project, "--cores", "2", "--forcerun", "read_dataset")
            row.count(str(flip), said="" if not good and "has the wrong SHA-256" in said else "read as it is")
            shutil.rmtree(project.folder)
            project = copy(reference(), folder / f"inputs {row.injected}")
        elif good and not planned(said):
            silent.append(flip)
        elif good and len(again) < round(share * AGAIN):
            again.append(flip)
        else:
            row.count(str(flip))
    for flip in again:
        row.count(str(flip), **compared(folder / "again", flip))
    if silent and share >= 0.1:  # it takes a whole run; without it they do not count
        fresh = copy(reference(), folder / "silent")
        begin_anew(fresh)
        for flip in silent:
            flip.apply(fresh)
        good, said = run(fresh, "--cores", "2")
        while not good and (refused := [flip for flip in silent if f"{flip.file} is damaged (" in said]):
            for flip in refused:
                row.count(str(flip))
                flip.apply(fresh)
                silent.remove(flip)
            good, said = run(fresh, "--cores", "2")
        same = good and fresh.digests() == reference().digests()
        for flip in silent:
            row.count(str(flip), said="" if good else f"one of them: {said[-300:]}", stale=0 if same else 1)
    yield row


def begin_anew(project: Project) -> None:
    """Remove all that has been made."""
    for name in MADE:
        shutil.rmtree(project.folder / name)


def compared(folder: Path, flip: Flip) -> dict:
    """Let a finished project, and one in which nothing has run, go on with a flipped input; return what differs."""
    projects = [copy(reference(), folder / name) for name in ("finished", "new")]
    begin_anew(projects[1])
    ended = []
    for project in projects:
        flip.apply(project)
        ended.append(run(project, "--cores", "2")[0])
    first, second = (project.digests() for project in projects)
    shutil.rmtree(folder)
    if ended[0] != ended[1]:
        return {"said": f"ends {'well' if ended[0] else 'badly'} in a finished project, otherwise in a new one"}
    return {"stale": sum(first.get(name) != digest for name, digest in second.items())} if ended[0] else {}


def consumers(project: Project) -> dict[str, set[str]]:
    """Return the rules that read a file, from Snakemake's records."""
    found: dict[str, set[str]] = {}
    for record in files(project, ".snakemake/metadata"):
        content = json.loads(record.read_text())
        for name in content["input"]:
            found.setdefault(name, set()).add(content["rule"])
    return found


def results(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Flip bits in results: verify has to see them if they are on the page, and no run may use them."""
    row, project = Row("bit flipped in a result"), copy(reference(), folder / "results")
    users = consumers(project)
    made = [path for path in files(project, "results") if path.suffix != ".html"]
    for path in chosen(draw, made * PER_RESULT, share * len(made) * PER_RESULT):
        flip = Flip(project, path, draw)
        rules = users.get(str(flip.file), set())
        flip.apply(project)
        try:
            seen = verified(project)
        except Exception as error:
            seen, rules = [], {f"verify ends with {error!r}"}
        if rules:
            good, said = run(project, "--dry-run", "--forcerun", *sorted(rules))
            refused = not good and f"rm {flip.file}" in said and REFUSED in said
            row.count(str(flip), said="" if refused else f"would be used: {said[-200:]!r}", stale=not refused)
        else:  # nothing reads it but, maybe, people
            row.count(str(flip), said="" if seen else "nobody notices")
        flip.apply(project)
    yield row


def pages(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Flip bits in the page."""
    row, project = Row("bit flipped in a page"), copy(reference(), folder / "pages")
    for _ in range(max(1, round(share * PER_PAGE))):
        flip = Flip(project, project.folder / RESULTS / "report.html", draw)
        flip.apply(project)
        try:
            said = "" if verified(project) else "verify says that all is well"
        except Exception as error:
            said = f"verify ends with {error!r}"
        row.count(str(flip), said=said)
        flip.apply(project)
    yield row


def records(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Flip bits in Snakemake's records of results: what they tell of settings has to be right, or not to count."""
    row, project = Row("bit flipped in Snakemake's records"), copy(reference(), folder / "records")
    edited(project.folder, "config.yaml", "epochs: 2", "epochs: 3")
    config = project.config()
    config["fashion_mnist"]["samples"] = 4
    config["verdicts"] |= {"alpha": 0.02, "random_answers": 11}
    project.write_config(config)
    redone = project.jobs()
    for path in chosen(draw, files(project, ".snakemake/metadata"), share * RECORDS):
        flip = Flip(project, path, draw)
        flip.apply(project)
        try:
            now = project.jobs()
            lost = {rule for rule, count in redone.items() if now.get(rule, 0) < count}
            said = f"edited settings redo too little of {', '.join(sorted(lost))}" if lost else ""
        except AssertionError as error:
            said = f"the next run fails: {str(error)[-200:]}"
            lost = set()
        row.count(str(flip), said=said, stale=bool(lost))
        flip.apply(project)
    yield row


def campaign(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Yield a row for each kind of file."""
    for part in (inputs, results, pages, records):
        yield from part(folder, share, draw)
