"""Blocks hold every pixel that is not zero, once by pair of images and once by pixel, and the products of images."""

import numpy as np
import pytest

from scripts.mnist.blocks import BLOCK, PIXELS, blocks
from scripts.shared.step import Failure


@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, 2 * BLOCK + 3])
def test_nothing_is_lost(n):
    rng = np.random.default_rng(n)
    images = rng.integers(0, 256, (n, 5, 4)) * (rng.random((n, 5, 4)) < 0.3)
    images[n // 2] = 0  # an image without any pixel
    images[:, 2, 2] = 255  # a pixel that all images use, but one
    images[n // 2] = 0
    flat, x = images.reshape(n, -1), blocks(images.astype(np.uint8))

    by_image = np.zeros_like(flat)
    for i in range(n):
        entries = slice(*x.start[i // 2 : i // 2 + 2])
        by_image[i, x.pixel[entries]] = x.value[entries, i % 2]
    np.testing.assert_array_equal(by_image, flat)

    by_pixel = np.zeros_like(flat)
    for b in range(len(x.gram)):
        in_block = flat[b * BLOCK : (b + 1) * BLOCK]
        for u in range(x.used[b], x.used[b + 1]):
            entries = slice(*x.used_start[u : u + 2])
            by_pixel[b * BLOCK + x.used_image[entries].astype(int), x.used_pixel[u]] = x.used_value[entries]
        expected = np.zeros((BLOCK, BLOCK), int)
        expected[: len(in_block), : len(in_block)] = np.tril(in_block @ in_block.T, -1)
        np.testing.assert_array_equal(x.gram[b], expected)
    np.testing.assert_array_equal(by_pixel, flat)
    assert x.value.any(axis=1).all()
    assert x.used_value.all()


def test_the_largest_images_are_exact():
    x = blocks(np.full((2, 1, PIXELS), 255, np.uint8))
    assert x.gram[0, 1, 0] == 255**2 * PIXELS
    assert x.pixel.tolist() == list(range(PIXELS))


@pytest.mark.parametrize("shape", [(0, 28, 28), (2, 1, PIXELS + 1)])
def test_what_cannot_be_counted_is_one_line(shape):
    with pytest.raises(Failure, match="cannot be trained on"):
        blocks(np.zeros(shape, np.uint8))
