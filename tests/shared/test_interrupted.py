"""A killed run is told from one that runs, and of Slurm's jobs just those of this directory are touched."""

import json
import os
import socket
import subprocess
import sys
import time

import pytest

from scripts.shared import interrupted
from scripts.shared.step import Failure

SQUEUE = """#!/bin/bash
# What a job does from one look to the next: 1 ends, 2 waits to begin until it is cancelled.
[[ -e slurm-fails ]] && echo "slurmctld is down" >&2 && exit 1
echo "$@" >> looks
[[ $(wc -l < looks) -lt 3 ]] && echo "1|RUNNING|rule_train|$PWD"
[[ -e cancelled ]] || echo "2|PENDING|rule_replicate_wildcards_3|$PWD"
echo "3|PENDING|rule_replicate|$PWD/elsewhere"
echo "4|RUNNING|(null)|$PWD"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A directory with a space in its name that a run has locked, and a Slurm that does as is written above."""
    folder = tmp_path / "proof set"
    (folder / ".snakemake/locks").mkdir(parents=True)
    (folder / ".snakemake/locks/0.output.lock").write_text("results/x\n")
    monkeypatch.chdir(folder)
    for name, text in {"squeue": SQUEUE, "scancel": '#!/bin/bash\necho "$@" >> cancelled\n'}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(interrupted, "SECONDS_BETWEEN_LOOKS", 0)
    return folder


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def noted(folder, process: int, host: str = "", noted: float | None = None):
    """Write the note of another run."""
    note = folder / ".snakemake/runs/1.json"
    note.parent.mkdir(exist_ok=True)
    run = {"host": host or socket.gethostname(), "process": process, "group": process, "noted": noted or time.time()}
    note.write_text(json.dumps(run))
    return note


def locked(folder) -> bool:
    return (folder / ".snakemake/locks/0.output.lock").exists()


def test_after_a_killed_run_locks_go_and_its_jobs_are_awaited(folder, gone, capsys):
    note = noted(folder, gone)
    interrupted.take_over(["--cores", "2"])
    assert not locked(folder)
    assert not note.exists()
    assert len(list(note.parent.iterdir())) == 1  # this run's own
    assert (folder / "cancelled").read_text() == "2\n"
    assert len((folder / "looks").read_text().splitlines()) == 3
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "scancel 1" in said[0]


@pytest.mark.parametrize("process", [os.getppid(), os.getpid()])
def test_a_number_that_another_process_has_now_is_no_run(folder, process):
    noted(folder, process, noted=1e9)
    interrupted.take_over([])
    assert not locked(folder)


@pytest.mark.parametrize("process_and_host", [(os.getppid(), ""), (1, "another-host")])
def test_what_runs_or_cannot_be_looked_at_keeps_its_locks(folder, process_and_host, capsys):
    note = noted(folder, *process_and_host)
    interrupted.take_over([])
    assert locked(folder)
    assert note.exists()
    assert not (folder / "looks").exists()
    said = capsys.readouterr().err
    assert f"process {process_and_host[0]}" in said
    assert ("--unlock" in said) == (process_and_host[1] == "another-host")


def test_an_unlocked_run_of_another_machine_is_over(folder):
    note = noted(folder, 1, "another-host")
    (folder / ".snakemake/locks/0.output.lock").unlink()
    interrupted.take_over([])
    assert not note.exists()
    assert (folder / "cancelled").exists()


@pytest.mark.parametrize("arguments", [["-n"], ["-np"], ["--cores", "1", "--dry-run"], ["--unlock"], ["--lint"]])
def test_commands_that_run_nothing_leave_all_as_it_is(folder, gone, arguments):
    noted(folder, gone)
    interrupted.take_over(arguments)
    assert locked(folder)
    assert len(list((folder / ".snakemake/runs").iterdir())) == 1


def test_without_a_killed_run_slurm_is_not_asked(folder):
    interrupted.take_over([])
    assert locked(folder)  # by an older version: left to snakemake --unlock
    assert not (folder / "looks").exists()


def test_a_slurm_that_does_not_answer_matters_where_it_was_used(folder, gone):
    noted(folder, gone)
    (folder / "slurm-fails").touch()
    (folder / ".snakemake/slurm_logs").mkdir()
    with pytest.raises(Failure, match="slurmctld is down"):
        interrupted.take_over([])
    assert locked(folder)

    (folder / ".snakemake/slurm_logs").rmdir()
    (folder / ".snakemake/runs/1.json").replace(folder / ".snakemake/runs/2.json")
    for note in (folder / ".snakemake/runs").glob("[13-9]*.json"):
        note.unlink()  # this process's own
    interrupted.take_over([])
    assert not locked(folder)


def test_waiting_can_be_stopped_and_is_taken_up_again(folder, gone, monkeypatch):
    note = noted(folder, gone)

    def stop(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupted.time, "sleep", stop)
    with pytest.raises(Failure, match="stopped waiting"):
        interrupted.take_over([])
    assert locked(folder)
    assert note.exists()
