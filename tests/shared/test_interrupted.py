"""A killed run is told from one that runs, and of Slurm's jobs just those of this directory are touched."""

import errno
import json
import os
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from project import ROOT
from snakemake.exceptions import LockException, WorkflowError
from snakemake.scheduling.job_scheduler import JobScheduler

from scripts.shared import interrupted
from scripts.shared.step import Failure

SQUEUE = """#!/bin/bash
# What a job does from one look to the next: 1 ends, 2 waits to begin until it is cancelled.
cd "${0%/*}/proof set" || exit
[[ -e slurm-fails ]] && echo "slurmctld is down" >&2 && exit 1
echo "$@" >> looks
[[ $(wc -l < looks) -lt 3 ]] && echo "1|RUNNING|rule_train|$PWD"
[[ -e cancelled ]] || echo "2|PENDING|rule_replicate_wildcards_3|${PWD%/*}/link"
echo "3|PENDING|rule_replicate|$PWD/elsewhere"
echo "4|RUNNING|(null)|$PWD"
"""
# As Snakemake does, it may end in another directory.
RUN = """
import os, sys
from scripts.shared.interrupted import take_over
note = take_over()
if len(sys.argv) > 1:
    note.on_slurm()
print("begun", flush=True)
sys.stdin.read()
os.chdir("/")
"""
SNAKEFILE = """
from scripts.shared.interrupted import go_on
go_on(workflow, at_once=False)
rule n:
    output: "made"
    shell: "touch made"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A directory with a space in its name that a run has locked, and a Slurm that does as is written above."""
    folder = tmp_path / "proof set"
    (folder / ".snakemake/locks").mkdir(parents=True)
    (folder / ".snakemake/runs").mkdir()
    (folder / ".snakemake/locks/0.output.lock").write_text("results/x\n")
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    for name, text in {"squeue": SQUEUE, "scancel": '#!/bin/bash\necho "$@" >> cancelled\n'}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(interrupted, "SECONDS_BETWEEN_LOOKS", 0)
    return folder


@pytest.fixture
def begin(folder):
    """Begin a run in the directory, in a process group of its own; return its process once it has cleared up."""
    begun = []

    def begin(*arguments: str) -> subprocess.Popen:
        pipes = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
        begun.append(subprocess.Popen([sys.executable, "-c", RUN, *arguments], **pipes, process_group=0))
        assert begun[-1].stdout.readline() == b"begun\n"
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def killed(folder, begin) -> int:
    """The process group of a run that was killed there; nobody has asked for its exit status yet."""
    return kill(begin())


def kill(process: subprocess.Popen) -> int:
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process.pid


def noted(folder, host: str, process: int = 1):
    """Write the note of a run that has ended, or runs on another machine."""
    note = folder / ".snakemake/runs/1.json"
    note.write_text(json.dumps({"host": host, "process": process, "group": process}))
    return note


def notes(folder) -> int:
    return len(list((folder / ".snakemake/runs").iterdir()))


def locked(folder) -> bool:
    return (folder / ".snakemake/locks/0.output.lock").exists()


def test_after_a_killed_run_locks_go_and_its_jobs_are_awaited(folder, killed, capsys):
    interrupted.take_over()
    assert not locked(folder)
    assert notes(folder) == 1  # this run's own
    assert (folder / "cancelled").read_text() == "2\n"
    assert len((folder / "looks").read_text().splitlines()) == 3
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "scancel 1" in said[0]


@pytest.mark.parametrize("process", [1, os.getppid(), os.getpid()])
def test_a_number_that_another_process_has_now_is_no_run(folder, process):
    noted(folder, socket.gethostname(), process)
    interrupted.take_over()
    assert not locked(folder)


@pytest.mark.parametrize("text", ["", '{"host": ', "null", "[]", "{}", '{"host": "x", "process": 1}', "\0"])
def test_a_note_that_a_crash_has_cut_off(folder, text):
    (folder / ".snakemake/runs/1.json").write_text(text)
    interrupted.take_over()
    assert not locked(folder)
    assert notes(folder) == 1


def test_what_runs_keeps_its_locks(folder, begin, capsys):
    run = begin()
    interrupted.take_over()
    assert locked(folder)
    assert notes(folder) == 2
    assert not (folder / "looks").exists()
    said = capsys.readouterr().err
    assert f"process {run.pid}" in said
    assert "--unlock" not in said


@pytest.mark.parametrize("there", [True, False])
def test_what_cannot_be_looked_at_keeps_its_locks_until_unlocked(folder, there, monkeypatch, capsys):
    """It runs on another machine, or where files cannot be locked."""

    def fail(*_):
        raise OSError(errno.ENOLCK, "no locks")

    if not there:
        monkeypatch.setattr(interrupted.fcntl, "lockf", fail)
    note = noted(folder, "another-host" if there else socket.gethostname())
    interrupted.take_over()
    assert locked(folder)
    assert note.exists()
    assert not (folder / "looks").exists()
    assert "process 1, was begun on" in (said := capsys.readouterr().err)
    assert "--unlock" in said

    (folder / ".snakemake/locks/0.output.lock").unlink()
    for other in note.parent.glob("??*.json"):
        other.unlink()  # this process's own
    interrupted.take_over()
    assert not note.exists()
    assert (folder / "cancelled").exists()


def test_of_two_that_begin_at_once_none_takes_the_others_locks(folder, killed, begin, monkeypatch):
    look = interrupted._over

    def begin_before(mine):
        monkeypatch.setattr(interrupted, "_over", look)
        begin()
        return look(mine)

    monkeypatch.setattr(interrupted, "_over", begin_before)
    interrupted.take_over()
    assert locked(folder)
    assert notes(folder) == 3


def test_one_that_begins_while_jobs_are_awaited_keeps_its_locks(folder, killed, begin, monkeypatch):
    """It can, after --unlock."""
    others = []
    monkeypatch.setattr(interrupted.time, "sleep", lambda seconds: others or others.append(begin()))
    interrupted.take_over()
    assert others
    assert locked(folder)


def test_of_what_still_runs_just_the_killed_runs_steps_are_ended(folder, killed, tmp_path):
    def start(module: str, group: int, where) -> subprocess.Popen:
        command = [sys.executable, "-c", "import time; time.sleep(600)", "-m", module]
        return subprocess.Popen(command, process_group=group, cwd=where)

    step = start("scripts.x", killed, folder)
    others = [
        start("scripts.x", 0, folder),
        start("scripts.x", killed, tmp_path),
        start("notes.x", killed, folder),
    ]
    try:
        interrupted.take_over()
        assert [each.poll() is None for each in (step, *others)] == [False, True, True, True]
    finally:
        for each in (step, *others):
            each.kill()
            each.wait()


@pytest.mark.parametrize(
    ("arguments", "fails", "left"), [([], False, 0), (["slurm"], False, 1), (["slurm"], True, 1), ([], True, 0)]
)
def test_a_run_that_ends_leaves_a_note_just_if_jobs_are_left(folder, begin, arguments, fails, left):
    run = begin(*arguments)
    if fails:
        (folder / "slurm-fails").touch()
    assert notes(folder) == 1
    run.communicate()
    assert run.returncode == 0
    assert notes(folder) == left


def test_a_run_whose_jobs_have_ended_leaves_no_note(folder, begin):
    (folder / "looks").write_text("1\n2\n3\n")
    (folder / "cancelled").touch()
    begin("slurm").communicate()
    assert notes(folder) == 0


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        (["-n"], False),
        (["--unl"], False),
        (["--summary"], False),
        (["--list-rules"], False),
        (["-c1"], True),
        (["-c1", "-Rn"], True),
    ],
)
def test_only_commands_that_run_something_clear_up(folder, killed, arguments, runs):
    (folder / "Snakefile").write_text(SNAKEFILE)
    done = subprocess.run([sys.executable, "-m", "snakemake", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert notes(folder) == (not runs)
    assert (folder / "cancelled").exists() == runs
    assert (folder / "made").exists() == runs


def test_a_living_run_is_not_unlocked(folder, begin):
    (folder / "Snakefile").write_text(SNAKEFILE)
    running = begin()
    done = subprocess.run([sys.executable, "-m", "snakemake", "--unlock"], capture_output=True, text=True)
    assert done.returncode == 1 and f"process {running.pid}, runs here; let it end first" in done.stderr
    assert (folder / ".snakemake/locks/0.output.lock").exists()
    kill(running)
    done = subprocess.run([sys.executable, "-m", "snakemake", "--unlock"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_while_another_runs_what_it_has_locked_is_waited_for(folder, begin):
    running = begin()

    def locked(**_):
        raise LockException

    workflow = SimpleNamespace(execute=locked, output_settings=SimpleNamespace(dryrun=False))
    interrupted.go_on(workflow, at_once=False)
    plugin = SimpleNamespace(name="local", common_settings=SimpleNamespace(dryrun_exec=False))
    with pytest.raises(WorkflowError, match=f"let process {running.pid} end first; then the same command goes on"):
        workflow.execute(executor_plugin=plugin)
    kill(running)
    look = "from scripts.shared.interrupted import _living; print(_living(None))"  # this one is still known to live
    assert subprocess.check_output([sys.executable, "-c", look], text=True) == f"{os.getpid()}\n"
    with pytest.raises(LockException):
        workflow.execute(executor_plugin=plugin)


def test_a_failure_ends_snakemake_with_its_line(folder, begin):
    kill(begin("slurm"))
    (folder / "slurm-fails").touch()
    workflow = SimpleNamespace(execute=pytest.fail, output_settings=SimpleNamespace(dryrun=False))
    with pytest.raises(Failure, match="slurmctld is down"):
        interrupted.go_on(workflow, at_once=True)
    interrupted.go_on(workflow, at_once=False)
    plugin = SimpleNamespace(name="local", common_settings=SimpleNamespace(dryrun_exec=False))
    with pytest.raises(WorkflowError, match="slurmctld is down"):
        workflow.execute(executor_plugin=plugin)


def test_without_a_killed_run_slurm_is_not_asked(folder):
    interrupted.take_over()
    assert locked(folder)  # by an older version: left to snakemake --unlock
    assert not (folder / "looks").exists()


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("used", [False, True])
def test_a_slurm_that_does_not_answer_matters_where_it_was_used(folder, begin, monkeypatch, missing, used):
    kill(begin("slurm") if used else begin())
    if missing:
        monkeypatch.setenv("PATH", str(folder))
    else:
        (folder / "slurm-fails").touch()
    if used:
        with pytest.raises(Failure, match="squeue'" if missing else "slurmctld is down"):
            interrupted.take_over()
    else:
        interrupted.take_over()
    assert locked(folder) == used


def test_waiting_can_be_stopped_and_is_taken_up_again(folder, killed, monkeypatch):
    def stop(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupted.time, "sleep", stop)
    with pytest.raises(Failure, match="stopped waiting"):
        interrupted.take_over()
    assert locked(folder)
    assert notes(folder) == 2


@pytest.mark.parametrize("name", ["100%u", "cost $5", "`x`", "a\\b"])
def test_a_folder_that_slurm_cannot_name_is_refused(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    note = interrupted.take_over()
    with pytest.raises(Failure, match="no Slurm job can be sent off"):
        note.on_slurm()


def test_sigterm_ends_snakemake_whatever_it_does_just_then(monkeypatch):
    """It comes while the lock is held that Snakemake takes when it comes: a signal's handler must not wait for that."""
    monkeypatch.setattr(JobScheduler, "exit_gracefully", JobScheduler.exit_gracefully)
    interrupted._let_sigterm_end_it()
    scheduler = SimpleNamespace(_lock=threading.Lock(), _open_jobs=threading.Semaphore(0), _user_kill=None)
    handler = threading.Thread(target=JobScheduler.exit_gracefully, args=(scheduler, 15, None), daemon=True)
    with scheduler._lock:
        handler.start()
        handler.join(10)
        assert not handler.is_alive()
    assert scheduler._open_jobs.acquire(timeout=10)
    assert scheduler._user_kill == "graceful"
