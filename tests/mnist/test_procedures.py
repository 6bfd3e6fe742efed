"""Replicas differ by as little as was said, and each from the others."""

import numpy as np
import pytest

from scripts.mnist.ensembles import WRONG
from scripts.mnist.network import (
    initial,
)
from scripts.mnist.procedures import SPACING, start


def test_replicas_differ_by_ulps_in_one_live_weight(digits):
    images, _ = digits
    reference = initial([784, 32, 32, 10], 80085)
    p = start("ulp", 5, images, [784, 32, 32, 10], 80085, 0.003).parameters
    moved = np.argwhere(p.W1 != reference.W1)
    assert len(moved) == 1
    pixel, unit = moved[0]
    assert p.W1[pixel, unit] == reference.W1[pixel, unit] + 5 * SPACING * np.spacing(reference.W1[pixel, unit])
    assert images[0].ravel()[pixel] > 0
    for one, other in zip(p[1:], reference[1:], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["ulp", "seeds", *WRONG])
def test_every_replica_has_a_start_of_its_own(digits, name):
    first, again, second = (start(name, k, digits[0], [784, 8, 8, 10], 1, 0.003) for k in (1, 1, 2))

    def as_bytes(begin) -> list[bytes]:
        return [part.tobytes() for part in (*begin.parameters, begin.order)]

    assert as_bytes(first) == as_bytes(again)
    assert as_bytes(first) != as_bytes(second)
