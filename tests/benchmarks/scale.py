"""How plans, jobs, files, traffic and verdicts grow with the replicas: writes the tables of docs/scale.md.

python -m tests.benchmarks.scale --results results/deep-learning

The results are those of a finished run on the official data. Plans are those of dry runs. For verdicts, the replicas
that are there stand in for as many more, as copies. Jobs are handed to programs that stand in for Slurm's and do
nothing, so that Snakemake's own share of a submission is what is timed. What is measured ends at 10 000 jobs; beyond,
numbers follow the line through the last two that were measured, and are marked. It takes half an hour on 2 cores.
"""

import argparse
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from scripts.shared.step import Failure, run, write_text
from tests.benchmarks import machine, record
from tests.benchmarks.run import ENGINE, SNAKEMAKE, Done, behind, commands, copied, module, timed, trainings

PAGE = record.ROOT / "docs/scale.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->"
PLANNED = (100, 1000, 10_000, 36_000)  # replicas of each experiment; the last make some 10 000 jobs
JUDGED = (100, 1000)
BEYOND = (100_000, 1_000_000)
SUBMITTED = 300  # jobs
FACTORS = (1, 4, 16, 64)  # times the batch that the rules make
START = 20  # seconds that Slurm may take to start a job and to notice its end, a guess
EXPERIMENTS = ("fashion_mnist", "mnist")
# What reads all replicas.
READERS = ("mnist.sum_up", "verdicts.judge", "verdicts.power", "report.page.summary", "report.page.render")
STAND_INS = {
    "sbatch": '[[ "$*" =~ one:i=([0-9]+) ]]; id=${BASH_REMATCH[1]}; touch made/$id; date +%s.%N >> times; echo $id',
    "squeue": 'for file in made/*; do echo "${file#made/}|COMPLETED"; done',
    "scontrol": "echo MinJobAge = 300 sec",
}


class Batches(NamedTuple):
    """One job of an experiment's replicas: how many it makes, in how many files, and the bytes it reads and writes."""

    size: int
    files: float
    read: int
    written: int


def asked(replicas: int) -> list[str]:
    return ["--config", *(f"{experiment}={{replicas: {replicas}}}" for experiment in EXPERIMENTS)]


def planned(folder: Path, replicas: int) -> tuple[int, Done]:
    """Return the number of jobs of a dry run, and what it took."""
    done = timed([*SNAKEMAKE, "--dry-run", "--quiet", "rules", *asked(replicas)], folder)
    return int(re.search(r"^total\s+(\d+)$", done.output, re.M)[1]), done


def batches(folder: Path, results: Path) -> dict[str, Batches]:
    """Return experiment → what one job of its replicas is, as a dry run tells and as the results' files weigh."""
    output = timed([*SNAKEMAKE, "--dry-run", "--forceall", "--printshellcmds"], folder).output
    found = {}
    for experiment in EXPERIMENTS:
        command = next(
            command
            for command in commands(output)
            if module(command) == f"scripts.{experiment}.replicate" and behind(command, "--ensembles") < 2
        )
        made = [results.parents[1] / name for name in re.findall(r"results/\S+", command.split(" --data ", 1)[1])][1:]
        data = results.parents[1] / re.search(r"--data (\S+)", command)[1]
        # A log, a benchmark and, for every output, a record of Snakemake's own.
        found[experiment] = Batches(
            trainings(command), 2 * len(made) + 2, data.stat().st_size, sum(path.stat().st_size for path in made)
        )
    return found


def multiplied(source: Path, target: Path, replicas: int) -> None:
    """Make of a finished run's results those with so many replicas of each experiment, by copies (links to files)."""
    shutil.copytree(source, target, copy_function=os.link, ignore=shutil.ignore_patterns("ulp", "runs"))
    shutil.copytree(source / "fashion_mnist/runs/0", target / "fashion_mnist/runs/0", copy_function=os.link)
    runs = sorted(path for path in (source / "fashion_mnist/runs").iterdir() if "." in path.name)
    size = len({path.name.split(".")[1] for path in runs})
    for run_number in range(-(-replicas // size) * size):
        name = f"{run_number // size + 1}.{run_number % size + 1}"
        shutil.copytree(runs[run_number % len(runs)], target / "fashion_mnist/runs" / name, copy_function=os.link)
    files = sorted((source / "mnist/replicas/ulp").iterdir())
    head, *rows = files[0].read_text().splitlines()
    size = len({row.split(",", 1)[0] for row in rows})
    for batch in range(-(-replicas // size)):
        lines = files[batch % len(files)].read_text().splitlines()[1:]
        numbered = (line.split(",", 1) for line in lines)
        first = batch * size - (batch % len(files)) * size
        text = "\n".join([head, *(f"{int(number) + first},{rest}" for number, rest in numbered)])
        write_text(target / f"mnist/replicas/ulp/{batch}.csv", text + "\n")


def judged(folder: Path, results: Path, replicas: int) -> dict[str, Done]:
    """Return what each step that reads all replicas takes alone, when there are so many of each experiment."""
    shutil.rmtree(folder / "results", ignore_errors=True)
    multiplied(results, folder / "results" / results.name, replicas)
    output = timed([*SNAKEMAKE, "--dry-run", "--forceall", "--printshellcmds", *asked(replicas)], folder).output
    found = {}
    for command in commands(output):
        name = module(command).removeprefix("scripts.")
        if name in READERS:
            found[name] = timed(["bash", "-euo", "pipefail", "-c", command], folder)
            print(
                f"{replicas} replicas: {name}: {found[name].processor_seconds:.1f} s, {found[name].megabytes:.0f} MB",
                flush=True,
            )
    return found


def submitted(folder: Path) -> float:
    """Return how many jobs a second Snakemake hands to a Slurm that answers at once."""
    for name in ("bin", "made"):
        (folder / name).mkdir(parents=True)
    for name, script in STAND_INS.items():
        (folder / "bin" / name).write_text(f'#!/bin/bash\ncd "${{0%/*}}/.."\n{script}\n')
        (folder / "bin" / name).chmod(0o755)
    (folder / "Snakefile").write_text(ENGINE.format(jobs=SUBMITTED))
    slurm = ["--executor", "slurm", "--jobs", str(SUBMITTED), "--slurm-status-command", "squeue", "--slurm-no-account"]
    slurm += ["--slurm-init-seconds-before-status-checks", "1", "--max-jobs-per-timespan", "10000/1s"]
    slurm += ["--default-resources", "slurm_partition=none"]
    path = f"PATH={folder / 'bin'}:{os.environ['PATH']}"
    timed(["env", path, *SNAKEMAKE, "--quiet", "all", *slurm], folder)
    times = [float(line) for line in (folder / "times").read_text().split()]
    return (len(times) - 1) / (max(times) - min(times))


def extrapolated(points: dict[int, float], at: int) -> float:
    """Return a measured value, or that of the line through the last two: much is fixed, and the rest adds up."""
    if at in points:
        return points[at]
    (a, x), (b, y) = sorted(points.items())[-2:]
    return y + max(y - x, 0) / (b - a) * (at - b)


def said(value: float, unit: str) -> str:
    """Return a value in a unit that suits it, with two digits."""
    scales = {"s": [(86400, "days"), (3600, "h"), (60, "min"), (1, "s")], "B": [(1e12, "TB"), (1e9, "GB"), (1e6, "MB")]}
    scale, name = next((pair for pair in scales[unit] if value >= 2 * pair[0]), scales[unit][-1])
    return f"{float(f'{value / scale:.2g}'):,.10g} {name}".replace(",", " ")


def number(value: float) -> str:
    return f"{float(f'{value:.3g}') if value > 10_000 else round(value):,.10g}".replace(",", " ")


def table(head: list[str], rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in [head, ["---"] * len(head), *rows])


def growth(plans: dict, steps: dict, each: dict[str, Batches], rate: float, fixed: int, pages: dict) -> str:
    """Return the table of what grows, a column for each number of replicas; ~ marks what is extrapolated."""
    columns = sorted({*PLANNED, *BEYOND})

    def row(what: str, points: dict[int, float], shown, known: bool = False) -> list[str]:
        cells = [f"{'' if known or at in points else '~ '}{shown(extrapolated(points, at))}" for at in columns]
        return [what, *cells]

    def jobs(at: int) -> int:
        return fixed + sum(-(-at // batch.size) for batch in each.values())

    def total(of) -> dict[int, float]:
        return {at: sum(of(batch) * -(-at // batch.size) for batch in each.values()) for at in columns}

    rows = [
        row("jobs", {at: jobs(at) for at in columns}, number),
        row("plan", {at: done.processor_seconds for at, (_, done) in plans.items()}, lambda x: said(x, "s")),
        row("memory of Snakemake", {at: 1e6 * d.megabytes for at, (_, d) in plans.items()}, lambda x: said(x, "B")),
        row(f"submitting, {rate:.0f} a second", {at: jobs(at) / rate for at in columns}, lambda x: said(x, "s")),
        row("files, Snakemake's records too", total(lambda batch: batch.files), number),
        row("data that jobs read", total(lambda batch: batch.read), lambda x: said(x, "B")),
        row("results written", total(lambda batch: batch.written), lambda x: said(x, "B")),
        row("report.html", pages, lambda x: said(x, "B")),
    ]
    for name in READERS:
        seconds = {at: found[name].processor_seconds for at, found in steps.items()}
        memory = {at: 1e6 * found[name].megabytes for at, found in steps.items()}
        time, space = (row(name, seconds, lambda x: said(x, "s")), row(name, memory, lambda x: said(x, "B")))
        rows.append([f"`{name}`", *(f"{a}, {b.removeprefix('~ ')}" for a, b in zip(time[1:], space[1:], strict=True))])
    return table(["Replicas of each experiment", *map(number, columns)], rows)


def core_seconds() -> dict[str, float]:
    """Return experiment → what a replica takes, as docs/benchmark.csv has it; Failure if it has not."""
    stored = record.stored()
    found = {}
    for row in stored.rows if stored else []:
        if row.what.startswith("more "):
            _, experiment, old, new = row.what.split()
            found[experiment] = row.processor_seconds / (int(new) - int(old))
    if found.keys() != {*EXPERIMENTS}:
        raise Failure("docs/benchmark.csv does not say what a replica takes; run make bench ONLY=replicas first")
    return found


def lengths(each: dict[str, Batches], took: dict[str, float], start: float) -> str:
    """Return the table of how many replicas make a batch: how long its job is, and what share of it only starts it."""
    rows = []
    for experiment, batch in each.items():
        for size in (batch.size * factor for factor in FACTORS):
            length = size * took[experiment]
            share = f"{100 * (start + START) / (length + start + START):.0f} %"
            rows.append([experiment, str(size), said(length, "s"), share, *(number(at / size) for at in BEYOND)])
    jobs = [f"jobs for {number(at)}" for at in BEYOND]
    return table(["Experiment", "replicas in a batch", "training", "share of starting", *jobs], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", required=True, help="results of a finished run on the official data")
    args = parser.parse_args()
    results = Path(args.results).resolve()
    text = PAGE.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise Failure(f"{PAGE} lacks the markers {BEGIN.strip()} and {END}; bring them back")
    took = core_seconds()
    with tempfile.TemporaryDirectory(dir=results.parents[1], prefix=".scale-") as temporary:
        folder = copied(Path(temporary) / "project", None)
        each = batches(folder, results)
        target = f"results/{results.name}/mnist/history.csv"
        start = timed([*SNAKEMAKE, target, "--dry-run", "--quiet", "all", *asked(10_000)], folder).processor_seconds
        plans = {}
        for at in PLANNED:
            plans[at] = planned(folder, at)
            print(f"{at} replicas: {plans[at][0]} jobs planned in {plans[at][1].processor_seconds:.1f} s", flush=True)
        fixed = plans[PLANNED[0]][0] - sum(-(-PLANNED[0] // batch.size) for batch in each.values())
        rate = submitted(Path(temporary) / "submitted")
        steps, pages = {}, {}
        for at in JUDGED:
            steps[at] = judged(folder, results, at)
            pages[at] = (folder / "results" / results.name / "report.html").stat().st_size
    here = machine.described()
    about = (
        f"Measured on {here['day']} on {here['cores']} cores, {here['processor']}, {here['memory']}; Python "
        f"{here['python']}, Snakemake {here['snakemake']}. Times are processor times; "
        "~ is extrapolated, by the line through the last two.\n\n"
    )
    starts = (
        f"\nA job begins with Snakemake's own start, {start:.1f} s here, whatever the number of replicas; Slurm "
        f"is taken to need {START} s to start a job and to notice its end.\n\n"
    )
    measured = about + growth(plans, steps, each, rate, fixed, pages) + starts + lengths(each, took, start)
    write_text(PAGE, before + BEGIN + measured + END + after)


if __name__ == "__main__":
    run(main)
