"""What was measured (docs/benchmark.csv), and the README's tables of it.

python -m tests.benchmarks.record

A turn is one run of everything that is compared, one after the other. A ratio is formed within a turn, and the table
shows the median over the turns, with the smallest and the largest. What was measured more than once in a turn counts by
its median.
"""

import csv
import io
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import NamedTuple

from scripts.shared.step import Failure, run, write_text

ROOT = Path(__file__).resolve().parents[2]
README, CSV, PLOT = ROOT / "README.md", ROOT / "docs/benchmark.csv", ROOT / "docs/benchmark.svg"
BEGIN, END = "<!-- benchmark -->\n", "<!-- end of benchmark -->"


class Measured(NamedTuple):
    """One measurement of one command."""

    turn: int  # from 1
    what: str
    seconds: float  # on the clock
    processor_seconds: float = 0.0  # of all its processes
    megabytes: float = 0.0  # the largest of its processes at its largest
    digest: str = ""  # of all results, after a run of the workflow


class Row(NamedTuple):
    """A row of the table: something of the project beside something else; the words may name {cores} and {run}."""

    said: str
    what: str
    beside: str = ""  # what it is compared with, in words
    other: str = ""  # and as it is measured
    unit: str = "seconds"  # which column of the measurements
    most: float = 0.0  # the target: of the ratio if there is one, else of the value; 0 for none
    absolute: bool = False  # the target is one of the value all the same


ROWS = (
    Row("whole run ({run}), {cores} cores", "project", "textbook script", "yardstick", most=1.0),
    Row("the same, processor time", "project", "textbook script", "yardstick", "processor_seconds"),
    Row("both experiments once, compiled by JAX", "peer", "textbook script", "yardstick"),
    Row(
        "Fashion-MNIST epoch of a replica, one core",
        "fashion_mnist epoch",
        "matrix products alone",
        "products",
        most=1.25,
    ),
    Row("the same", "fashion_mnist epoch", "JAX", "peer fashion_mnist epoch"),
    Row("MNIST epoch of a replica, one core", "mnist epoch", "JAX", "peer mnist epoch", most=0.25),
    Row("MNIST reference in numpy", "mnist reference", "textbook script", "yardstick mnist", most=6, absolute=True),
    Row("all steps but trainings, processor time", "other steps", unit="processor_seconds", most=15),
    Row("nothing to do", "nothing", "bare Snakemake", "engine nothing", most=1.3),
    Row("after an edit of the style", "edit", most=3),
    Row(
        "plan of 10 000 replicas of each", "plan", "bare Snakemake, 10 000 jobs", "engine plan", most=15, absolute=True
    ),
    Row("the same", "plan", "plan of 5 000", "half plan"),
    Row("memory of the largest step", "project", unit="megabytes", most=1536),
)
UNITS = {"seconds": "s", "processor_seconds": "s", "megabytes": "MB"}


class Record(NamedTuple):
    """The machine, name → value, and all that was measured on it."""

    machine: dict[str, str]
    rows: list[Measured]

    def by_turn(self, what: str, unit: str = "seconds") -> dict[int, float]:
        """Return turn → value of what was measured; empty if it was not."""
        found = defaultdict(list)
        for row in self.rows:
            if row.what == what:
                found[row.turn].append(getattr(row, unit))
        return {turn: median(values) for turn, values in found.items()}

    def ratios(self, what: str, other: str, unit: str = "seconds") -> list[float]:
        """Return the ratio of each turn in which both were measured."""
        ours, theirs = self.by_turn(what, unit), self.by_turn(other, unit)
        return [ours[turn] / theirs[turn] for turn in sorted(ours.keys() & theirs.keys())]


def written(record: Record) -> str:
    """Return a record as CSV, the machine before it in comments."""
    out = io.StringIO()
    out.writelines(f"# {name}: {value}\n" for name, value in record.machine.items())
    table = csv.writer(out, lineterminator="\n")
    table.writerow(Measured._fields)
    table.writerows([row.turn, row.what, *(f"{x:.4g}" for x in row[2:5]), row.digest] for row in record.rows)
    return out.getvalue()


def read(text: str) -> Record:
    """Return the record that `written` made."""
    lines = text.splitlines()
    machine = dict(line[2:].split(": ", 1) for line in lines if line.startswith("#"))
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    kinds = Measured.__annotations__
    return Record(machine, [Measured(**{name: kinds[name](value) for name, value in row.items()}) for row in table])


def spread(values: list[float], digits: int = 3) -> str:
    """Return the median with the smallest and the largest in brackets, or the value if it is the only one."""
    said = [f"{float(f'{value:.{digits}g}'):g}" for value in (median(values), min(values), max(values))]
    return f"{said[0]} ({said[1]}–{said[2]})" if len(values) > 1 else said[0]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def compared(record: Record) -> str:
    """Return the table of what is measured beside what; a row whose own measurement is missing is left out."""
    text = ""
    for row in ROWS:
        ours, theirs = record.by_turn(row.what, row.unit), record.by_turn(row.other, row.unit)
        if not ours:
            continue
        ratios = record.ratios(row.what, row.other, row.unit)
        values = [*ours.values()] if row.absolute or not row.other else ratios
        target = ""
        if row.most and values:
            sign = f"{row.most:g} {UNITS[row.unit]}" if row.absolute or not row.other else f"× {row.most:g}"
            target = f"≤ {sign}: {'met' if median(values) <= row.most else 'missed'}"
        text += _line(
            [
                row.said.format(**record.machine),
                f"{spread([*ours.values()])} {UNITS[row.unit]}",
                row.beside,
                f"{spread([*theirs.values()])} {UNITS[row.unit]}" if theirs else "not measured" if row.other else "",
                f"**{spread(ratios)}**" if ratios else "",
                target,
            ]
        )
    return (
        _line(["What", "takes", "beside", "which takes", "ratio", "target"]) + _line(["---"] * 6) + text if text else ""
    )


def scaled(record: Record) -> str:
    """Return the table of whole runs by cores and by replicas; empty if none was measured."""
    text, there = "", int(record.machine["cores"])
    one = record.by_turn("cores 1" if there > 1 else "project")
    for cores in sorted({int(row.what.split()[1]) for row in record.rows if row.what.startswith("cores ")} | {there}):
        runs = [*record.by_turn(f"cores {cores}" if cores != there else "project").values()]
        if runs and one:
            more = f" (on {there})" if cores > there else ""
            speed = f"{median(one.values()) / median(runs):.2f} × as fast as on one"
            text += _line([f"`--cores {cores}`{more}", f"{spread(runs)} s", speed if cores > 1 else ""])
    for what, said in (("more mnist", "MNIST replicas"), ("more fashion_mnist", "Fashion-MNIST replicas")):
        for row in record.rows:
            if row.what.startswith(f"{what} "):
                old, new = row.what.split()[2:]
                each = row.processor_seconds / (int(new) - int(old))
                text += _line(
                    [
                        f"{new} in place of {old} {said}",
                        f"{row.seconds:.0f} s more",
                        f"{each:.2g} core seconds for each",
                    ]
                )
    return _line(["Whole run with", "takes", "that is"]) + _line(["---"] * 3) + text if text else ""


def section(record: Record | None) -> str:
    """Return what stands between the README's markers."""
    if record is None or not record.rows:
        return "Not measured yet: `make bench`.\n"
    machine = record.machine
    versions = ", ".join(f"{name} {machine[name]}" for name in [*machine][[*machine].index("python") :])
    digests = [row.digest for row in record.rows if row.digest]
    results = "the same bytes" if len(set(digests)) == 1 else f"not the same, {len(set(digests))} different ones"
    turns = max(row.turn for row in record.rows)
    about = (
        f"Measured on {machine['day']} on {machine['cores']} cores, {machine['processor']} ({machine['features']}), "
        f"{machine['memory']}, {machine['system']}; {versions}. "
        f"Median of {turns} turn{'s' if turns > 1 else ''} (smallest–largest). "
        f"Results of {len(digests)} whole runs: {results}. "
        "Every single measurement is in `docs/benchmark.csv`."
    )
    picture = '<img src="docs/benchmark.svg" width="720" alt="A whole run beside the textbook script, and by cores.">'
    tables = [table for table in (compared(record), scaled(record)) if table]
    return "\n".join([f"{about}\n", *tables, f"{picture}\n"])


def replaced(text: str, record: Record | None) -> str:
    """Return the README's text with its section on speed made anew; Failure if the markers around it are missing."""
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise Failure(f"README.md: the markers {BEGIN.strip()} and {END} are missing; put them around the table")
    return before + BEGIN + section(record) + END + after


def stored() -> Record | None:
    """Return the record that lies under docs/, if there is one."""
    return read(CSV.read_text(encoding="utf-8")) if CSV.exists() else None


def publish(record: Record | None) -> None:
    """Write the README's tables and the plot of a record."""
    write_text(README, replaced(README.read_text(encoding="utf-8"), record))
    if record is not None:
        from tests.benchmarks.plot import drawn

        write_text(PLOT, drawn(record))


if __name__ == "__main__":
    run(lambda: publish(stored()))
