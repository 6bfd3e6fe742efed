"""Runs are struck by signals at random moments, while what they read is edited and brought back.

A round edits something, starts Snakemake in a project that is partly finished, waits a random time and sends a signal:
to Snakemake, to it with all its steps, or to one step. A second Snakemake may be started beside the first. Some edits
are taken back soon, others stay for a few rounds. Now and then, and at the end, all are, and a run follows that nothing
disturbs. Then everything has to be as if nothing had been.
"""

import io
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from tests.faults.reference import reference
from tests.faults.row import Row
from tests.project import copy

ROUNDS = {False: 40, True: 100}  # whether things are edited → rounds
SETTLED = 0.15  # of the rounds are followed by a look at whether all is as if nothing had been
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
LONGEST = 300  # seconds within which a run that was struck has to have ended
# How the workflow tells of files that are not as they were made: with a command that deletes them, or by one's name.
ADVICE = re.compile(
    r"(?:((?:results|resources)/\S+) .*; )?delete it and run again(?:: (rm .*?)(?: and \d+ more)?)?$", re.MULTILINE
)
# A line that says why a run ended.
SAID = re.compile(
    r"^(error: |Error in rule |LockException|Terminating processes on user request|Will exit after finishing"
    r"|WorkflowError.*:\n\S|.*: not as made by the workflow )",
    re.MULTILINE,
)
# How what is whole ends, or is read.
WHOLE = {
    ".csv": lambda data: data.endswith(b"\n"),
    ".html": lambda data: data.endswith((b"-->\n", b"</html>\n")),
    ".svg": lambda data: data.endswith(b"</svg>\n"),
    ".json": lambda data: data.endswith((b"}\n", b"]\n")),
    ".npz": lambda data: zipfile.is_zipfile(io.BytesIO(data)),
}

# What people edit: (file, what stands there, what they put in its place). Some of it is wrong.
SET = "problem_sets/deep-learning"
TEXTS = [
    ("config.yaml", "wrong_replicas: 2", "wrong_replicas: 3"),
    ("config.yaml", "random_answers: 10", "random_answers: 12"),
    ("config.yaml", "samples: 3", "samples: 2"),
    ("config.yaml", "alpha: 0.01", "alpha: 0.05"),
    ("config.yaml", "alpha: 0.01", "alpha: 5"),
    ("config.yaml", "epochs: 2", "epochs: 1"),
    ("config.yaml", "sweep: {}", "sweep: {mnist: {learning_rate: [0.003, 0.03]}}"),
    ("config.yaml", "mnist:", "mnist"),
    ("scripts/mnist/diverge.py", "float(distances.max())", "2 * float(distances.max())"),
    ("scripts/mnist/train.py", "import argparse", "import argparse  # edited"),
    ("scripts/relu/fit.py", "import argparse", "import argparse  # edited"),
    ("scripts/shared/step.py", "whole or not at all", "whole, or not at all"),
    ("scripts/report/page/render.py", '"""', '"""Edited. '),
    ("workflow/rules/mnist.smk", "REPLICAS_PER_BATCH = 33", "REPLICAS_PER_BATCH = 5"),
    ("report/style.css", "{", "{ /* edited */"),
    ("report/base.html.j2", "<body>", '<body class="edited">'),
    ("report/base.html.j2", "<body>", "<body>{% edited %}"),
    (f"{SET}/answers/document.yaml", "stated:", "stated: 1 #"),
    (f"{SET}/answers/document.yaml", "claims:", "claims: ["),
    (f"{SET}/chapters/mnist.html.j2", "<p>", "<p>Edited. "),
    (f"{SET}/items/p1a.yaml", "asks: ", "asks: Edited. "),
    (f"{SET}/items/f3.yaml", "title: ", "title: Edited "),
    (f"{SET}/set.yaml", "title: ", "title: Edited "),
    (f"{SET}/data/l1.txt", "\n1 0 1\n", "\n1 0 3\n"),
]


def made(folder: Path) -> list[Path]:
    """Return the results and downloads in a project, oldest first."""
    paths = [path for name in ("resources", "results") for path in (folder / name).rglob("[!.]*")]
    return sorted(filter(Path.is_file, paths), key=lambda path: (path.stat().st_mtime_ns, path))


class Struck:
    """A copy of the reference that is edited and whose runs are struck.

    `right` holds what people edit as it was at first, `edited` as they have left it: path → (bytes, time).
    """

    def __init__(self, folder: Path, draw: random.Random):
        self.draw, self.project = draw, copy(reference(), folder)
        self.folder = self.project.folder
        self.wanted = {path.relative_to(self.folder): path.read_bytes() for path in made(self.folder)}
        self.right = self.sources()
        self.edited = dict(self.right)
        self.damaged: set[str] = set()  # results and downloads whose content was altered since all was settled
        self.asked = self.project.asked()
        self.deleted: set[Path] = set()  # what no run makes or fetches again, if what was made of it is there

    def sources(self) -> dict[Path, tuple[bytes, int]]:
        """Return all files but those that runs make."""
        others = {"results", "resources", "logs", "benchmarks", ".snakemake", "__pycache__"}
        paths = [path for path in self.folder.rglob("*") if path.is_file() and not others & {*path.parts}]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}

    def unfinish(self) -> None:
        """Leave of what was made only what was made first."""
        there = made(self.folder)
        for path in there[self.draw.randint(len(there) // 3, len(there)) :]:
            self.delete(path)

    def delete(self, path: Path) -> None:
        """Delete a result or download."""
        path.unlink()
        if (name := path.relative_to(self.folder)) not in self.asked:
            self.deleted.add(name)

    def edit_source(self) -> str:
        """Edit what people edit, and return what was edited."""
        file, old, new = self.draw.choice([text for text in TEXTS if text[1] in (self.folder / text[0]).read_text()])
        path = self.folder / file
        path.write_text(path.read_text().replace(old, new, 1))
        self.edited[path] = (path.read_bytes(), path.stat().st_mtime_ns)
        return f"{file}: {new!r}"

    def edit_made(self) -> str:
        """Alter or delete a result or download, and return what was done."""
        path = self.draw.choice(made(self.folder))
        how = self.draw.choice(["a bit flipped", "cut off", "deleted", "deleted with its folder", "touched", "aged"])
        data = bytearray(path.read_bytes())
        if how == "a bit flipped" and data:
            data[self.draw.randrange(len(data))] ^= 1 << self.draw.randrange(8)
            path.write_bytes(data)
            self.damaged.add(str(path.relative_to(self.folder)))
        elif how == "cut off":
            path.write_bytes(data[: self.draw.randrange(len(data) + 1)])
            self.damaged.add(str(path.relative_to(self.folder)))
        elif how == "deleted":
            self.delete(path)
        elif how == "deleted with its folder":
            for other in filter(Path.is_file, [*path.parent.rglob("*")]):
                self.delete(other)
            shutil.rmtree(path.parent)
        else:
            os.utime(path, None if how == "touched" else (1e9, 1e9))
        return f"{path.relative_to(self.folder)} {how}"

    def take_back(self) -> None:
        """Bring back what people edit, with the time of now, or with its old one as `cp -p` does."""
        for path, (data, modified) in self.right.items():
            if self.edited[path][0] != data:
                path.write_bytes(data)
                if self.draw.random() < 0.5:
                    os.utime(path, ns=(modified, modified))
                self.edited[path] = (data, path.stat().st_mtime_ns)

    def begin(self) -> tuple[subprocess.Popen, Path]:
        """Start Snakemake as a shell does, in a process group of its own; return it, and what it prints to."""
        printed = self.folder.parent / f"printed-{time.monotonic_ns()}"
        with printed.open("wb") as output:
            command = self.project.command("--cores", str(self.draw.randint(1, 4)))
            here = {"cwd": self.folder, "env": self.project.environment(), "start_new_session": True}
            return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **here), printed

    def strike(self) -> tuple[str, str]:
        """Start a run and send a signal; return how, if it had not ended before, and what was wrong with its end."""
        begun = [self.begin()]
        run = begun[0][0]
        wait = self.draw.choice([self.draw.uniform(0, 3), self.draw.uniform(1, 8), self.draw.uniform(1, 30)])
        number, target = self.draw.choice(SIGNALS), self.draw.choice(["Snakemake", "Snakemake and its steps", "a step"])
        how = f"{number.name} to {target} after {wait:.2f} s"
        second = self.draw.random() < 0.2
        try:
            if second:
                pause = self.draw.uniform(0, min(wait, 2))
                how, wait = f"{how}, another begun after {pause:.2f} s", wait - pause
                time.sleep(pause)
                begun.append(self.begin())
            run.wait(wait)
            how = ""
        except subprocess.TimeoutExpired:
            steps = [process for process in self.processes() if "scripts." in " ".join(process.cmdline())]
            if target == "a step" and steps:
                self.draw.choice(steps).send_signal(number)
            elif target == "Snakemake":
                run.send_signal(number)
            else:
                os.killpg(run.pid, number)
        return how, "; ".join(filter(None, [self.end(*one) for one in begun]))

    def end(self, run: subprocess.Popen, printed: Path) -> str:
        """Wait for a run's end and return what is wrong with it, if anything is."""
        try:
            code = run.wait(LONGEST)
        except subprocess.TimeoutExpired:
            run.kill()
            return f"had not ended after {LONGEST} s"
        text = printed.read_text(encoding="utf-8")
        printed.unlink()
        # So Python ends at Ctrl-C while it imports Snakemake, before a line of this workflow has been read.
        if "Traceback" in text and not (code == -signal.SIGINT and "Snakefile" not in text):
            return f"a traceback: {text[text.index('Traceback') :][:3000]}"
        if code > 0 and not SAID.search(text):
            return f"ended with {code} and said nothing of why: {text[-3000:]}"
        return ""

    def processes(self) -> list[psutil.Process]:
        """Return the processes that run in this project."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.status() != psutil.STATUS_ZOMBIE and process.cwd().startswith(str(self.folder)):
                    found.append(process)
        return found

    def differing(self) -> tuple[int, int]:
        """Return how many files of the reference are gone, though not by `delete`, and how many have other bytes."""
        there = {path: (self.folder / path).read_bytes() for path in self.wanted if (self.folder / path).exists()}
        missing = self.wanted.keys() - there.keys()
        self.deleted &= missing
        return len(missing - self.deleted), sum(data != self.wanted[path] for path, data in there.items())

    def settle(self) -> dict[str, str | int]:
        """Bring all back and run undisturbed, as is advised; return what is not as it was (`Row.count`)."""
        meddled = sum(now != self.edited.get(path) for path, now in self.sources().items())
        self.take_back()
        for _ in range(len(self.damaged) + 1):
            done = self.run()
            advised = set()
            for name, command in ADVICE.findall(done.stdout) if done.returncode else ():
                advised |= set(shlex.split(command)[1:]) or {name}
            if not advised or advised - self.damaged:  # what nobody damaged may not be asked back
                break
            for name in advised:
                self.delete(self.folder / name)
            self.damaged -= advised
        self.damaged = set()
        if done.returncode:
            return {"said": f"the good run failed: {done.stdout[-3000:]}"}
        missing, other = self.differing()
        files = [path for name in ("results", "resources") for path in (self.folder / name).rglob(".*")]
        half = [path.name for path in files if path.name != ".snakemake_timestamp"]
        wrong = [*map(str, self.processes()), *half, *(self.folder / ".snakemake").glob("locks/*")]
        if "Nothing to be done" not in (again := self.run().stdout):
            wrong.append(f"the run after the good one does something: {again[-3000:]}")
        return {"said": "; ".join(map(str, wrong)), "lost": missing + meddled, "half": len(half), "stale": other}

    def run(self) -> subprocess.CompletedProcess:
        """Run Snakemake undisturbed; `stdout` is all that it printed."""
        here = {"cwd": self.folder, "env": self.project.environment(), "text": True}
        command = self.project.command("--cores", "2")
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **here)

    def cut_off(self) -> list[Path]:
        """Return what was made and is not whole, but for what was damaged here."""
        there = [path for path in made(self.folder) if str(path.relative_to(self.folder)) not in self.damaged]
        return [path for path in there if not WHOLE.get(path.suffix, bool)(path.read_bytes())]

    def round(self, edits: bool) -> dict[str, str | int]:
        """Edit, begin and strike, until a run was struck; return where and what was wrong (`Row.count`)."""
        done, how, said = [], "", ""
        while not (how or said):
            if done or self.draw.random() < 0.6:
                self.unfinish()
            if edits:
                if self.draw.random() < 0.5:
                    self.take_back()
                for _ in range(self.draw.randint(1, 2)):
                    done.append(self.edit_source() if self.draw.random() < 0.6 else self.edit_made())
            how, said = self.strike()
            done.append(how or "ended before")
        return {"where": "; ".join(done), "said": said, "half": len(self.cut_off())}


def campaign(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Strike runs, at first in a project that nobody edits, then in one that is edited."""
    for edits, rounds in ROUNDS.items():
        row = Row(
            "Run killed at a random moment (SIGKILL, SIGTERM, SIGINT)"
            + ", and configuration, code, answers or results edited, and back" * edits
        )
        rounds = max(2, round(rounds * share))
        struck, since = None, []
        for number in range(1, rounds + 1):
            struck = struck or Struck(folder / f"{edits} {number}", draw)
            since.append(struck.round(edits))
            if number < rounds and draw.random() > SETTLED:
                continue
            found = struck.settle()
            if any(found.values()):
                since[-1]["where"] = " | ".join(one["where"] for one in since)
                since[-1] |= {key: since[-1].get(key, type(value)()) + value for key, value in found.items()}
                struck = None  # the next ones are not to suffer from it
            for one in since:
                row.count(**one)
            since = []
        yield row
