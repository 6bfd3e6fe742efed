"""Sum up when and where the steps last ran and what they took, from their benchmarks.

This differs from run to run, so it has a file of its own, beside the report and not in it.
"""

import argparse
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from scripts.shared.step import Failure, run, write_text


def summed(folder: Path) -> pd.DataFrame:
    """Return a table by subject: steps, seconds, seconds of processor time, megabytes of the largest step, last end."""
    rows = [
        {"subject": path.relative_to(folder).parts[0], "end": path.stat().st_mtime, **row}
        for path in sorted(folder.rglob("*.tsv"))
        for row in pd.read_csv(path, sep="\t", na_values="-").to_dict("records")
    ]
    if not rows:
        raise Failure(f"{folder}: no benchmark in it; run the workflow first")
    groups = pd.DataFrame(rows).groupby("subject")
    return groups.agg(
        steps=("s", "size"), s=("s", "sum"), cpu=("cpu_time", "sum"), mb=("max_rss", "max"), end=("end", "max")
    )


def text(table: pd.DataFrame) -> str:
    """Return the summary as Markdown."""
    lines = [
        f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} processors. "
        f"Steps took {table['s'].sum():.0f} s together, side by side or one after the other.",
        "",
        "| subject | steps | seconds | processor seconds | largest step, MB | last step ended |",
        "|---|---|---|---|---|---|",
    ]
    for subject, row in table.iterrows():
        end = datetime.fromtimestamp(row["end"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        # Snakemake cannot tell the memory of a step of less than a second.
        largest = "—" if pd.isna(row.mb) else f"{row.mb:.0f}"
        lines.append(f"| {subject} | {row.steps:.0f} | {row.s:.0f} | {row.cpu:.0f} | {largest} | {end} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmarks", required=True, help="folder of Snakemake's benchmark files of one set")
    parser.add_argument("--output", required=True, help="Markdown file to write")
    args = parser.parse_args()
    write_text(args.output, text(summed(Path(args.benchmarks))))


if __name__ == "__main__":
    run(main)
