"""The README's tables of a benchmark, from measurements that are made up."""

import re
import xml.etree.ElementTree as ET

import pytest

from scripts.shared.step import Failure
from tests.benchmarks import record
from tests.benchmarks.plot import drawn, runs_by_cores
from tests.benchmarks.record import Measured, Record

MACHINE = {
    "day": "2026-01-02",
    "run": "9 runs",
    "processor": "Some: Processor",
    "cores": "2",
    "features": "avx2 fma",
    "memory": "8 GB",
    "system": "Linux x86_64",
    "python": "3.12.1",
    "torch": "2.0",
    "jax": "not installed",
}
RUNS = [("project", 90.0, 150.0), ("yardstick", 100.0, 180.0)], [("yardstick", 80.0, 160.0), ("project", 88.0, 152.0)]
MADE_UP = Record(
    MACHINE,
    [
        *(
            Measured(turn, *run, 700.0, "ab" * (run[0] == "project"))
            for turn, runs in enumerate(RUNS, 1)
            for run in runs
        ),
        Measured(3, "project", 60.0, 151.0, 900.0, "ab"),
        Measured(3, "yardstick", 100.0, 170.0),
        *(Measured(1, "nothing", seconds) for seconds in (3.0, 1.0, 1.2)),
        Measured(1, "engine nothing", 1.0),
        Measured(1, "cores 1", 176.0, 150.0, 700.0, "ab"),
        Measured(1, "cores 4", 90.0, 150.0, 700.0, "ab"),
        Measured(1, "more mnist 99 999", 60.0, 90.0, 700.0),
    ],
)


def cells(table: str) -> list[list[str]]:
    """Return the rows of a Markdown table, its head included."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    return [rows[0], *rows[2:]]


def test_a_record_is_what_was_written():
    assert record.read(record.written(MADE_UP)) == MADE_UP


def test_ratios_are_formed_within_a_turn():
    """Ratios 0.9, 1.1 and 0.6: their median is not the ratio of the medians, 0.88."""
    _, whole, busy, nothing, memory = cells(record.compared(MADE_UP))
    assert whole == [
        "whole run (9 runs), 2 cores",
        "88 (60–90) s",
        "textbook script",
        "100 (80–100) s",
        "**0.9 (0.6–1.1)**",
        "≤ × 1: met",
    ]
    assert busy[1] == "151 (150–152) s"
    assert nothing == ["nothing to do", "1.2 s", "bare Snakemake", "1 s", "**1.2**", "≤ × 1.3: met"]
    assert memory[1:] == ["700 (700–900) MB", "", "", "", "≤ 1536 MB: met"]


def test_a_target_is_missed():
    slow = [row._replace(seconds=2 * row.seconds) if row.what == "project" else row for row in MADE_UP.rows]
    assert cells(record.compared(Record(MACHINE, slow)))[1][-1] == "≤ × 1: missed"


def test_what_the_target_is_one_of():
    """A target of the value holds whatever the ratio is."""
    rows = [Measured(1, "plan", 14.0), Measured(1, "half plan", 7.0), Measured(1, "engine plan", 0.1)]
    plan, half = cells(record.compared(Record(MACHINE, rows)))[1:]
    assert plan[-2:] == ["**140**", "≤ 15 s: met"]
    assert half[-2:] == ["**2**", ""]


def test_a_peer_that_is_missing_is_named():
    rows = [*MADE_UP.rows, Measured(1, "mnist epoch", 0.05)]
    assert cells(record.compared(Record(MACHINE, rows)))[3] == [
        "MNIST epoch of a replica, one core",
        "0.05 s",
        "JAX",
        "not measured",
        "",
        "",
    ]
    assert "jax not installed" in record.section(MADE_UP)


def test_cores_and_replicas():
    assert cells(record.scaled(MADE_UP))[1:] == [
        ["`--cores 1`", "176 s", ""],
        ["`--cores 2`", "88 (60–90) s", "2.00 × as fast as on one"],
        ["`--cores 4` (on 2)", "90 s", "1.96 × as fast as on one"],
        ["999 in place of 99 MNIST replicas", "60 s more", "0.1 core seconds for each"],
    ]


def test_one_core_alone():
    rows = [Measured(1, "project", 80.0), Measured(1, "cores 2", 40.0), Measured(1, "cores 4", 80.0)]
    assert cells(record.scaled(Record(MACHINE | {"cores": "1"}, rows)))[1:] == [
        ["`--cores 1`", "80 s", ""],
        ["`--cores 2` (on 1)", "40 s", "2.00 × as fast as on one"],
        ["`--cores 4` (on 1)", "80 s", "1.00 × as fast as on one"],
    ]


def test_the_machine_is_named_and_results_are_compared():
    text = record.section(MADE_UP)
    assert "on 2 cores, Some: Processor (avx2 fma), 8 GB" in text
    assert "Median of 3 turns (smallest–largest). Results of 5 whole runs: the same bytes." in text
    other = [row._replace(digest="cd") if row.what == "cores 4" else row for row in MADE_UP.rows]
    assert "5 whole runs: not the same, 2 different ones." in record.section(Record(MACHINE, other))


def test_the_readme_shows_the_record():
    text = record.README.read_text(encoding="utf-8")
    stored = record.stored()
    assert record.replaced(text, stored) == text, "run python -m tests.benchmarks.record"
    assert (stored is not None) == record.PLOT.exists()
    if stored is not None:
        shown = re.search(r"^\| What \| takes .*?\n\n", text, re.M | re.S)[0]
        assert {len(row) for row in cells(shown)} == {6}


def test_a_readme_without_markers():
    with pytest.raises(Failure, match=r"the markers <!-- benchmark --> and <!-- end of benchmark --> are missing"):
        record.replaced("<!-- benchmark -->\n", MADE_UP)


def test_what_is_not_measured_is_left_out():
    assert "make bench" in record.section(None)
    text = record.section(Record(MACHINE, [row for row in MADE_UP.rows if row.what.startswith("more")]))
    assert "What" not in text and "999 in place of 99" in text


def test_the_plot():
    root = ET.fromstring(drawn(MADE_UP))
    words = "".join(root.itertext())
    assert "textbook script" in words and "88 s" in words and "JAX" not in words
    assert "prefers-color-scheme" in words
    assert runs_by_cores(MADE_UP) == {1: 176, 2: 88, 4: 90}
