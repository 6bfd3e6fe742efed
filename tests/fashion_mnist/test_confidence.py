"""How sure the model is, by hand."""

import numpy as np
import pytest

from scripts.fashion_mnist.confidence import confidence, interval


def test_confidence_by_hand():
    """Four images: two surely right, one surely wrong, one right with no class above a half."""
    p = np.full((4, 10), 0.0)
    p[0, 1], p[0, 2] = 0.95, 0.05
    p[1, 3], p[1, 4] = 0.85, 0.15
    p[2, 5], p[2, 6] = 0.75, 0.25
    p[3, 7], p[3, 8], p[3, 9] = 0.4, 0.3, 0.3
    values, table = confidence(p, np.array([1, 3, 6, 7]), 2)
    assert (values["correct"], values["wrong"], values["dominated"], values["dominated_but_wrong"]) == (3, 1, 3, 1)
    assert values["all_samples_right"] == pytest.approx(0.75**2)
    assert values["calibration_error"] == pytest.approx((0.05 + 0.15 + 0.75 + 0.6) / 4)
    assert [(c["label"], c["predicted"], c["images"]) for c in values["confusions"]] == [(6, 5, 1)]
    assert values["mistakes"][0]["number"] == 3
    assert [row["images"] for row in table] == [0, 0, 0, 0, 1, 0, 0, 1, 1, 1]
    assert table[0] == {"from": 0.0, "to": 0.1, "images": 0, "mean_probability": None, "accuracy": None}
    assert table[9] == {"from": 0.9, "to": 1.0, "images": 1, "mean_probability": 0.95, "accuracy": 1.0}


@pytest.mark.parametrize(("hits", "count", "ends"), [(81, 263, (0.2553, 0.3662)), (0, 20, (0.0, 0.1611))])
def test_the_interval_is_wilsons(hits, count, ends):
    """As published: Newcombe 1998, table I."""
    assert interval(hits, count) == pytest.approx(ends, abs=5e-5)
    low, high = interval(count - hits, count)
    assert (1 - high, 1 - low) == pytest.approx(ends, abs=5e-5)
