"""Run the program that comes with each refutation: does it confirm the refutation, by Python's standard library alone?

All of them run one after the other in one interpreter of their own, without this project and without site packages.
"""

import json
import subprocess
import sys
from collections.abc import Iterable

SECONDS = 20  # of a processor, for one program: what else runs on the machine changes no verdict
# Reads a program as a line of JSON from standard input, and writes how it ended: "" where it confirms.
RUNNER = f"""
import io, json, signal, sys
lines, out = sys.stdin, sys.stdout
def stop(*_):
    raise TimeoutError("more than {SECONDS} seconds")
signal.signal(signal.SIGPROF, stop)
for line in lines:
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    signal.setitimer(signal.ITIMER_PROF, {SECONDS})
    try:
        exec(compile(json.loads(line), "program", "exec"), {{"__name__": "__main__"}})
        end = "it does not end by saying whether it confirms"
    except SystemExit as done:
        end = "it denies the refutation" if done.code else ""
    except BaseException as error:
        end = f"{{type(error).__name__}}: {{error}}"
    signal.setitimer(signal.ITIMER_PROF, 0)
    print(json.dumps(end), file=out, flush=True)
"""


def confirmed(programs: Iterable[str]) -> list[str]:
    """Return for each program "" if it confirms its refutation, else what it did instead."""
    lines = "".join(json.dumps(program) + "\n" for program in programs)
    command = [sys.executable, "-I", "-S", "-c", RUNNER]
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
