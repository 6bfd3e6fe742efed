"""The workflow on a real Slurm: the same bytes as here, and no work lost or done twice when something is killed."""

import os
import re
import signal

import pytest
from project import RESULTS, SWEEP, copy

from .slurm import NODES, ask, until

pytestmark = pytest.mark.cluster
TRAININGS = ("(fashion_)?mnist/train", "(fashion_)?mnist/replicate/.*")
EXPERIMENTS = ("fashion_mnist", "mnist")
# What the tests that kill something make: all trainings, and no more.
TRAINED = [
    f"{RESULTS}/{name}"
    for name in (
        "fashion_mnist/runs/0/history.csv",
        "fashion_mnist/runs/1.1/history.csv",
        "mnist/history.csv",
        "mnist/replicas/seeds/0.csv",
        "mnist/replicas/ulp/0.csv",
    )
]
HELD = r"scripts\.(fashion_)?mnist\.(train|replicate)"


def trained(project):
    """Return file → SHA-256 of what trainings have made; all of it is there."""
    names = re.compile(r".*/(fashion_mnist/runs|mnist/(history|weights|initial|evaluation|replicas)).*")
    found = {file: digest for file, digest in project.digests().items() if names.fullmatch(file)}
    assert found.keys() >= set(TRAINED)
    return found


def test_the_same_bytes_as_here(project, finished, tmp_path):
    """With a sweep over three rates and four seeds; what takes seconds runs where Snakemake does, trainings do not."""
    here = copy(finished, tmp_path / "here")
    for each in (here, project):
        each.write_config(each.config() | {"sweep": {"mnist": SWEEP["mnist"]}})
    here.snakemake("--cores", "4")
    project.finish()
    assert len(list((project.folder / RESULTS).glob("sweeps/mnist/*/history.csv"))) == 12
    assert project.digests() == here.digests()
    assert set(project.counts().values()) == {1}
    assert {node for _, _, node in project.began(*TRAININGS, "sweeps/mnist/.*")} <= {"n1", "n2", "n3"}
    short = ("datasets/.*", "verdicts/.*", "report/.*", "sweeps/compare/.*")
    assert {node for _, _, node in project.began(*short)} == {"here"}
    assert "Nothing to be done" in project.finish()


def test_a_killed_step_is_tried_again(project, finished):
    """SIGKILL to a training: the same command sends it off again, with more memory, and trains nothing else again."""
    project.hold(HELD)
    run = project.start(*TRAINED)
    step, process, _ = until("it trains", lambda: project.began("fashion_mnist/replicate/1"))[0]
    os.kill(process, signal.SIGKILL)
    project.release()
    assert run.wait(240) == 0, project.printed()
    assert trained(project) == trained(finished)
    assert {name: count for name, count in project.counts().items() if count > 1} == {step: 2}


def test_a_lost_and_a_drained_node(project, finished, slurm):
    """A node loses power, another is drained: what ran on the first is done elsewhere, what runs on the second ends."""
    project.hold(HELD)
    run = project.start(*TRAINED)
    begun = until("all train", lambda: len(project.began(*TRAININGS)) == 5 and project.began(*TRAININGS))
    lost, drained = sorted({node for _, _, node in begun})[:2]
    try:
        slurm.drain(drained)
        slurm.kill_node(lost)
        until("the node is given up", lambda: slurm.states()[lost].startswith("down"))
        for job in until("Slurm sends off its jobs again", lambda: ask("squeue", "-ht", "PENDING", "-o", "%i").split()):
            ask("scontrol", "update", f"jobid={job}", "starttime=now")  # else after two minutes
        project.release()
        assert run.wait(240) == 0, project.printed()
    finally:
        slurm.start_node(lost)
        slurm.resume(lost, drained)
    assert trained(project) == trained(finished)
    twice = {step for step, count in project.counts().items() if count == 2}
    assert twice == {step for step, _, node in begun if node == lost}
    assert max(project.counts().values()) == 2
    assert {node for step, _, node in project.began(*TRAININGS)[5:]}.isdisjoint({lost, drained})


def test_snakemake_is_killed_while_jobs_run_and_others_wait(project, finished, slurm):
    """The same command waits for what runs, sends off what waited, and trains nothing twice."""
    project.hold(HELD)
    slurm.drain("n2", "n3")  # what is left runs four jobs at a time, of five
    try:
        run = project.start(*TRAINED)
        until("one job waits", lambda: len(project.began(*TRAININGS)) == 4 and "PENDING" in ask("squeue", "-ho", "%T"))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        again = project.start(*TRAINED)
        until("it waits", lambda: "Waiting for what they make" in project.printed())
    finally:
        slurm.resume("n2", "n3")
    project.release()
    assert again.wait(240) == 0, project.printed()
    assert trained(project) == trained(finished)
    assert set(project.counts().values()) == {1}
    assert "Nothing to be done" in project.finish(*TRAINED)
    # Jobs that outlived their run have recorded what they were made with.
    config = project.config()
    for experiment in config["what_if"].values():
        experiment["epochs"] += 1
    project.write_config(config)
    assert project.planned() >= {f"{kind}_{name}" for kind in ("train", "replicate") for name in EXPERIMENTS}


def test_batches_in_one_job_go_by_the_settings_of_their_run(project, finished, slurm):
    """Three batches wait as one job, which asks for what one needs and for the minutes of all; then settings change."""
    config = project.config()
    config["mnist"]["replicas"] = 99
    project.write_config(config)
    batches = [f"{RESULTS}/mnist/replicas/ulp/{batch}.csv" for batch in range(3)]
    slurm.drain(*NODES)
    try:
        run = project.start(*batches)
        asked = until("the job waits", lambda: ask("squeue", "-ht", "PENDING", "-o", "%C %m %M %l").splitlines(), 120)
        assert asked == ["1 1000M 0:00 30:00"]
        config["what_if"]["mnist"]["epochs"] += 1
        project.write_config(config)
    finally:
        slurm.resume(*NODES)
    assert run.wait(240) == 0, project.printed()
    assert finished.digests()[batches[0]] == project.digests()[batches[0]]
    assert project.jobs("--", *batches)["replicate_mnist"] == 3
    config["what_if"]["mnist"]["epochs"] -= 1
    project.write_config(config)
    assert "Nothing to be done" in project.finish(*batches)
