"""Configurations and data that are legal, bounds included, each run from the data to the report.

Settings are drawn from the schemas: of each its least, its largest or something between; so are what-ifs, sweeps and
answers; the images may lack a class, be a single one, or all black. A run must end well, with a report that verifies
and no number in it that is none, or be refused before it begins, with one line. What would train for long is only
planned. Then configurations follow each other in one folder, which must hold what a fresh run leaves.
"""

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scripts.shared.schema import read_schema
from tests.faults.reference import reference
from tests.faults.row import Row
from tests.parameters import swapped, swaps
from tests.plan import due, plans, redone
from tests.project import RESULTS, SET, SMALL, Project, copy, idx, synthetic_files, synthetic_images

CONFIGURATIONS, TURNS = 100, 20
# What takes seconds; beyond it a run is only planned.
LONG = {"replicas": 20, "wrong_replicas": 6, "samples": 9, "epochs": 3, "random_answers": 40, "hidden": 256}
CONFIG = read_schema("config")["properties"]
GIVENS = {
    name: part["properties"]
    for name, part in read_schema("set")["properties"]["experiments"]["properties"].items()
    if name != "l1_regression"  # no number is given there
}
REFUSED = {
    "a file that is no YAML": "given/broken.yaml",
    "an empty folder": "given/empty",
}  # answers, before anything runs
HIDDEN = re.compile(r"<(style|script|pre|code)\b.*?</\1>|<[^>]*>", re.DOTALL)
LEAK = re.compile(r"(?<![\w.])([Nn]a[Nn]|-?[Ii]nf|Infinity|[Uu]ndefined|Traceback)(?![\w’'])|>(None|null)<")


# Data: the labels of the training and the test images, and what is done to the images.


def labels(train: int, test: int, without: tuple = ((), ())) -> list[np.ndarray]:
    """Return labels 0 to 9 in turn for both parts, each without some classes."""
    classes = [[c for c in range(10) if c not in gone] for gone in without]
    return [np.resize(np.array(c, np.uint8), count) for c, count in zip(classes, (train, test), strict=True)]


DATA = {
    "ordinary": (labels(300, 120), None),
    "no image of class 3 to train with": (labels(300, 120, ((3,), ())), None),
    "no test image of class 3": (labels(300, 120, ((), (3,))), None),
    "no image of class 9": (labels(300, 120, ((9,), (9,))), None),
    "one class alone": (labels(300, 120, (range(1, 10), range(1, 10))), None),
    "one image each": (labels(1, 1), None),
    "one training image": (labels(1, 120), None),
    "one test image": (labels(300, 1), None),
    "three images": (labels(3, 3), None),
    "black images": (labels(300, 120), 0),
    "white images": (labels(300, 120), 255),
}


def files(kind: str) -> dict[str, dict[str, bytes]]:
    """Return dataset → file name → bytes of synthetic files of a kind of DATA."""
    if kind == "ordinary":
        return synthetic_files()
    found = {}
    for seed, dataset in enumerate(("fashion-mnist", "mnist")):
        rng = np.random.default_rng(seed)
        found[dataset] = {}
        all_labels, grey = DATA[kind]
        for part, of_part in zip(("train", "t10k"), all_labels, strict=True):
            images = synthetic_images(rng, of_part)
            images = images if grey is None else np.full_like(images, grey)
            found[dataset] |= {
                f"{part}-images-idx3-ubyte.gz": idx(images),
                f"{part}-labels-idx1-ubyte.gz": idx(of_part),
            }
    return found


# Configurations


def drawn(name: str, part: dict, draw: random.Random) -> object:
    """Draw a legal value of a part of a schema: one of its bounds, or something small between."""
    if "enum" in part:
        return draw.choice([value for value in part["enum"] if value != "cuda"])
    if part["type"] == "array":
        count = draw.choice([part["minItems"], part["maxItems"], draw.randint(part["minItems"], part["maxItems"])])
        return [drawn(name, part["items"], draw) for _ in range(count)]
    least = part.get("minimum", part.get("exclusiveMinimum", 0))
    if part["type"] == "number":
        return draw.choice([least or 1e-300, part["maximum"], (least + part["maximum"]) / 100, 0.05])
    most = part.get("maximum", 2**63)  # a seed may be as large as it likes
    small = min(LONG.get(name, 100), most)
    large = most if name not in LONG or draw.random() < 0.02 else small
    return draw.choice([least, least, large, draw.randint(least, small)])


def configuration(draw: random.Random) -> dict:
    """Draw a configuration that the schemas take, of a few of its parts; the others are small."""
    config = {room: dict(values) for room, values in SMALL.items()}
    for room in ("fashion_mnist", "mnist", "verdicts"):
        parts = CONFIG[room]["properties"]
        config[room] |= {key: drawn(key, parts[key], draw) for key in parts if draw.random() < 0.5}
    for experiment, parts in GIVENS.items():
        for key, part in parts.items():
            if draw.random() < 0.4:
                config["what_if"].setdefault(experiment, {})
                config["what_if"][experiment] = config["what_if"][experiment] | {key: drawn(key, part, draw)}
    if draw.random() < 0.2:
        experiment = draw.choice(list(GIVENS))
        keys = draw.sample(["learning_rate", "hidden", "seed", "pixels", "epochs"], 2)
        parts = GIVENS[experiment] | {"pixels": {"enum": ["raw", "scaled"]}, "seed": {"type": "integer"}}
        lists = {key: [drawn(key, parts[key], draw)] for key in keys}
        for key, values in lists.items():
            values += [value for value in [drawn(key, parts[key], draw)] if value not in values]
        config["sweep"] = {experiment: lists}
    if draw.random() < 0.1:
        config |= {"problem_set": "problem_sets/matrix-derivatives", "what_if": {}, "sweep": {}}
    return config


def answers(draw: random.Random, folder: Path, problem_set: str) -> tuple[str, object]:
    """Draw what may be configured as answers to a set; return its kind and the value, relative to the folder."""
    own = next((folder / problem_set / "answers").glob("*.yaml")).read_text(encoding="utf-8")
    given = folder / "given"
    for name in ("several", "empty"):
        (given / name).mkdir(parents=True, exist_ok=True)
    (given / "one.yaml").write_text(own, encoding="utf-8")
    (given / "none.yaml").write_text("name: Nobody\nclaims: []\n", encoding="utf-8")
    (given / "broken.yaml").write_text("name: [\n", encoding="utf-8")
    for name in ("one", "none", "broken"):
        shutil.copy(given / f"{name}.yaml", given / f"several/{name}.yaml")
    kinds = {
        "the set's": "",
        "a file": "given/one.yaml",
        "a list of one": ["given/one.yaml"],
        "a file without claims": "given/none.yaml",
        **REFUSED,
        "a folder": "given/several",
        "a list": ["given/one.yaml", "given/none.yaml"],
    }
    kind = draw.choice([*kinds, *["the set's"] * 6])
    return kind, kinds[kind]


def costly(config: dict) -> bool:
    """Tell whether some part of a configuration would train for long."""

    def numbers(name: str, value: object) -> Iterator[tuple[str, object]]:
        if isinstance(value, dict):
            for key, part in value.items():
                yield from numbers(key, part)
        elif isinstance(value, list):
            for part in value:
                yield from numbers(name, part)
        else:
            yield name, value

    return any(name in LONG and value > LONG[name] for name, value in numbers("", config))


# Runs


def prepared(base: Project, folder: Path, kind: str) -> Project:
    """Return a copy of a finished project with data of a kind, and nothing of what they or a training make."""
    project = copy(base, folder)
    rooms = ("datasets", "fashion_mnist", "mnist", "verdicts", "report")
    for gone in ("resources", *(f"{RESULTS}/{room}" for room in rooms)):
        shutil.rmtree(project.folder / gone)
    (project.folder / RESULTS / "report.html").unlink()
    project.mirror = folder / "own mirror"
    give(project, kind)
    return project


def give(project: Project, kind: str) -> None:
    """Let a project's data be of a kind."""
    project.files = files(kind)
    for dataset, content in project.files.items():
        for name, data in content.items():
            (project.mirror / dataset).mkdir(parents=True, exist_ok=True)
            (project.mirror / dataset / name).write_bytes(data)
    project.pin_mirrors([])


def results_of(config: dict) -> str:
    """Return where the results of a configuration lie."""
    return f"results/{Path(config.get('problem_set', SET)).name}"


def fault(project: Project, config: dict, unreadable: str = "") -> str:
    """Run a project with a configuration; say what is wrong with how it ends, if anything is.

    unreadable: what a line has to name that refuses the configuration before anything has run.
    """
    project.write_config(config | {"mirror": str(project.mirror)})
    done = subprocess.run(
        project.command("--cores", "1", *(["--dry-run", "--quiet"] if costly(config) else [])),
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines()]
        begun = any(line.startswith(("rule ", "localrule ")) for line in lines)
        if unreadable and not begun and unreadable in done.stdout and "Traceback" not in done.stdout:
            return ""
        told = [line for line in lines if re.match(r"error: |\w*Error|\w+\.\w*Error|RuleException", line)]
        return f"it failed: {'; '.join(dict.fromkeys(told))[:300] or done.stdout[-300:]}"
    return "" if costly(config) else report_fault(project, results_of(config))


def report_fault(project: Project, results: str) -> str:
    """Say what is wrong with what a run says: a check that failed, a page that does not verify, nan for a number."""
    for ledger in (project.folder / results / "verdicts").glob("*.json"):
        if found := re.search(r'"The check failed on this answer[^"]*"', ledger.read_text(encoding="utf-8")):
            return f"{ledger.name} says {found[0]}"
    pages = [project.folder / results / "report.html", *(project.folder / results).glob("reports/*.html")]
    for page in pages:
        command = [sys.executable, "-m", "scripts.report.verify", str(page)]
        done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
        if done.returncode:
            return f"{page.name} does not verify: {done.stdout.splitlines()[:2]} {done.stderr[-200:]}"
        text = HIDDEN.sub("><", page.read_text(encoding="utf-8"))
        if found := LEAK.search(text):
            return f"{page.name} says {found[0]}: {' '.join(text[found.start() - 80 : found.end() + 40].split())}"
    return ""


class Ended(NamedTuple):
    """What a seed meant, what is wrong with how its run ended, and the digests of what it left, by path."""

    where: str
    said: str
    digests: dict[str, str]


def started(seed: str) -> tuple[str, dict, random.Random]:
    """Return the kind of data and the configuration that a seed draws, and what draws the rest."""
    draw = random.Random(seed)
    return draw.choice([*DATA, *["ordinary"] * len(DATA)]), configuration(draw), draw


def ended(project: Project, seed: str) -> Ended:
    """Run a project, whose data are those of the seed, with the configuration that it draws."""
    kind, config, draw = started(seed)
    of_answers, value = answers(draw, project.folder, config.get("problem_set", f"problem_sets/{SET}"))
    said = fault(project, config | {"answers": value}, REFUSED.get(of_answers, ""))
    where = f"configuration {seed}: {kind}, answers {of_answers}, {json.dumps(config)}"
    nothing = said or costly(config) or of_answers in REFUSED  # it made
    return Ended(where, said, {} if nothing else project.digests(results_of(config)))


def fresh(first: Project, folder: Path, seed: str) -> Ended:
    """Run the configuration of a seed in a new folder."""
    project = prepared(first, folder, started(seed)[0])
    found = ended(project, seed)
    shutil.rmtree(folder)
    return found


def in_turn(first: Project, folder: Path, runs: dict[str, Ended]) -> Row:
    """Run configurations one after the other in one folder, where what a new folder has to hold has to lie."""
    row, project = Row("another configuration or data in a folder that has run"), prepared(first, folder, "ordinary")
    for seed, alone in runs.items():
        give(project, started(seed)[0])
        here = ended(project, seed)
        stale = [name for name, digest in alone.digests.items() if here.digests.get(name) != digest]
        row.count(alone.where, said=here.said or ", ".join(stale[:3]), stale=len(stale))
    return row


def exchanged(first: Project, share: float, draw: random.Random) -> Row:
    """Plan runs in which every two parameters have each other's value: what uses them has to be redone, and no more."""
    row, config = Row("values of two parameters exchanged"), first.config()
    pairs = swaps(config)
    pairs = draw.sample(pairs, max(1, round(share * len(pairs))))
    before, *after = plans(first, [config, *(swapped(config, *pair) for pair in pairs)])
    first.write_config(config)
    for pair, plan in zip(pairs, after, strict=True):
        if isinstance(plan, str):
            row.count(" and ".join(pair), said=plan)
            continue
        wanted, found = due(before, plan), redone(plan)
        row.count(" and ".join(pair), said="more is redone" * bool(found - wanted), stale=len(wanted - found))
    return row


def campaign(folder: Path, share: float, draw: random.Random) -> Iterator[Row]:
    """Yield what became of legal configurations, of some in turn in one folder, and of exchanged values."""
    first = copy(reference(), folder / "first")
    yield exchanged(first, share, draw)
    legal = Row("legal configuration or data")
    seeds = [str(draw.getrandbits(32)) for _ in range(max(1, round(share * CONFIGURATIONS)))]
    with ThreadPoolExecutor(2) as pool:
        runs = dict(zip(seeds, pool.map(lambda seed: fresh(first, folder / seed, seed), seeds), strict=True))
    for run in runs.values():
        legal.count(run.where, said=run.said)
    yield legal
    good = [seed for seed in seeds if runs[seed].digests][: max(1, round(share * TURNS))]
    yield in_turn(first, folder / "turns", {seed: runs[seed] for seed in good})
