"""A project on a cluster, whose steps are noted as they begin and can be held there: no test depends on timing."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from project import Project

from .slurm import Slurm, ask, until

# Bash reads this file before a step's command: it notes the step by its log, and waits there while a file `hold` has a
# pattern that the command matches; it ends if the tests do.
NOTE = """\
if [[ $BASH_EXECUTION_STRING =~ " -m scripts.".*logs/deep-learning/([a-z_0-9./-]+)\\.log ]]; then
  echo "${BASH_REMATCH[1]} $$ ${SLURMD_NODENAME:-here}" >> "FOLDER/began"
  while held=$(cat "FOLDER/hold" 2> /dev/null) && [[ $BASH_EXECUTION_STRING =~ $held ]]; do
    kill -0 OWNER || exit
    sleep 0.1
  done
fi
"""
QUICK = ("--workflow-profile", "profiles/slurm", "--slurm-init-seconds-before-status-checks", "1")


class OnCluster(Project):
    """A project whose steps leave a line each in the file `began`: which step, its process, its node."""

    def __init__(self, folder: Path, files: dict[str, dict[str, bytes]]):
        super().__init__(folder, files)
        self.notes, self.runs = folder / "notes", []
        self.notes.mkdir()
        (self.notes / "note.sh").write_text(NOTE.replace("FOLDER", str(self.notes)).replace("OWNER", str(os.getpid())))

    def environment(self) -> dict[str, str]:
        return super().environment() | {"BASH_ENV": str(self.notes / "note.sh")}

    def hold(self, steps: str) -> None:
        """Let each step whose command matches the pattern wait before it begins, from now on."""
        (self.notes / "hold").write_text(steps)

    def release(self) -> None:
        (self.notes / "hold").unlink()

    def began(self, *steps: str) -> list[tuple[str, int, str]]:
        """Return (step, process, node) of what has begun so far; of those only that match one of `steps` (patterns)."""
        lines = (self.notes / "began").read_text().splitlines() if (self.notes / "began").exists() else []
        found = [(step, int(process), node) for step, process, node in map(str.split, lines)]
        return [each for each in found if not steps or any(re.fullmatch(step, each[0]) for step in steps)]

    def counts(self) -> dict[str, int]:
        """Return step → how many times it has begun."""
        return dict(Counter(step for step, _, _ in self.began()))

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start a run on the cluster that is not waited for."""
        with open(self.notes / "output", "ab") as output:
            run = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command(*QUICK, *arguments)],
                cwd=self.folder,
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.runs.append(run)
        return run

    def printed(self) -> str:
        """Return what all runs begun by `start` have printed."""
        return (self.notes / "output").read_text()

    def finish(self, *arguments: str) -> str:
        """Run on the cluster to the end; return what was printed."""
        return self.snakemake(*QUICK, *arguments).stdout


@pytest.fixture(scope="session")
def slurm():
    """Slurm on this machine, if it is asked for: then whatever is missing is an error."""
    if "PROOFSET_CLUSTER" not in os.environ:
        pytest.skip(
            "starts Slurm as root: apt-get install slurm-wlm munge; PROOFSET_CLUSTER=1 python -m pytest -m cluster"
        )
    folder = Path(tempfile.mkdtemp(prefix="proofset-slurm-"))
    cluster = Slurm(folder)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # then too it is stopped
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def project(slurm, tmp_path, official_files):
    """A project on the cluster in which nothing has run yet. After the test nothing runs, and the queue is empty."""
    project = OnCluster(tmp_path, official_files)
    yield project
    for run in project.runs:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    subprocess.run(["scancel", "--me"], check=True)
    until("the queue is empty", lambda: not ask("squeue", "-h"))
