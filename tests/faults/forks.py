"""Steps struck by faults, each in a fork of one process that has imported all: thousands in some minutes.

python tests/faults/forks.py, in a project's folder and under preload.so, reads trials as lines of JSON (`Trial`) and
answers each with a line of how it ended (`Ended`).
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

READ, WRITE, OPEN_READ, OPEN_WRITE, RENAME, FSYNC = (1 << bit for bit in range(6))  # as in preload.c
KILL, SHORT = -1, -2
SECONDS = 120  # for one trial


@dataclass
class Trial:
    """A step with its arguments; which kinds of operations count, at which of them (0: none) what happens."""

    module: str
    arguments: list[str]
    kinds: int = 0
    at: int = 0
    effect: int = 0  # KILL, SHORT or an errno
    lasting: bool = False  # it happens to all later ones, too
    memory: int = 0  # bytes that may be allocated besides, if not 0


@dataclass
class Ended:
    """How a trial ended: the exit status (negative: by a signal), what it printed, which operations there were."""

    status: int
    errors: str
    struck: bool  # whether it came to the operation at which something was to happen
    done: list[tuple[int, str]]  # kind, path in the project's folder


class Fault(ctypes.Structure):
    """As in preload.c."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("armed", "kinds", "at", "effect", "lasting", "count", "used")),
        ("record", ctypes.c_char * (1 << 20)),
    ]


class Forks:
    """The process that forks; `run` hands it a trial."""

    def __init__(self, project: Path, library: Path):
        environment = os.environ | {
            "LD_PRELOAD": str(library),
            "FAULTS_FOLDER": str(project),
            "PYTHONPATH": str(project),
            "PYTHONHASHSEED": "random",
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=project,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, trial: Trial) -> Ended:
        print(json.dumps(asdict(trial)), file=self._process.stdin, flush=True)
        return Ended(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    library.faults.restype = ctypes.POINTER(Fault)
    fault = library.faults().contents
    for path in sorted(Path("scripts").rglob("*.py")):
        if path.stem != "__main__":
            import_module(path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"))
    import_module("pandas")  # steps import it late
    run = import_module("scripts.shared.step").run
    for line in sys.stdin:
        trial = Trial(**json.loads(line))
        with tempfile.TemporaryFile() as errors:
            child = os.fork()
            if not child:
                os.dup2(errors.fileno(), 2)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os._exit(struck(trial, fault, run))
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            errors.seek(0)
            said = errors.read().decode(errors="replace")
        fault.armed = 0
        rows = (row.split("\t", 1) for row in ctypes.string_at(fault.record, fault.used).decode().splitlines())
        done = [(int(kind), path) for kind, path in rows]
        print(json.dumps(asdict(Ended(status, said, 0 < trial.at <= fault.count, done))), flush=True)


def struck(trial: Trial, fault: Fault, run) -> int:
    """Run a step's main with a fault, and return its exit status."""
    signal.alarm(SECONDS)
    module = import_module(trial.module)
    sys.argv = [trial.module, *trial.arguments]
    if trial.memory:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + trial.memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    fault.kinds, fault.at, fault.effect, fault.lasting = trial.kinds, trial.at, trial.effect, trial.lasting
    fault.count = fault.used = 0
    fault.armed = 1
    try:
        run(module.main)
        status = 0
    except SystemExit as done:
        status = done.code
    except BaseException:
        status = 1
        traceback.print_exc()
    fault.armed = 0
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    return status if isinstance(status, int) else int(status is not None)


if __name__ == "__main__":
    main()
