"""Results: what stands where, and that nothing is read that was not declared."""

import numpy as np
import pytest

from scripts.shared.step import Failure, write_json, write_npz, write_text
from scripts.verdicts.results import Results


@pytest.fixture
def root(tmp_path):
    write_json(tmp_path / "a/b.json", {"x": [1, {"y": 2}]})
    write_text(tmp_path / "a/c.csv", "n,word\n1,one\n2.5,two\n")
    for k in (10, 9):
        write_npz(tmp_path / f"runs/{k}/p.npz", p=np.arange(3) + k)
    return tmp_path


def test_pointers(root):
    results = Results(root)
    assert results["a/b.json#x.1.y"] == 2 and results["a/c.csv#0.n"] == 1
    assert results["a/c.csv#0:.word"] == ["one", "two"] and results["runs/9/p.npz#p"].tolist() == [9, 10, 11]
    assert results.matching("runs/*/p.npz") == ["runs/9/p.npz", "runs/10/p.npz"]
    assert results.used == {"a/b.json", "a/c.csv", "runs/9/p.npz"}


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        ("a/b.json#x.2", "^Of what was run there is no a/b.json#x.2$"),
        ("a/b.json#x.1.y.z", "b.json has no x.1.y.z"),
        ("a/c.csv#0.m", "c.csv has no 0.m"),
        ("none.json#x", "none.json is missing"),
    ],
)
def test_what_is_not_there(root, pointer, words):
    with pytest.raises(Failure, match=words):
        Results(root)[pointer]


def test_what_was_not_declared_is_refused(root):
    results = Results(root, [f"{root}/a/b.json", f"{root}/runs/9/p.npz"])
    assert results["a/b.json#x.0"] == 1 and results.matching("runs/*/p.npz") == ["runs/9/p.npz"]
    with pytest.raises(Failure, match=r"c\.csv is asked for and not declared"):
        results["a/c.csv#0.n"]
