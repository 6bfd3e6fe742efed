"""Slurm on this one machine: a controller, three virtual nodes, and Munge, with no accounting database.

Its configuration has to lie at its standard place, since jobs know no other; all else lies in a folder of its own. Its
daemons end with the process that started them, however that ends; jobs that are left then, when the next one starts. A
machine's own cluster is left alone.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

CONFIGURATION = Path("/etc/slurm/slurm.conf")
MARK = "# Slurm of Proofset's tests"
NODES = ("n1", "n2", "n3")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
CONTENT = """\
{mark}; not in use unless tests run
ClusterName=proofset
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory,CR_LLN
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmdTimeout=5
KillWait=5
ReturnToService=2
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def until(what: str, holds: Callable[[], object], seconds: int = 60) -> object:
    """Return what `holds` returns once that is true; after `seconds`, AssertionError names `what`."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


def ask(*command: str) -> str:
    """Return what a command of Slurm prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


class Slurm:
    """The cluster, from `start` to `stop`; `folder` holds its state and logs."""

    def __init__(self, folder: Path):
        self.folder, self._running = folder, {}

    def start(self) -> None:
        """Start it, wait until its nodes are idle. AssertionError: what is missing, in use, or does not start."""
        missing = [name for name in PROGRAMS if not shutil.which(name)]
        assert not missing, f"{', '.join(missing)} not found: apt-get install slurm-wlm munge"
        assert os.getuid() == 0, "only root can start it"
        if CONFIGURATION.exists():
            assert CONFIGURATION.read_text().startswith(MARK), f"{CONFIGURATION} is a cluster's own: left alone"
            answer = subprocess.run(["scontrol", "ping"], capture_output=True, text=True).stdout
            assert "is UP" not in answer, "other tests on this machine are using it"
            for process in psutil.process_iter():  # of tests that were killed
                with suppress(psutil.NoSuchProcess):
                    if _environment(process).get("SLURMD_NODENAME") in NODES or process.name() == "slurmstepd":
                        process.kill()
        control, *ports = _free_ports(1 + len(NODES))
        host = socket.gethostname().split(".")[0]
        nodes = [
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=4 RealMemory=16000 State=UNKNOWN"
            for name, port in zip(NODES, ports, strict=True)
        ]
        (self.folder / "state").mkdir(parents=True)
        CONFIGURATION.write_text(
            CONTENT.format(mark=MARK, host=host, ports=[control], folder=self.folder, nodes="\n".join(nodes))
        )
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        files = {"socket": "munge.socket", "pid-file": "munge.pid", "log-file": "munge.log", "seed-file": "munge.seed"}
        options = [f"--{name}={self.folder / file}" for name, file in files.items()]
        self._run("munged", "munged", "--foreground", "--force", f"--key-file={key}", *options)
        self._until("munged answers", (self.folder / "munge.socket").exists)
        self._run("slurmctld", "slurmctld", "-D")
        for name in NODES:
            self.start_node(name)
        self._until("all nodes are idle", lambda: self.states() == dict.fromkeys(NODES, "idle"))

    def start_node(self, name: str) -> None:
        """Start the daemon of a node."""
        self._run(name, "slurmd", "-D", "-N", name)

    def states(self) -> dict[str, str]:
        """Return name → state of each node."""
        done = subprocess.run(["sinfo", "-h", "-N", "-o", "%N %T"], capture_output=True, text=True)
        return dict(line.split() for line in done.stdout.splitlines())

    def drain(self, *names: str) -> None:
        """Let nodes take no more jobs."""
        ask("scontrol", "update", f"nodename={','.join(names)}", "state=drain", "reason=test")

    def resume(self, *names: str) -> None:
        """Let nodes take jobs again."""
        for name in names:  # one that is up already is an error
            subprocess.run(["scontrol", "update", f"nodename={name}", "state=resume"], capture_output=True)
        self._until("all nodes are up", lambda: not any(re.search("d(own|rain)", x) for x in self.states().values()))

    def kill_node(self, name: str) -> None:
        """SIGKILL the daemon of a node, all its jobs' processes and what watches over these, as a power cut would."""
        self._running.pop(name).kill()
        jobs = [process for process in psutil.process_iter() if _environment(process).get("SLURMD_NODENAME") == name]
        watching = {process.ppid() for process in jobs} - {process.pid for process in jobs} - {1}
        for process in watching:
            assert "slurmstepd" in " ".join(psutil.Process(process).cmdline())
            os.kill(process, signal.SIGKILL)
        for process in jobs:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def stop(self) -> None:
        """Stop all of it and remove the configuration."""
        if "slurmctld" in self._running:
            subprocess.run(["scancel", "--me"], capture_output=True)
            with suppress(AssertionError):
                until("no job is left", lambda: not subprocess.run(["squeue", "-h"], capture_output=True).stdout, 20)
        for name in reversed(list(self._running)):
            process = self._running.pop(name)
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if CONFIGURATION.exists() and CONFIGURATION.read_text().startswith(MARK):
            CONFIGURATION.unlink()

    def _run(self, name: str, *command: str) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self._running[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _until(self, what: str, holds: Callable[[], object]) -> None:
        try:
            until(what, holds)
        except AssertionError as error:
            logs = [f"{path.name}:\n{path.read_text()[-2000:]}" for path in sorted(self.folder.glob("*.log"))]
            raise AssertionError("\n".join([str(error), *logs])) from None
