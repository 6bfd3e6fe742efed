"""Images as the compiled training takes them: block by block, and of each only the pixels that are not zero."""

import numpy as np
from numba import njit

from scripts.mnist.kernel import Blocks
from scripts.shared.step import Failure

BLOCK = 64  # images; a larger block touches fewer weights per image, and has more pairs of images to correct for
PIXELS = 33_000  # at most: 255² times as many is below 2³¹, and a pixel's number below 2¹⁶


def blocks(images: np.ndarray) -> Blocks:
    """Sort out uint8 images (n, height, width), in the order in which they are trained on; a Failure for none."""
    if not len(images) or images[0].size > PIXELS:
        raise Failure(f"images of shape {images.shape} cannot be trained on: at least one, of at most {PIXELS} pixels")
    flat = np.zeros((len(images) + len(images) % 2, images[0].size), np.uint8)
    flat[: len(images)] = images.reshape(len(images), -1)
    start, pixel, value, used, used_pixel, used_start, used_image, used_value, gram = _sorted_out(flat, BLOCK)
    return Blocks(
        count=len(images),
        start=start.view(np.uint64),
        pixel=pixel,
        value=value,
        used=used,
        used_pixel=used_pixel,
        used_start=used_start.view(np.uint64),
        used_image=used_image,
        used_value=used_value,
        gram=gram,
    )


@njit(cache=True)
def _sorted_out(flat, size):  # pragma: no cover - compiled
    n, pixels = flat.shape
    number = (n + size - 1) // size
    start = np.zeros(n // 2 + 1, np.int64)
    for q in range(n // 2):
        count = 0
        for c in range(pixels):
            count += (flat[2 * q, c] | flat[2 * q + 1, c]) != 0
        start[q + 1] = start[q] + count
    pixel, value = np.empty(start[-1], np.uint16), np.empty((start[-1], 2), np.uint8)
    used, used_pixel = np.zeros(number + 1, np.int64), np.empty(number * pixels, np.uint16)
    used_start = np.zeros(number * pixels + 1, np.int64)
    used_image, used_value = np.empty(2 * start[-1], np.uint8), np.empty(2 * start[-1], np.uint8)
    gram = np.zeros((number, size, size), np.int32)
    begin, end = np.empty(pixels, np.int64), np.empty(pixels, np.int64)
    row = at = 0
    for b in range(number):
        first, last = b * size, min(n, b * size + size)
        end[:] = 0
        e = start[first // 2]
        for i in range(first, last, 2):
            for c in range(pixels):
                one, other = flat[i, c], flat[i + 1, c]
                if one | other:
                    pixel[e], value[e, 0], value[e, 1] = c, one, other
                    end[c] += (one > 0) + (other > 0)
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
            q = (first + i) // 2
            for e in range(start[q], start[q + 1]):
                v, c = value[e, i % 2], pixel[e]
                if v:
                    used_image[end[c]], used_value[end[c]] = i, v
                    end[c] += 1
    return start, pixel, value, used, used_pixel[:row], used_start[: row + 1], used_image[:at], used_value[:at], gram
