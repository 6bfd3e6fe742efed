"""What differs from one place to another changes no result: it ends in one line, or does not matter.

All of it, on all results, is tried by `make faults`: see tests/faults/surroundings.py.
"""

import signal
import subprocess
import time

from project import SET


def test_results_of_two_sets_do_not_meet_where_a_is_no_other_than_A(new_project):
    (new_project.folder / "results" / SET.title()).mkdir(parents=True)
    done = new_project.snakemake("--dry-run", good=False)
    assert sum(f"results/{SET.title()} is there already" in line for line in done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stdout


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
