"""The steps that make replicas and follow their divergence, on synthetic images."""

import sys

import numpy as np
import pandas as pd
import pytest

from scripts.mnist import diverge, kernel, replicate
from scripts.mnist.blocks import blocks
from scripts.mnist.ensembles import WRONG
from scripts.mnist.network import initial
from scripts.mnist.procedures import start
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


@pytest.mark.parametrize("name", ["ulp", "reshuffled"])
def test_images_and_labels_are_trained_on_in_the_replicas_order(call, digits, name):
    images, labels = digits
    p, order, procedure = start(name, 2, images[:200], [784, 5, 7, 10], 1, 0.003)
    lines = []
    for epoch in (1, 2):
        kernel.train(p, blocks(images[order]), labels[order], procedure)
        correct, loss = kernel.judge(p, blocks(images[200:]), labels[200:], procedure)
        lines.append(f"2,{epoch},{correct},{loss!r}")
    assert replicas(call, 2, 1, name)[name].splitlines()[1:] == lines


def test_the_distance_is_that_of_two_trainings(digits, monkeypatch):
    """In parts, from starts far enough apart for rounding not to show: as of all images in one go."""
    monkeypatch.setattr(diverge, "OFFSET", 1e-3)
    images, labels = digits
    how, parts = kernel.Procedure(0.003, pixel_scale=1 / 255), (slice(0, 1), slice(1, 100), slice(100, 300))
    p, q, start_of_both = (initial([784, 5, 7, 10], 1) for _ in range(3))
    found = diverge.diverge(start_of_both, [(blocks(images[part]), labels[part]) for part in parts], how)
    np.testing.assert_array_equal(start_of_both.W1, p.W1)
    q.W1[:] *= 1.001
    expected = [np.linalg.norm(p.W1 - q.W1) / np.linalg.norm(p.W1)]
    for runner in (p, q):
        kernel.train(runner, blocks(images), labels, how)
    expected.append(np.linalg.norm(p.W1 - q.W1) / np.linalg.norm(p.W1))
    assert expected[0] == pytest.approx(1e-3)
    assert len(found) == 4
    assert [found[0], found[-1]] == pytest.approx(expected, rel=1e-9)
    assert expected[1] != pytest.approx(expected[0], rel=1e-6)


def test_runs_are_followed_from_their_start(call, digits):
    folder = call(diverge, "--curves", "divergence.csv", "--summary", "divergence.json")
    curves = pd.read_csv(folder / "divergence.csv")
    assert curves["step"].tolist() == list(range(201))
    images, labels = digits
    parts = [(blocks(images[i : i + 1]), labels[i : i + 1]) for i in range(200)]
    for name, pixel_scale in (("raw", 1.0), ("scaled", 1 / 255)):
        assert curves[name][0] == pytest.approx(1e-15, rel=0.3)  # an entry's last place is 1.1e-16 to 2.2e-16 of it
        how = kernel.Procedure(0.003, pixel_scale=pixel_scale)
        assert curves[name].tolist() == diverge.diverge(initial([784, 5, 7, 10], 1), parts, how)
    early = read_json(folder / "divergence.json")["early"]
    assert early["images"] == diverge.EARLY
    assert all(early[name] > 1e-6 for name in WRONG)


def test_growth():
    steps, distances = np.array([0, 1, 2, 3]), np.array([1e-15, 1e-9, 1e-2, 1.0])
    summary = diverge.growth(steps, distances)
    assert summary["images_to_differ"] == 2
    assert summary["rate_per_image"] == pytest.approx(np.log(1e13) / 2)
    assert diverge.growth(steps, distances / 1e6)["images_to_double"] is None
