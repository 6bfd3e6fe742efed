"""Draw a run as a timeline, from Snakemake's benchmarks: which step ran when, and where cores waited.

This differs from run to run, so it has a file of its own, beside the results and not among them. A benchmark is written
when its step ends, and says how long that took. Those of steps that began before the run are counted, not drawn.
Processor time is left out: Snakemake looks at it so seldom that a long step seems to have idled.
"""

import argparse
import csv
import math
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import jinja2

from scripts.shared.sources import ROOT
from scripts.shared.step import Failure, read_text, run, write_text

SEEN = 1.0  # seconds from which Snakemake has looked at a step's memory, and not only at the shell that starts it
CLOCKS = 1.0  # seconds by which the clocks of a run and of its files may differ
SLACK = 0.02  # seconds by which steps one after the other may seem to overlap: durations are rounded
NAMED = 0.02  # share of the run from which a bar may have room for its name
APART = 0.006  # share from which a line parts a bar from the one before
COLOURS = 8
NAMES = 6  # at most, of the steps at the end
LONGEST = 12
MINUTE, HOUR, DAY = 60, 3600, 86400
TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY, 7 * DAY)


class Step(NamedTuple):
    """A step that ran: its name (subject/…), start and end in seconds, and megabytes (None if it was too short)."""

    name: str
    start: float
    end: float
    megabytes: float | None

    @property
    def subject(self) -> str:
        return self.name.split("/")[0]

    @property
    def seconds(self) -> float:
        return self.end - self.start


def read_steps(folder: Path) -> list[Step]:
    """Return the steps whose benchmarks lie in the folder, by their start in seconds since 1970.

    What is no benchmark, as a file that was cut off, is left out.
    """
    steps = []
    for path in sorted(folder.rglob("*.tsv")):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file, delimiter="\t"))
            times = [float(row["s"]) for row in rows]
            megabytes = [float(row["max_rss"]) for row in rows if row["max_rss"] not in ("-", "NA")]
            end = path.stat().st_mtime
        except (OSError, csv.Error, KeyError, TypeError, ValueError):
            continue
        if not times or not all(math.isfinite(x) and x >= 0 for x in times + megabytes):
            continue
        seconds = sum(times)
        name = path.relative_to(folder).with_suffix("").as_posix()
        steps.append(Step(name, end - seconds, end, max(megabytes, default=None) if seconds >= SEEN else None))
    return sorted(steps, key=lambda step: (step.start, step.name))


def in_lanes(steps: list[Step]) -> list[list[Step]]:
    """Return the steps (by their start) in lanes, each in the first that is free: as many as ran at once."""
    lanes: list[list[Step]] = []
    for step in steps:
        for lane in lanes:
            if lane[-1].end <= step.start + SLACK:
                lane.append(step)
                break
        else:
            lanes.append([step])
    return lanes


def last_full(steps: list[Step], lanes: int) -> float:
    """Return the last time at which a step ran in every lane."""
    changes = sorted([(step.start, 1) for step in steps] + [(step.end, -1) for step in steps])
    running, full = 0, 0.0
    for time, change in changes:
        if running >= lanes:
            full = time
        running += change
    return full


def clock(seconds: float, scale: float | None = None) -> str:
    """Return a duration for people: 11 min 4 s; or, as on an axis, in the one unit that suits `scale` (seconds)."""
    suits = seconds if scale is None else scale
    if suits >= 4 * HOUR:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return f"{seconds / HOUR:.1f} h" if scale is not None else f"{hours} h {minutes} min"
    if suits >= 10 * MINUTE:
        minutes, rest = divmod(round(seconds), MINUTE)
        return f"{seconds / MINUTE:.0f} min" if scale is not None else f"{minutes} min {rest} s"
    return f"{seconds:.0f} s" if suits >= 10 else f"{seconds:.1f} s"


def shares(steps: list[Step], subjects: list[str]) -> list[dict]:
    """Return a row for each subject: its steps, their seconds, megabytes of the largest."""
    rows = []
    for subject in subjects:
        own = [step for step in steps if step.subject == subject]
        rows.append(
            {
                "subject": subject,
                "steps": len(own),
                "seconds": sum(step.seconds for step in own),
                "megabytes": max((step.megabytes for step in own if step.megabytes is not None), default=None),
            }
        )
    return rows


def timeline(steps: list[Step], earlier: int, began: float) -> dict:
    """Return what the page says of a run that began then, with times in seconds since.

    steps: those of the run, by their start; earlier: how many benchmarks of earlier runs lie beside theirs.
    """
    zero = min(began, steps[0].start)
    steps = [step._replace(start=step.start - zero, end=step.end - zero) for step in steps]
    lanes = in_lanes(steps)
    full, last = last_full(steps, len(lanes)), max(steps, key=lambda step: step.end)
    took = last.end or SLACK
    used = sum(step.seconds for step in steps)
    first = len(lanes) * steps[0].start
    after = sum(max(0.0, step.end - max(step.start, full)) for step in steps)
    tail = len(lanes) * (took - full) - after
    final = [step.name for step in sorted(steps, key=lambda step: step.end) if step.end > full + SLACK]
    subjects = sorted({step.subject for step in steps})
    tick = next((tick for tick in TICKS if took <= 7 * tick), took)
    return {
        "lanes": lanes,
        "count": len(steps),
        "took": took,
        "busy": used / (len(lanes) * took),
        "first": first,
        "between": max(0.0, len(lanes) * took - used - first - tail),
        "tail": tail,
        "full": full,
        "final": final[-NAMES:],
        "more": len(final[:-NAMES]),
        "last": last,
        "subjects": shares(steps, subjects),
        "colours": {subject: number % COLOURS for number, subject in enumerate(subjects)},
        "longest": sorted(steps, key=lambda step: -step.seconds)[:LONGEST],
        "ticks": [tick * number for number in range(int(0.92 * took / tick) + 1)],  # room for the last one's label
        "earlier": earlier,
        "began": datetime.fromtimestamp(zero, UTC),
    }


def page(run: dict, **more: object) -> str:
    """Return the record of a run as HTML; `more` is what else the template shows: title, style, report and the like."""
    env = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.filters["clock"] = clock
    source = read_text(Path(__file__).with_name("record.html.j2"))
    return env.from_string(source).render(run=run, NAMED=NAMED, APART=APART, **more)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmarks", required=True, help="folder of Snakemake's benchmark files of one set")
    parser.add_argument("--since", type=float, default=0, help="when the run began, in seconds since 1970")
    parser.add_argument("--report", required=True, help="the report that the run made, for a link, if there is one")
    parser.add_argument("--failed", action="store_true", help="say that a step failed")
    parser.add_argument("--style", default=ROOT / "report/style.css", help="style sheet")
    parser.add_argument("--output", required=True, help="HTML file to write; it is left alone if no step ran")
    args = parser.parse_args()
    every = read_steps(Path(args.benchmarks))
    steps = [step for step in every if step.start >= args.since - CLOCKS]
    if not steps and args.since:
        print("No step ran to its end, so the record is left as it is.")
        return
    if not steps:
        raise Failure(f"{args.benchmarks}: no benchmark in it; run the workflow first")
    done = timeline(steps, len(every) - len(steps), args.since or steps[0].start)
    report = (
        None
        if args.failed or not Path(args.report).exists()
        else os.path.relpath(args.report, Path(args.output).parent)
    )
    html = page(
        done,
        title=Path(args.benchmarks).name,
        style=read_text(args.style),
        report=report,
        failed=args.failed,
        machine=f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} processors",
    )
    write_text(args.output, html)
    steps = f"{done['count']} step{'s' if done['count'] != 1 else ''} in {clock(done['took'])}"
    print(
        f"{steps}, at most {len(done['lanes'])} at once, these lanes busy {done['busy']:.0%} of the time: {args.output}"
    )


if __name__ == "__main__":
    run(main)
