"""What a run would do with other configurations, by one process: each is parsed in a child that comes with Snakemake
already imported, several times as fast as a command each."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Job(NamedTuple):
    """A job of a plan: its rule, its command as the shell gets it, the first outputs of the jobs that it needs, and
    whether Snakemake would do it now."""

    rule: str
    command: str
    needs: list[str]
    redone: bool


Plan = dict[str, Job]  # by the first output


def plans(project, configs: list[dict]) -> list[Plan | str]:
    """Return the plan of a project (tests.project) for each configuration, or the line by which it is refused."""
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(configs),
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [{name: Job(*job) for name, job in one.items()} if isinstance(one, dict) else one for one in found]


def due(before: Plan, after: Plan) -> set[str]:
    """Return the jobs whose command is another one than before, and all that need them, by their first outputs.

    What Snakemake compares does not come into it. Where files are downloaded from does not count.
    """
    changed = other_commands(before, after)
    while more := {name for name, job in after.items() if name not in changed and changed.intersection(job.needs)}:
        changed |= more
    return changed


def other_commands(before: Plan, after: Plan) -> set[str]:
    """Return the jobs that there were not, or not with their command, by their first outputs; downloads apart."""
    return {
        name
        for name, job in after.items()
        if job.rule != "download" and (name not in before or before[name].command != job.command)
    }


def redone(plan: Plan) -> set[str]:
    """Return the first outputs of the jobs that would be done now."""
    return {name for name, job in plan.items() if job.redone}


def tell(config: dict, write: int) -> None:
    """Write the plan of the project in the working directory, or why there is none, to a pipe."""
    from snakemake.cli import main
    from snakemake.exceptions import WorkflowError
    from snakemake.workflow import Workflow

    build = Workflow._build_dag

    def told(workflow) -> None:
        build(workflow)
        dag = workflow.dag

        def name(job) -> str:
            return str(job.output[0]) if job.output else job.rule.name

        plan = {
            name(job): (job.rule.name, job.shellcmd or "", sorted(map(name, dag.dependencies[job])), dag.needrun(job))
            for job in dag.jobs
        }
        os.write(write, json.dumps(plan).encode())
        os._exit(0)

    Path("config.yaml").write_text(json.dumps(config))  # which is YAML
    Workflow._build_dag = told
    printed = WorkflowError.__init__

    def refused(error, *arguments, **named) -> None:
        printed(error, *arguments, **named)
        os.write(write, json.dumps(str(error)).encode())
        os._exit(0)

    WorkflowError.__init__ = refused
    main(["--dry-run", "--quiet", "all"])


if __name__ == "__main__":
    import snakemake.cli  # noqa: F401  (before all children)

    for config in json.load(sys.stdin):
        sys.stdout.flush()
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            os.close(read)
            os.dup2(2, 1)
            tell(config, write)
            os._exit(1)
        os.close(write)
        with open(read, encoding="utf-8") as pipe:
            print(pipe.read())
        os.waitpid(child, 0)
