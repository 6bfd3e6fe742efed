"""Small pictures as PNG data: grey images, and weights in two colours around zero."""

import base64
import io

import numpy as np
from PIL import Image

BELOW, ABOVE = np.array([0, 114, 178]), np.array([213, 94, 0])  # Okabe–Ito blue and vermilion


def grey(image: np.ndarray) -> str:
    """Return uint8 pixels (height, width) as a data URI; 0 is black."""
    return _png(Image.fromarray(image))


def diverging(weights: np.ndarray, limit: float) -> str:
    """Return weights (height, width) as a data URI: white at 0, blue at −limit, vermilion at +limit and beyond.

    White as well: what is no number.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num(np.clip(weights / limit, -1, 1))
    level = np.round((share + 1) * 32).astype(np.uint8)  # 65 colours of a palette are enough, and small
    shares = (np.arange(65) - 32) / 32
    palette = [255 + (np.where(s > 0, ABOVE, BELOW) - 255) * abs(s) for s in shares]
    picture = Image.fromarray(level, mode="P")
    picture.putpalette(np.round(palette).astype(np.uint8).tobytes())
    return _png(picture)


def _png(picture: Image.Image) -> str:
    data = io.BytesIO()
    picture.save(data, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def first_layer(arrays: dict[str, np.ndarray], shape: tuple[int, int], count: int) -> dict:
    """Return the weights that lead from the pixels to the first `count` hidden units, each in the image's shape.

    The matrix is the one that has as many rows or columns as there are pixels; `limit` holds all but a hundredth of it.
    """
    pixels = int(np.prod(shape))
    matrix = next(a for a in arrays.values() if a.ndim == 2 and pixels in a.shape)
    rows = matrix if matrix.shape[1] == pixels else matrix.T
    return {"units": rows[:count].reshape(-1, *shape), "limit": float(np.quantile(np.abs(rows[:count]), 0.99))}
