"""A step opens nothing of the project but what its rule declares: each is run again by its own command, and watched."""

import base64
import json
import os
import re
import subprocess
from collections import defaultdict
from pathlib import Path

WATCH = """
import os, sys
def _watch(event, arguments, log=os.open(os.environ["OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        os.write(log, os.path.realpath(os.fsdecode(arguments[0])).encode() + b"\\n")
sys.addaudithook(_watch)
"""


def recorded(project) -> dict[str, dict]:
    """Return by rule one of the jobs that Snakemake remembers: its command, inputs, outputs and logs."""
    outputs, jobs = defaultdict(set), {}
    for path in (project.folder / ".snakemake/metadata").rglob("*"):
        if path.is_file():
            job = json.loads(path.read_text(encoding="utf-8"))
            name = path.relative_to(project.folder / ".snakemake/metadata").as_posix().replace("/@", "")
            outputs[job["shellcmd"]].add(base64.b64decode(name).decode())
            jobs[job["rule"]] = job
    return {rule: job | {"output": outputs[job["shellcmd"]]} for rule, job in jobs.items()}


def opened(project, command: str, scratch: Path) -> set[str]:
    """Run a command as Snakemake does; return the files of the project that it opened, for compiled code its source."""
    (scratch / "sitecustomize.py").write_text(WATCH)
    log = scratch / "opened"
    log.unlink(missing_ok=True)
    path = f"{Path(project.command()[0]).parent}:{os.environ['PATH']}"
    more = {"OPENED": str(log), "PYTHONPATH": str(scratch), "PATH": path}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=project.folder,
        env=project.environment() | more,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    here = f"{project.folder.resolve()}/"
    names = {name.removeprefix(here) for name in log.read_text().splitlines() if name.startswith(here)}
    return {re.sub(r"__pycache__/(\w+)\..*", r"\1.py", name) for name in names}


def test_steps_open_what_their_rules_declare(swept_copy, tmp_path):
    jobs = recorded(swept_copy)
    assert {"derive", "judge", "train_mnist", "draw_figures", "write_report", "sweep_mnist", "compare_sweep"} <= set(
        jobs
    )
    undeclared = {}
    for rule, job in jobs.items():
        if rule == "download":  # its code is no input, on purpose
            continue
        declared = {*job["input"], *job["output"], *job["log"]}
        folders = {str(Path(name).parent) for name in job["output"]}
        extra = {
            name
            for name in opened(swept_copy, job["shellcmd"], tmp_path) - declared
            # A temporary file beside an output becomes it.
            if not (Path(name).name.startswith(".") and str(Path(name).parent) in folders)
            and not (swept_copy.folder / name).is_dir()
        }
        if extra:
            undeclared[rule] = sorted(extra)
    assert undeclared == {}
