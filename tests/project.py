"""A small copy of the project, with synthetic data in place of the official files, to run the workflow in."""

import gzip
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("Snakefile", "config.yaml", "requirements.lock", "problem_sets", "workflow", "profiles", "scripts", "report")
COUNTS = {"train": 300, "t10k": 120}
SET = "deep-learning"  # the set that a bare `snakemake` checks
RESULTS = f"results/{SET}"
SMALL = {
    "fashion_mnist": {"replicas": 2},
    "mnist": {"replicas": 9, "wrong_replicas": 2},
    "verdicts": {"random_answers": 10},
    "what_if": {"fashion_mnist": {"epochs": 2, "hidden": [12, 8, 6]}, "mnist": {"epochs": 2, "hidden": [8, 8]}},
}
SWEEP = {  # with the runs that the verdicts are about, and one that diverges
    "fashion_mnist": {"learning_rate": [0.01, 10], "pixels": ["scaled", "raw"], "hidden": [[12, 8, 6], [32] * 5]},
    "mnist": {"learning_rate": [0.003, 0.03, 0.3], "seed": [80085, 1, 2, 3]},
}
STEPS = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in (ROOT / "scripts").rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8") and path.name != "__main__.py"
)


def edited(folder: Path, file: str, old: str, new: str) -> None:
    """Replace `old`, which has to stand in a file of the folder, by `new`."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def idx(array: np.ndarray) -> bytes:
    """Return a uint8 array in the IDX format, gzipped without a time stamp."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def synthetic_images(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """Draw 28 × 28 images whose bright stripe tells their label, so that a network has something to learn."""
    images = rng.integers(0, 60, (len(labels), 28, 28)) * (rng.random((len(labels), 28, 28)) < 0.3)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 4 : 2 * label + 6, 4:24] += 180
    return images.clip(0, 255).astype(np.uint8)


def synthetic_files() -> dict[str, dict[str, bytes]]:
    """Return dataset → file name → bytes of synthetic files in the official format."""
    files = {}
    for seed, dataset in enumerate(("fashion-mnist", "mnist")):
        rng = np.random.default_rng(seed)
        files[dataset] = {}
        for part, count in COUNTS.items():
            labels = (np.arange(count) % 10).astype(np.uint8)
            rng.shuffle(labels)
            files[dataset][f"{part}-images-idx3-ubyte.gz"] = idx(synthetic_images(rng, labels))
            files[dataset][f"{part}-labels-idx1-ubyte.gz"] = idx(labels)
    return files


class Project:
    """A copy of the project in a folder of its own, pinned to the synthetic files; `mirror` holds those files."""

    def __init__(self, folder: Path, files: dict[str, dict[str, bytes]]):
        self.folder, self.mirror = folder / "proof set", folder / "own mirror"
        self.folder.mkdir(parents=True)
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, self.folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self.folder / part)
        for dataset, content in files.items():
            (self.mirror / dataset).mkdir(parents=True)
            for name, data in content.items():
                (self.mirror / dataset / name).write_bytes(data)
        self.files = files
        self.pin_mirrors([])
        config = yaml.safe_load((self.folder / "config.yaml").read_text())
        for room, values in SMALL.items():
            config[room] |= values
        self.write_config(config | {"mirror": str(self.mirror)})

    def pin_mirrors(self, mirrors: list[str]) -> None:
        """Pin the download table to the synthetic files, with `mirrors` as the public ones."""
        table = {
            dataset: {
                "licence": "none",
                "mirrors": [f"{mirror}/{dataset}" for mirror in mirrors],
                "files": {
                    name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                    for name, data in content.items()
                },
            }
            for dataset, content in self.files.items()
        }
        (self.folder / "scripts/datasets/sources.yaml").write_text(yaml.safe_dump(table))

    def config(self) -> dict:
        return yaml.safe_load((self.folder / "config.yaml").read_text())

    def write_config(self, config: dict) -> None:
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", *arguments]

    def environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": "", "PYTHONHASHSEED": "random"}

    def snakemake(self, *arguments: str, good: bool = True, **options) -> subprocess.CompletedProcess:
        """Run Snakemake here; with `good`, insist that it succeeds, else that it fails. `output` is all it printed."""
        done = subprocess.run(
            self.command(*arguments),
            **{"cwd": self.folder, "env": self.environment()} | options,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode == 0) == good, done.stdout[-6000:]
        return done

    def digests(self, results: str = RESULTS) -> dict[str, str]:
        """Return the SHA-256 of every file of a set's results."""
        files = sorted(path for path in (self.folder / results).rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def planned(self, *arguments: str) -> set[str]:
        """Return the names of the rules that a run would execute now."""
        return set(self.jobs(*arguments))

    def jobs(self, *arguments: str) -> dict[str, int]:
        """Return by rule how many jobs a run would execute now."""
        lines = self.snakemake("--dry-run", "--quiet", "host", *arguments).stdout.splitlines()
        if not any(line.startswith("Job stats") for line in lines):
            return {}
        table = lines[lines.index(next(line for line in lines if line.startswith("Job stats"))) + 3 :]
        counts = [line.split()[:2] for line in takewhile(lambda line: not line.startswith("total"), table)]
        return {name: int(count) for name, count in counts if name != "all"}

    def asked(self) -> set[Path]:
        """Return the results that a run asks for: each that is gone is made again, others only if these need them."""
        plan = self.snakemake("--dry-run", "--forcerun", "all").stdout
        listed = re.search(r"rule all:\n    input: (.+)", plan)[1]  # if there is none, nobody would notice what is lost
        return {Path(name) for name in listed.split(", ")}


def copy(finished: Project, folder: Path) -> Project:
    """Return a copy of a project; file times are kept, so that nothing is to be done in it."""
    project = object.__new__(Project)
    project.folder, project.mirror, project.files = folder / "proof set", finished.mirror, finished.files
    shutil.copytree(finished.folder, project.folder, symlinks=True)
    return project
