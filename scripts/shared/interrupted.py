"""What a run that was killed leaves behind is cleared up by the next one, so that the same command just goes on.

Every run notes its process in a file, which it locks for as long as it lives, and removes when it ends, be it by an
error or Ctrl-C. A note that nothing locks tells of a run that was killed: by SIGKILL, a closed connection, a crash; or
that could not cancel its jobs. What becomes of what it leaves:

- its locks are removed;
- steps that still run on this machine are ended: Snakemake takes their outputs for incomplete;
- Slurm jobs that have not begun are cancelled, to be sent off again;
- Slurm jobs that run are waited for. They record what they make themselves (`record`), so it counts.

Not every file system shows one machine what another has locked: the locks of a run on another machine stay until
`snakemake --unlock`.
"""

import asyncio
import atexit
import fcntl
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from snakemake.exceptions import LockException, WorkflowError
from snakemake.scheduling.job_scheduler import JobScheduler

from scripts.shared.step import Failure, told

NOTES, LOCKS = (Path(".snakemake") / name for name in ("runs", "locks"))
SECONDS_BETWEEN_LOOKS = 5


class Note:
    """The file that tells of this process, locked until that ends; then it is removed, unless Slurm jobs are left."""

    def __init__(self):
        self.slurm, self.folder = False, Path.cwd()  # Snakemake may end elsewhere
        self.path = NOTES.absolute() / f"{time.time_ns()}.json"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}")  # it is not seen before it is locked
        self.file = part.open("w", encoding="utf-8")  # to close a second handle would unlock it
        with suppress(OSError):  # a file system without locks
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        run = {"host": socket.gethostname(), "process": os.getpid(), "group": os.getpgrp()}
        print(json.dumps(run), file=self.file, flush=True)
        part.replace(self.path)
        atexit.register(self.end)

    def on_slurm(self) -> None:
        """Add, on a line of its own, that steps become Slurm jobs. Failure: they cannot be sent off from here."""
        # Shells, and Slurm in the names of logs, would put something else in place of these.
        if found := set("%$`\\").intersection(os.getcwd()):
            listed = " ".join(sorted(found))
            raise Failure(f"{os.getcwd()}: no Slurm job can be sent off from a folder with {listed} in its path")
        self.slurm = True
        print("slurm", file=self.file, flush=True)

    def end(self) -> None:
        try:
            left = self.slurm and _slurm_jobs(self.folder, True)
        except Failure:
            left = True
        if not left:
            self.path.unlink(missing_ok=True)
        self.file.close()


def go_on(workflow, at_once: bool) -> None:
    """Let `take_over` go before what this command executes. It may execute nothing, as --summary or --unlock.

    `at_once`: not only then, but now, unless this is a dry run or --unlock; for who changes files before.
    """
    sys.excepthook = _interrupted
    _let_sigterm_end_it()
    execute = workflow.execute
    logging.raiseExceptions = False  # a log on a full disk is cut off; Snakemake says of results what is wrong
    idle = workflow.output_settings.dryrun or "--unlock" in sys.argv
    if "--unlock" in sys.argv and (process := _living(None)):
        raise Failure(f"Snakemake, process {process}, runs here; let it end first, and nothing has to be unlocked")
    note = take_over() if at_once and not idle else None

    def taken_over(*, executor_plugin, **given):
        mine = note
        if not executor_plugin.common_settings.dryrun_exec:
            try:
                mine = note or take_over()
                if executor_plugin.name == "slurm":
                    mine.on_slurm()
            except (Failure, OSError) as error:
                raise WorkflowError(told(error)) from None
        try:
            return execute(executor_plugin=executor_plugin, **given)
        except LockException:
            if process := _living(mine):
                raise WorkflowError(f"let process {process} end first; then the same command goes on") from None
            raise
        except OSError as error:  # Snakemake's own: its records, locks and logs
            raise WorkflowError(told(error)) from None

    workflow.execute = taken_over


def _let_sigterm_end_it() -> None:
    """Have a thread wait for the lock that Snakemake takes at SIGTERM: where it has that just then, it would hang."""
    gracefully = JobScheduler.exit_gracefully

    def exit_gracefully(self, *signal) -> None:
        Thread(target=gracefully, args=(self, *signal), daemon=True).start()

    JobScheduler.exit_gracefully = exit_gracefully


def _interrupted(kind: type, *error) -> None:
    """In place of a traceback, say one line of Ctrl-C while Snakemake reads the workflow."""
    if kind is KeyboardInterrupt:
        _say("error: interrupted; the same command goes on")
    else:
        sys.__excepthook__(kind, *error)


def take_over() -> Note:
    """Clear up, in the working directory, after runs that were killed; and note that this process runs Snakemake there.

    Raises Failure if waiting for Slurm jobs is interrupted, or if Slurm does not say what runs.
    """
    mine = Note()  # before others' are read: of two runs that begin at once, none takes the other's locks
    if over := _over(mine.path):
        _clear_up(over, mine)
    return mine


def _clear_up(over: dict[Path, dict], mine: Note) -> None:
    _end_steps([run["group"] for run in over.values() if run["host"] == socket.gethostname()])
    _await_slurm(any(run.get("slurm") for run in over.values()))
    if not _over(mine.path):
        return  # another began meanwhile, after --unlock
    if _locked():
        _say("The last run here was killed. This one goes on from there.")
        try:
            shutil.rmtree(LOCKS)
        except OSError as error:
            error.filename = str(LOCKS)  # it names no folder
            raise
    for path in over:
        path.unlink(missing_ok=True)


def was_killed(logs: list[str]) -> bool:
    """Tell from Snakemake's logs of a run whether a step ended as for want of memory: by SIGKILL, or C++'s SIGABRT."""
    with suppress(OSError):
        text = "".join(Path(log).read_text(encoding="utf-8", errors="replace") for log in logs)
        return bool(re.search(r"exit status 13[47]\.|died with <Signals\.SIG(KILL|ABRT)", text))
    return False


def record(workflow) -> None:
    """In a job on a cluster: at its end, let it record what it made of what, as the run that sent it off does as well.

    That run may have been killed. Without a record, Snakemake would not see that settings have changed since.
    """

    def at_the_end():
        if workflow.dag is None:
            return  # it did not come so far
        # By this setting Snakemake lets jobs record themselves, if nobody waits for them.
        workflow.remote_execution_settings.immediate_submit = True
        for job in workflow.dag.finished_jobs:
            asyncio.run(workflow.persistence.finished(job))

    atexit.register(at_the_end)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _locked() -> bool:
    return any(LOCKS.glob("*.lock"))


def _over(mine: Path) -> dict[Path, dict]:
    """Return note → run of those that have ended; none if another lives, or cannot be looked at, which is then said."""
    over = {}
    for path in NOTES.glob("[0-9]*.json"):
        if path.name == mine.name:
            continue  # to close it would unlock it
        try:
            with path.open(encoding="utf-8") as note:
                lives = _is_locked(note)
                over[path] = run = json.loads(note.readline())
                run["slurm"] = bool(note.readline())
                process, host, _ = run["process"], run["host"], run["group"]
        except FileNotFoundError:  # it ends just now
            continue
        except (ValueError, LookupError, TypeError):  # cut off by a crash
            over[path] = {"host": None}
            continue
        if lives:
            _say(f"Snakemake, process {process} on {host}, runs here already.")
            return {}
        if (lives is None or host != socket.gethostname()) and _locked():
            _say(f"Snakemake, process {process}, was begun on {host}. If that is over: snakemake --unlock")
            return {}
    return over


def _living(mine: Note | None) -> int | None:
    """Return the number of another process that runs Snakemake here, if there is one."""
    for path in NOTES.glob("[0-9]*.json"):
        if mine and path.name == mine.path.name:
            continue  # to close it would unlock it
        with suppress(OSError, ValueError, LookupError, TypeError), path.open(encoding="utf-8") as note:
            run = json.loads(note.readline())
            if _is_locked(note):
                return run["process"]
    return None


def _is_locked(file) -> bool | None:
    """Tell whether another process has locked an open file; None: this file system has no locks."""
    try:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except (BlockingIOError, PermissionError):
        return True
    except OSError:
        return None


def _end_steps(groups: list[int]) -> None:
    """End the steps that run in this directory, in process groups of runs that were killed."""
    import psutil

    steps = []
    for process in psutil.process_iter():
        try:
            step = " -m scripts." in " ".join(process.cmdline())
            if step and os.getpgid(process.pid) in groups and os.path.samefile(process.cwd(), "."):
                process.terminate()
                steps.append(process)
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or another's
    for process in psutil.wait_procs(steps, timeout=10)[1]:
        process.kill()


def _await_slurm(used: bool) -> None:
    """Cancel the Slurm jobs of this directory that have not begun, and wait for the others to end."""
    named = set()
    try:
        while jobs := _slurm_jobs(Path.cwd(), used):
            if waiting := [job for job, state in jobs.items() if state == "PENDING"]:
                subprocess.run(["scancel", *waiting], check=False)
            if running := jobs.keys() - waiting - named:
                named |= running
                listed = " ".join(sorted(running))
                _say(f"The last run has ended, its jobs still run. Waiting for what they make; or: scancel {listed}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        raise Failure(
            "stopped waiting for jobs of the last run; the next one waits again, unless they are cancelled"
        ) from None


def _slurm_jobs(folder: Path, used: bool) -> dict[str, str]:
    """Return Slurm's number → state of the jobs in its queue that Snakemake has sent off from a directory.

    Raises Failure if Slurm does not answer and was `used`.
    """
    command = ["squeue", "--noheader", "--me", "--format=%i|%T|%k|%Z"]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        if not used:
            return {}
        why = str(getattr(error, "stderr", error)).strip()
        raise Failure(f"Slurm jobs of the last run may still run, which squeue has to tell; try again: {why}") from None
    rows = [line.split("|", 3) for line in done.stdout.splitlines()]
    return {
        job: state
        for job, state, comment, place in rows
        if comment.startswith("rule_") and os.path.realpath(place) == os.path.realpath(folder)
    }
