"""Classification judged by hand."""

import json

import numpy as np
import pytest

from scripts.shared.classification import evaluate


def test_classification_by_hand():
    """Classes 0 and 1 of three, four samples, one of class 1 taken for 0; class 2 neither there nor predicted."""
    p = np.array([[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    found = evaluate(p, np.array([0, 0, 1, 1]))
    assert found["confusion"] == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert (found["correct"], found["count"], found["accuracy"]) == (3, 4, 0.75)
    assert found["loss"] == pytest.approx(-np.log([0.9, 0.8, 0.3, 0.7]).mean())
    zero, one, two = found["classes"]
    assert (zero["precision"], zero["recall"], zero["f1"]) == (pytest.approx(2 / 3), 1.0, pytest.approx(0.8))
    assert (one["support"], one["predicted"], one["hits"]) == (2, 1, 1)
    assert json.dumps(two, allow_nan=False)
