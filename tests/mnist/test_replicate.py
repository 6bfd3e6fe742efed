"""The steps that make replicas and follow their divergence, on synthetic images."""

import sys

import numpy as np
import pandas as pd
import pytest

from scripts.mnist import diverge, replicate
from scripts.mnist.ensembles import WRONG
from scripts.shared.step import read_json, write_npz


@pytest.fixture
def call(tmp_path, digits, monkeypatch):
    """Return what runs a step on synthetic images and returns the folder of its results."""
    images, labels = digits
    write_npz(
        tmp_path / "mnist.npz",
        train_images=images[:200],
        train_labels=labels[:200],
        test_images=images[200:],
        test_labels=labels[200:],
    )

    def run(step, *arguments):
        common = "--data mnist.npz --seed 1 --hidden 5 7 --learning-rate 0.003"
        monkeypatch.setattr(sys, "argv", ["step", *common.split(), *arguments])
        step.main()
        return tmp_path

    monkeypatch.chdir(tmp_path)
    return run


def replicas(call, first: int, count: int, *ensembles: str) -> dict[str, str]:
    """Return ensemble → the CSV of its replicas."""
    outputs = [f"{name}.csv" for name in ensembles]
    options = f"--first {first} --count {count} --epochs 2 --ensembles".split()
    folder = call(replicate, *options, *ensembles, "--outputs", *outputs)
    return {name: (folder / f"{name}.csv").read_text() for name in ensembles}


def test_a_replica_does_not_depend_on_which_others_are_in_its_job(call):
    names = ["ulp", "seeds", *WRONG]
    together = replicas(call, 1, 3, *names)
    for name in names:
        rows = together[name].splitlines()
        assert [row.split(",")[:2] for row in rows[1:]] == [[str(k), str(e)] for k in (1, 2, 3) for e in (1, 2)]
        for k in (1, 3):
            assert replicas(call, k, 1, name)[name].splitlines()[1:] == rows[2 * k - 1 : 2 * k + 1], name
    assert len(set(together.values())) == len(names)


def test_runs_are_followed_from_their_start(call):
    folder = call(diverge, "--curves", "divergence.csv", "--summary", "divergence.json")
    curves = pd.read_csv(folder / "divergence.csv")
    assert curves["step"].tolist() == list(range(201))
    for name in ("raw", "scaled"):
        assert 0 < curves[name][0] < 2 * diverge.OFFSET
        assert (curves[name] > 0).all()
    early = read_json(folder / "divergence.json")["early"]
    assert early["images"] == diverge.EARLY
    assert all(early[name] > 1e-6 for name in WRONG)


def test_growth():
    steps, distances = np.array([0, 1, 2, 3]), np.array([1e-15, 1e-9, 1e-2, 1.0])
    summary = diverge.growth(steps, distances)
    assert summary["images_to_differ"] == 2
    assert summary["rate_per_image"] == pytest.approx(np.log(1e13) / 2)
    assert diverge.growth(steps, distances / 1e6)["images_to_double"] is None
