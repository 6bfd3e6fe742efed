"""The whole workflow on a real Slurm: the same bytes as here, and no work lost or done twice when something is killed."""

import os
import signal

import pytest

from .slurm import ask, until

pytestmark = pytest.mark.cluster


def test_the_same_bytes_as_here(project, finished):
    project.finish()
    assert project.digests() == finished.digests()
    assert set(project.counts().values()) == {1}
    nodes = {node for step, _, node in project.began("fashion_mnist/replicate/.*", "mnist/train")}
    assert nodes <= {"n1", "n2", "n3"}
    assert "Nothing to be done" in project.finish()
