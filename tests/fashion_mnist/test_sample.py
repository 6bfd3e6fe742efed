"""Which images are shown."""

import numpy as np

from scripts.fashion_mnist.sample import sample


def test_samples_are_drawn_by_the_seed():
    rng = np.random.default_rng(0)
    p, labels = rng.dirichlet(np.ones(10), 50), rng.integers(0, 10, 50)
    table = sample(p, labels, 3, 1)
    assert table == sample(p, labels, 3, 1)
    drawn = [row["number"] for row in table[::10]]
    assert len(table) == 30 and len(set(drawn)) == 3
    assert {row["number"] for row in sample(p, labels, 3, 2)} != set(drawn)
    assert len({row["number"] for row in sample(p, labels, 50, 1)}) == 50
    for row in table:
        index = row["number"] - 1
        assert row["probability"] == p[index, row["class"]]
        assert (row["label"], row["predicted"]) == (labels[index], p[index].argmax())
