"""Images as the compiled training takes them: block by block, and of each only the pixels that are not zero."""

from typing import NamedTuple

import numpy as np
from numba import njit

BLOCK = 64  # images; a larger block touches fewer weights per image, and has more pairs of images to correct for


class Blocks(NamedTuple):
    """The non-zero pixels of n images, once by image, and once by block and pixel; and how alike the images are."""

    start: np.ndarray  # (n + 1,) int64: image i has the entries start[i] … start[i + 1] of the next two
    pixel: np.ndarray  # uint16: which pixel
    value: np.ndarray  # uint8: 1–255
    used: np.ndarray  # (blocks + 1,) int64: block b uses the pixels used[b] … used[b + 1] of the next two
    used_pixel: np.ndarray  # uint16: which pixel
    used_start: np.ndarray  # int64: that pixel has the entries used_start[u] … used_start[u + 1] of the next two
    used_image: np.ndarray  # uint8: which image of the block
    used_value: np.ndarray  # uint8: 1–255
    gram: np.ndarray  # (blocks, BLOCK, BLOCK) int32: products x_i · x_a of the block's images for a < i, exact


def blocks(images: np.ndarray) -> Blocks:
    """Sort out uint8 images (n, height, width) in the order in which they are trained on."""
    flat = np.array(images, dtype=np.uint8, order="C").reshape(len(images), -1)
    return Blocks(*_sorted_out(flat, BLOCK))


@njit(cache=True)
def _sorted_out(flat, size):  # pragma: no cover - compiled
    n, pixels = flat.shape
    number = (n + size - 1) // size
    start = np.zeros(n + 1, np.int64)
    for i in range(n):
        count = 0
        for c in range(pixels):
            count += flat[i, c] != 0
        start[i + 1] = start[i] + count
    pixel, value = np.empty(start[n], np.uint16), np.empty(start[n], np.uint8)
    used, used_pixel = np.zeros(number + 1, np.int64), np.empty(number * pixels, np.uint16)
    used_start = np.zeros(number * pixels + 1, np.int64)
    used_image, used_value = np.empty(start[n], np.uint8), np.empty(start[n], np.uint8)
    gram = np.zeros((number, size, size), np.int32)
    begin, end = np.empty(pixels, np.int64), np.empty(pixels, np.int64)
    row = at = 0
    for b in range(number):
        first, last = b * size, min(n, b * size + size)
        end[:] = 0
        e = start[first]
        for i in range(first, last):
            for c in range(pixels):
                if flat[i, c]:
                    pixel[e], value[e] = c, flat[i, c]
                    end[c] += 1
                    e += 1
        # Those that most images use come first: equal counts in a row let the processor predict where loops end.
        begin[:] = -1
        for times in range(last - first, 0, -1):
            for c in range(pixels):
                if end[c] == times and begin[c] < 0:
                    begin[c] = end[c] = at
                    at += times
                    used_pixel[row], used_start[row + 1] = c, at
                    row += 1
        used[b + 1] = row
        for i in range(last - first):
            for a in range(i):
                product = 0
                for c in range(pixels):
                    product += np.int64(flat[first + i, c]) * np.int64(flat[first + a, c])
                gram[b, i, a] = product
            for e in range(start[first + i], start[first + i + 1]):
                c = pixel[e]
                used_image[end[c]], used_value[end[c]] = i, value[e]
                end[c] += 1
    return start, pixel, value, used, used_pixel[:row], used_start[: row + 1], used_image, used_value, gram
