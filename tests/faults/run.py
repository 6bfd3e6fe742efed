"""Inject faults of every kind into small runs on synthetic data, count what became of them, and say it in a table.

python -m tests.faults.run --share 0.1 --only interrupted

All of them take hours of processor time. With --write, the rows of the campaigns that ran go to docs/reliability.csv,
in place of those that these have there, and all rows to the table in docs/reliability.md; not those of what cannot be
tried here. The exit status is 1, and nothing is written, if a fault was not survived.
"""

import argparse
import csv
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from scripts.shared.step import Failure, run, write_csv, write_text
from tests.benchmarks import machine
from tests.faults.row import Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- faults -->\n", "<!-- end of faults -->"
# Each is a module beside this one, whose `campaign(folder, share, draw)` yields rows: it works in the empty `folder`,
# injects about `share` of its faults, and draws what is left to chance from `draw`.
CAMPAIGNS = ("operations", "interrupted", "damage", "configurations", "surroundings")
Campaign = Callable[[Path, float, random.Random], Iterator[Row]]
COLUMNS = {
    "fault": "Fault",
    "injected": "injected",
    "survived": "survived",
    "lost": "lost",
    "half": "half files",
    "stale": "stale results",
    "share": "share of all",
    "day": "day",
}


def table(rows: list[dict]) -> str:
    """Return rows, as those of docs/reliability.csv are, as a Markdown table."""
    lines = [COLUMNS.values(), ["---", *["---:"] * (len(COLUMNS) - 1)]]
    lines += [[str(row[column]) for column in COLUMNS] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def struck(name: str, share: float, seed: int) -> list[Row]:
    """Run a campaign, print its rows as they come, and return them."""
    campaign: Campaign = import_module(f"tests.faults.{name}").campaign
    rows = []
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        for row in campaign(Path(folder), share, random.Random(f"{name} {seed}")):
            rows.append(row)
            counts = f"{row.survived} of {row.injected} survived; {row.lost} lost, {row.half} half, {row.stale} stale"
            print("\n  ".join([f"{row.fault}: {counts}", *row.seen]), flush=True)
    return rows


def write(rows: dict[str, list[Row]], share: float, seed: int) -> None:
    """Put the rows of these campaigns in place of those in docs/. Failure: the page has no place for them."""
    here = machine.described()
    about = {"share": f"{share:.0%}", "seed": seed, "day": here["day"], "python": here["python"]}
    before, path, page = [], DOCS / "reliability.csv", DOCS / "reliability.md"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            before = list(csv.DictReader(file))
    found = []
    for name in CAMPAIGNS:
        new = [{"campaign": name} | asdict(row) | about for row in rows.get(name, []) if row.injected]
        found += [
            {key: value for key, value in row.items() if key != "seen"}
            for row in new or [row for row in before if row["campaign"] == name]
        ]
    text = page.read_text(encoding="utf-8")
    above, begun, rest = text.partition(BEGIN)
    _, closed, below = rest.partition(END)
    if not (begun and closed):
        raise Failure(f"{page} lacks the markers {BEGIN.strip()} and {END}; bring them back")
    write_csv(path, found)
    write_text(page, above + BEGIN + table(found) + END + below)


def part(text: str) -> float:
    """Return a share of all, more than 0 and at most 1. ValueError: it is none."""
    if not 0 < (share := float(text)) <= 1:
        raise ValueError
    return share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=CAMPAIGNS, default=CAMPAIGNS, metavar="CAMPAIGN", help=", ".join(CAMPAIGNS)
    )
    parser.add_argument("--share", type=part, default=1, help="about which share of the faults to inject, up to 1")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance")
    parser.add_argument("--write", action="store_true", help="write what was found to docs/")
    args = parser.parse_args()
    found = {name: struck(name, args.share, args.seed) for name in args.only}
    rows = [row for name in found for row in found[name]]
    if any(row.survived < row.injected or row.lost or row.half or row.stale for row in rows):
        missed = sum(row.injected - row.survived for row in rows)
        sys.exit(f"Not survived: {missed}; see above, with --share {args.share} --seed {args.seed}.")
    if args.write:
        write(found, args.share, args.seed)


if __name__ == "__main__":
    run(main)
