"""Run the program that comes with each refutation: does it confirm the refutation, by Python's standard library alone?

All of them run one after the other in one interpreter of their own, without this project and without site packages.
A program that fails stops nothing; it is named.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.step import read_json, run, write_json
from scripts.verdicts.finding import REFUTED

SECONDS = 20  # for one program
# Reads a program as a line of JSON from standard input, and writes how it ended: "" where it confirms.
RUNNER = f"""
import io, json, signal, sys
lines, out = sys.stdin, sys.stdout
def stop(*_):
    raise TimeoutError("more than {SECONDS} seconds")
signal.signal(signal.SIGALRM, stop)
for line in lines:
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    signal.alarm({SECONDS})
    try:
        exec(compile(json.loads(line), "program", "exec"), {{"__name__": "__main__"}})
        end = "it does not end by saying whether it confirms"
    except SystemExit as done:
        end = "it denies the refutation" if done.code else ""
    except BaseException as error:
        end = f"{{type(error).__name__}}: {{error}}"
    signal.alarm(0)
    print(json.dumps(end), file=out, flush=True)
"""


def confirmed(programs: Iterable[str]) -> list[str]:
    """Return for each program "" if it confirms its refutation, else what it did instead."""
    lines = "".join(json.dumps(program) + "\n" for program in programs)
    command = [sys.executable, "-I", "-S", "-c", RUNNER]
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ledgers(file: Path) -> Iterator[tuple[str, dict]]:
    """Yield name and ledger of one set, or of each that an overview lists."""
    content = read_json(file)
    for row in content.get("sets", []):
        yield row["set"], read_json(file.with_name(f"{row['set']}.json"))
    if "sets" not in content:
        yield file.stem, content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verdicts", required=True, help="JSON of a judged set, or the overview of those beside it")
    parser.add_argument("--output", required=True, help="JSON to write")
    args = parser.parse_args()
    refuted, programs = 0, {}
    for name, ledger in ledgers(Path(args.verdicts)):
        for claim in ledger["claims"]:
            if claim["verdict"] == REFUTED:
                refuted += 1
                programs.setdefault(claim["evidence"].get("recheck", ""), f"{name}, {claim['id']}")
    without = [programs.pop("")] if "" in programs else []
    ends = zip(programs.values(), confirmed(programs), strict=True)
    failed = [{"claim": claim, "why": "there is no program"} for claim in without]
    failed += [{"claim": claim, "why": end} for claim, end in ends if end]
    for row in failed:
        print(f"{row['claim']}: the program does not confirm its refutation: {row['why']}", flush=True)
    write_json(args.output, {"refuted": refuted, "programs": len(programs), "failed": failed})


if __name__ == "__main__":
    run(main)
