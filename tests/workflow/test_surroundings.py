"""What differs from one place to another changes no result: it ends in one line, or does not matter.

All of it, on all results, is tried by `make faults`: see tests/faults/surroundings.py.
"""

import os
import signal
import subprocess
import time

import pytest
from project import RESULTS, SET


def test_results_of_two_sets_do_not_meet_where_a_is_no_other_than_A(new_project):
    (new_project.folder / "results" / SET.title()).mkdir(parents=True)
    done = new_project.snakemake("--dry-run", good=False)
    assert sum(f"results/{SET.title()} is there already" in line for line in done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stdout


def test_a_home_that_cannot_be_written_is_not_needed(new_project):
    variables = new_project.environment() | {"HOME": "/dev/null/home", "XDG_CACHE_HOME": "/dev/null/cache"}
    new_project.snakemake("--dry-run", env=variables)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can run as somebody without a name")
def test_whoever_runs_it_needs_no_name(new_project):
    """As in a container, where a user may be a number alone. It may read all, and write the project."""
    subprocess.run(["chown", "-R", "54321:54321", new_project.folder], check=True)
    may = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")
    command = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", *may]
    command += new_project.command("--cores", "1", f"{RESULTS}/relu/dataset-1.json")
    variables = {name: value for name, value in new_project.environment().items() if name not in ("USER", "LOGNAME")}
    done = subprocess.run(
        command, cwd=new_project.folder, env=variables | {"HOME": "/"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert (new_project.folder / RESULTS / "relu/dataset-1.json").exists()


def test_ctrl_c_while_the_workflow_is_read_is_one_line(new_project):
    """Snakemake itself ends with a traceback."""
    with (new_project.folder / "Snakefile").open("a") as snakefile:
        snakefile.write("\n\nimport time\n\nopen('read', 'w').close()\ntime.sleep(60)\n")
    command = new_project.command("--dry-run")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    process = subprocess.Popen(command, cwd=new_project.folder, env=new_project.environment(), **pipes)
    while not (new_project.folder / "read").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[0]
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in said
    assert said.count("error: interrupted") == 1
