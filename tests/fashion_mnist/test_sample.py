"""Which images are shown."""

import numpy as np
import pandas as pd
import pytest

from scripts.fashion_mnist.sample import sample
from scripts.shared.step import Failure


def test_samples_are_drawn_by_the_seed():
    rng = np.random.default_rng(0)
    p, labels = rng.dirichlet(np.ones(10), 50), rng.integers(0, 10, 50)
    table = sample(p, labels, 3, 1)
    pd.testing.assert_frame_equal(table, sample(p, labels, 3, 1))
    assert table["number"].nunique() == 3
    assert set(sample(p, labels, 3, 2)["number"]) != set(table["number"])
    assert sample(p, labels, 50, 1)["number"].nunique() == 50
    for row in table.itertuples():
        assert row.probability == p[row.number - 1, row[5]]
        assert row.label == labels[row.number - 1]
        assert row.predicted == p[row.number - 1].argmax()
    with pytest.raises(Failure, match="only 50 test images"):
        sample(p, labels, 51, 1)
