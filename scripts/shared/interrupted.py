"""What a run that was killed leaves behind is cleared up by the next one, so that the same command just goes on.

Every run notes its process in a file, and removes that when it ends, be it by an error or Ctrl-C. A note whose process
is gone tells of a run that was killed: by SIGKILL, a closed connection, a crash. What becomes of what it leaves:

- its locks are removed;
- steps that still run on this machine are ended: Snakemake takes their outputs for incomplete;
- Slurm jobs that have not begun are cancelled, to be sent off again;
- Slurm jobs that run are waited for. They record what they make themselves (`record`), so it counts.

A run on another machine cannot be looked at: its locks stay until `snakemake --unlock`.
"""

import asyncio
import atexit
import getpass
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from scripts.shared.step import Failure, write_json

NOTES, LOCKS, SLURM_LOGS = (Path(".snakemake") / name for name in ("runs", "locks", "slurm_logs"))
RUNS_NOTHING = re.compile(r"-\w*n\w*|--dry-?run|--unlock|--lint")
SECONDS_BETWEEN_LOOKS = 5


def take_over(arguments: list[str]) -> None:
    """Clear up, in the working directory, after runs that were killed; and note that this process runs Snakemake there.

    Does nothing if `arguments`, those of its command, say that it runs no step. Raises Failure if waiting for Slurm
    jobs is interrupted, or if Slurm does not say what runs.
    """
    if any(map(RUNS_NOTHING.fullmatch, arguments)):
        return
    runs = {}
    for path in NOTES.glob("[0-9]*.json"):
        with suppress(FileNotFoundError):  # it ends just now
            runs[path] = json.loads(path.read_text(encoding="utf-8"))
    me = {"host": socket.gethostname(), "process": os.getpid()}
    note = NOTES / f"{time.time_ns()}.json"
    write_json(note, me | {"group": os.getpgrp(), "noted": time.time()})
    atexit.register(note.absolute().unlink, missing_ok=True)
    for run in runs.values():
        if not _over(run):
            here = run["host"] == me["host"]
            rest = "runs here already." if here else f"was begun on {run['host']}. If that is over: snakemake --unlock"
            _say(f"Snakemake, process {run['process']}, {rest}")
            return
    if runs:
        _end_steps([run["group"] for run in runs.values() if run["host"] == me["host"]])
        _await_slurm()
        if _locked():
            _say("The last run here was killed. This one goes on from there.")
            shutil.rmtree(LOCKS)
    for path in runs:
        path.unlink(missing_ok=True)


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


def _over(run: dict) -> bool:
    """Tell whether a run has ended. Of one on another machine, only that its locks are gone can tell."""
    import psutil

    if run["host"] != socket.gethostname():
        return not _locked()
    try:
        process = psutil.Process(run["process"])
        # A process that began later has got its number; a minute is for clocks that are put right.
        return process.status() == psutil.STATUS_ZOMBIE or process.create_time() > run["noted"] + 60
    except psutil.NoSuchProcess:
        return True


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


def _await_slurm() -> None:
    """Cancel the Slurm jobs of this directory that have not begun, and wait for the others to end."""
    named = set()
    try:
        while jobs := _slurm_jobs():
            if waiting := [job for job, state in jobs.items() if state == "PENDING"]:
                subprocess.run(["scancel", *waiting], check=False)
            if running := jobs.keys() - waiting - named:
                named |= running
                listed = " ".join(sorted(running))
                _say(f"The last run was killed, its jobs still run. Waiting for what they make; or: scancel {listed}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        raise Failure(
            "stopped waiting for jobs of the last run; the next one waits again, unless they are cancelled"
        ) from None


def _slurm_jobs() -> dict[str, str]:
    """Return Slurm's number → state of the jobs in its queue that Snakemake has sent off from this directory."""
    if not shutil.which("squeue"):
        return {}
    command = ["squeue", "--noheader", f"--user={getpass.getuser()}", "--format=%i|%T|%k|%Z"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and SLURM_LOGS.exists():
        raise Failure(
            f"a run was killed here, and squeue does not say what still runs; try again: {done.stderr.strip()}"
        )
    rows = [line.split("|", 3) for line in done.stdout.splitlines() if not done.returncode]
    return {
        job: state
        for job, state, comment, folder in rows
        if comment.startswith("rule_") and os.path.realpath(folder) == os.path.realpath(".")
    }
