"""Some of the campaign's faults strike two quick steps; and it notices steps that care less."""

import errno
import random
import shutil
from dataclasses import replace

import pytest

from tests.faults.forks import WRITE, Forks, Trial
from tests.faults.operations import Step as Struck
from tests.faults.operations import library, on_steps, prepared, strike, unflushed
from tests.faults.row import Row

CARELESS = """
import os, sys
from contextlib import suppress
def main():
    how, path = sys.argv[1:]
    name = "results/.careless" if how == "moves" else path
    with suppress(OSError) if how == "ignores" else open(os.devnull), open(name, "w") as file:
        for line in range(3):
            print("x" * 9000, file=file)
    if how == "moves":
        os.replace(name, path)
"""
pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")


@pytest.fixture
def forks(copied, tmp_path):
    """The process that forks, in a finished project with a step that cares about nothing."""
    (copied.folder / "scripts/careless.py").write_text(CARELESS, encoding="utf-8")
    forks = Forks(copied.folder, library(tmp_path))
    yield forks
    forks.close()


def test_two_steps_survive(copied, forks):
    steps = prepared(copied, forks, ["scripts.relu.fit 1", "scripts.datasets.read 1"])
    assert [len(step.files) for step in steps] == [1, 2]
    rows = list(on_steps(copied, forks, steps, 0.3, random.Random(0)))
    assert min(row.injected for row in rows[:-1]) >= 1  # the last is of memory, which may suffice
    assert [line for row in rows for line in row.seen] == []


def test_a_step_that_does_not_care_is_noticed(copied, forks):
    path = "results/careless.txt"
    for how, half, stale in (("writes", 1, 0), ("ignores", 1, 1), ("moves", 0, 0)):
        trial = Trial("scripts.careless", [how, path])
        good = forks.run(trial)
        step = Struck("careless", trial, good, {path: (copied.folder / path).read_bytes()}, 0.1)
        assert (how == "moves") == (unflushed(step) == {path})
        row = Row("write fails")
        strike(copied, forks, row, step, replace(trial, kinds=WRITE, at=2, effect=errno.EIO), how, random.Random(0))
        assert (row.injected, row.survived, row.half, row.stale) == (1, 0, half, stale)
        assert ("is left" in row.seen[0]) == (how == "moves")
