"""Inject faults of every kind into small runs on synthetic data, count what became of them, and say it in a table.

python -m tests.faults.run --share 0.1 --only interrupted

Without --share, all of them, some hours of processor time; then docs/reliability.md is written. The exit status is 1 if
a fault was not survived.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from scripts.shared.step import Failure, run, write_text
from tests.benchmarks import machine
from tests.faults.row import Row

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reliability.md"
BEGIN, END = "<!-- faults -->\n", "<!-- end of faults -->"
# Each is a module beside this one, whose `campaign(folder, share, draw)` yields rows: it works in the empty `folder`,
# injects about `share` of its faults, and draws what is left to chance from `draw`.
CAMPAIGNS = ("operations", "interrupted", "damage", "configurations", "surroundings")
Campaign = Callable[[Path, float, random.Random], Iterator[Row]]


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = ["Fault", "injected", "survived", "lost", "half files", "stale results"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    lines += [[row.fault, *map(str, (row.injected, row.survived, row.lost, row.half, row.stale))] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=CAMPAIGNS, default=CAMPAIGNS)
    parser.add_argument("--share", type=float, default=1, help="about which share of the faults to inject")
    parser.add_argument("--seed", type=int, default=1, help="of what is left to chance")
    args = parser.parse_args()
    rows = []
    for name in args.only:
        campaign: Campaign = import_module(f"tests.faults.{name}").campaign
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            for row in campaign(Path(folder), args.share, random.Random(f"{name} {args.seed}")):
                rows.append(row)
                print("\n".join([table([row]).splitlines()[-1], *(f"  {line}" for line in row.seen)]), flush=True)
    print(f"\n{table(rows)}")
    if bad := [row for row in rows if row.survived < row.injected or row.lost or row.half or row.stale]:
        sys.exit(f"Not survived: {sum(row.injected - row.survived for row in bad)}; see above, with seed {args.seed}.")
    if args.share == 1 and args.only == CAMPAIGNS:
        here = machine.described()
        about = f"Seed {args.seed}; {here['day']}, Python {here['python']}, Snakemake {here['snakemake']}.\n\n"
        before, found, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _, closed, after = rest.partition(END)
        if not (found and closed):
            raise Failure(f"{PAGE} lacks the markers {BEGIN.strip()} and {END}; bring them back")
        write_text(PAGE, before + BEGIN + about + table(rows) + "\n" + END + after)


if __name__ == "__main__":
    run(main)
