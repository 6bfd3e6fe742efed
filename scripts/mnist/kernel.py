"""The training of `scripts.mnist.network` once more, compiled, for the many replicas.

The same formulas and the same order of samples, in float64, with less traffic between memory and processor. Within a
block of images W1 and b1 stay as they were at its start. What the block's earlier images a would have changed in image
i's first layer is added from their products x_i · x_a, which are known beforehand:

    u1_i = x_i W1 + b1 − Σ_{a < i} (x_i · x_a + 1) η du1_a       then once per block    W1 −= η Σ_i x_iᵀ du1_i

with the learning rate η. In exact arithmetic that is the same as a step per sample. Pixels that are zero are left out.

32 numbers at a time are one value, a Row, which the compiler keeps in vector registers. So layers are made as wide as
whole rows; what is added to a layer adds nothing to the next one: its weights start from zero, its biases are −∞, and
its outputs σ(−clip), so that neither these nor what its weights become exceed rounding. W2 and W3 are turned: a row
holds the weights from all units of a layer to one of the next.
"""

import operator
from math import factorial
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from scripts.mnist.network import CLIP, Parameters

# Compiled code is kept until this file changes. So what it reads by name is defined here, not where it is made.


class Procedure(NamedTuple):
    """A training procedure; the defaults are the described one's, learning rate apart.

    It also carries the constants of other files, which compiled code would keep when they are edited.
    """

    learning_rate: float
    rate_factor: float = 1.0
    pixel_scale: float = 1.0  # factor on the raw pixels
    sigmoid_derivative: bool = True  # False: the factor σ′(u) is forgotten
    biases_move: bool = True  # False: the biases are never updated
    output_error_sign: float = 1.0  # −1: ŷ − y has the wrong sign
    squared_error: bool = False  # True: du3 of ½‖ŷ − y‖² instead of cross-entropy
    clip: float = CLIP  # of the sigmoid's inputs; at least 40, since what is added to a layer has outputs σ(−clip)


class Blocks(NamedTuple):
    """The non-zero pixels of n images, once by pair of images, once by block and pixel; and how alike the images are.

    Two images share many pixels, whose weights are then fetched once for both; an odd last image has a blank one beside
    it. What counts entries is unsigned, so that compiled code need not ask whether it counts from the end.
    """

    count: int  # n
    start: np.ndarray  # (pairs + 1,) uint64: pair q has the entries start[q] … start[q + 1] of the next two
    pixel: np.ndarray  # uint16: which pixel
    value: np.ndarray  # (entries, 2) uint8: 0–255, in the one image and the other
    used: np.ndarray  # (blocks + 1,) int64: block b uses the pixels used[b] … used[b + 1] of the next two
    used_pixel: np.ndarray  # uint16: which pixel
    used_start: np.ndarray  # uint64: that pixel has the entries used_start[u] … used_start[u + 1] of the next two
    used_image: np.ndarray  # uint8: which image of the block
    used_value: np.ndarray  # uint8: 1–255
    gram: np.ndarray  # (blocks, size, size) int32: products x_i · x_a of the block's images for a < i, exact


# Rows: 32 numbers at once, in compiled code. All functions but total() and largest() treat each number by itself.

LANES = 32
FLOATS, INTEGERS = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.IntType(64), LANES)


class Row(types.Type):
    """32 float64 numbers as one value of compiled code."""


ROW = Row("Row")


@register_model(Row)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, FLOATS)


def _address(context, builder, signature, arguments):
    start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return builder.bitcast(builder.gep(start, [arguments[1]]), FLOATS.as_pointer())


@intrinsic
def load(_, array, at):
    """Return the row that begins at entry `at` of a float64 array, counted through all its axes."""

    def build(context, builder, signature, arguments):
        return builder.load(_address(context, builder, signature, arguments), align=8)

    return ROW(array, types.intp), build


@intrinsic
def store(_, array, at, row):
    """Write the row to a float64 array, from entry `at` on, counted through all its axes."""

    def build(context, builder, signature, arguments):
        builder.store(arguments[2], _address(context, builder, signature, arguments), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, ROW), build


@intrinsic
def same(_, number):
    """Return the row of one number, 32 times."""

    def build(context, builder, signature, arguments):
        first = ir.Constant(ir.IntType(32), 0)
        row = builder.insert_element(ir.Constant(FLOATS, ir.Undefined), arguments[0], first)
        return builder.shuffle_vector(row, row, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))

    return ROW(types.float64), build


def _binary(build):
    @intrinsic
    def function(_, a, b):
        return ROW(ROW, ROW), lambda context, builder, signature, arguments: build(builder, *arguments)

    return function


# A multiplication and the addition of its result may become one instruction, which rounds once.
plus = _binary(lambda builder, a, b: builder.fadd(a, b, flags=["contract"]))
minus = _binary(lambda builder, a, b: builder.fsub(a, b, flags=["contract"]))
times = _binary(lambda builder, a, b: builder.fmul(a, b, flags=["contract"]))
over = _binary(lambda builder, a, b: builder.fdiv(a, b))
# Where a is not a number, these leave it so.
larger = _binary(lambda builder, a, b: builder.select(builder.fcmp_ordered("<", a, b), b, a))
smaller = _binary(lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, b), b, a))


def _write_as(symbol, function):
    @overload(symbol, inline="always")
    def _(a, b):
        return (lambda a, b: function(a, b)) if isinstance(a, Row) and isinstance(b, Row) else None


_write_as(operator.add, plus)
_write_as(operator.sub, minus)
_write_as(operator.mul, times)
_write_as(operator.truediv, over)


def _reduction(name, *start):
    @intrinsic
    def function(_, row):
        def build(context, builder, signature, arguments):
            kind = ir.FunctionType(ir.DoubleType(), [ir.DoubleType()] * len(start) + [FLOATS])
            called = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.{name}.v{LANES}f64")
            given = [ir.Constant(ir.DoubleType(), number) for number in start]
            return builder.call(called, [*given, *arguments], fastmath=["reassoc"])

        return types.float64(ROW), build

    return function


total, largest = _reduction("fadd", -0.0), _reduction("fmax")  # added up pairwise


@intrinsic
def power_of_two(_, shifted):
    """Return 2ⁿ, where `shifted` is n + SHIFT for whole n from −1022 to 1023."""

    def build(context, builder, signature, arguments):
        def each(number):
            return ir.Constant(INTEGERS, [number] * LANES)

        # The last bits of n + SHIFT are n; the bits of a float64 from the 52nd on are its exponent + 1023.
        bits = builder.add(builder.bitcast(arguments[0], INTEGERS), each(1023))
        return builder.bitcast(builder.shl(bits, each(52)), FLOATS)

    return ROW(ROW), build


# The network.

SHIFT = 1.5 * 2.0**52  # x + SHIFT is x rounded to a whole number, + SHIFT
LN_2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # their sum is ln 2; n times the first is exact
SERIES = tuple(1 / factorial(k) for k in range(13, -1, -1))  # of exp


@njit(cache=True)
def exp(x):  # pragma: no cover - compiled
    """Return eˣ = (2ⁿ eʳ)² of a row, with |r| ≤ ln 2 / 2, to 4 units in the last place; the square reaches 0 and ∞."""
    half = smaller(larger(x * same(0.5), same(-700.0)), same(700.0))
    shifted = half * same(1 / np.log(2)) + same(SHIFT)
    n = shifted - same(SHIFT)
    r = half - n * same(LN_2[0]) - n * same(LN_2[1])
    power = same(0.0)
    for coefficient in SERIES:
        power = power * r + same(coefficient)
    root = power * power_of_two(shifted)
    return root * root


@njit(cache=True)
def _sigmoid(u, clip):  # pragma: no cover - compiled
    """Return σ(u) of a row, as `network.sigmoid` does."""
    return same(1.0) / (same(1.0) + exp(same(0.0) - smaller(larger(u, same(-clip)), same(clip))))


@njit(cache=True)
def _layer(z_in, W, n_out, u):  # pragma: no cover - compiled
    """Put z_in Wᵀ into the first entries of u."""
    width = W.shape[1]
    for j in range(n_out):
        product = same(0.0)
        for k in range(0, width, LANES):
            product = product + load(z_in, k) * load(W, j * width + k)
        u[j] = total(product)


@njit(cache=True)
def _back(z, W, step, n_out, sigmoid_derivative, step_before):  # pragma: no cover - compiled
    """Put (step W) ∘ σ′ into step_before, the layer's inputs being z = σ, and take stepᵀ z off W."""
    width = W.shape[1]
    for k in range(0, width, LANES):
        before, inputs = same(0.0), load(z, k)
        for j in range(n_out):
            w, d = load(W, j * width + k), same(step[j])
            before = before + d * w
            store(W, j * width + k, w - d * inputs)
        if sigmoid_derivative:
            before = before * (inputs * (same(1.0) - inputs))
        store(step_before, k, before)


@njit(cache=True)
def _subtract(step, b):  # pragma: no cover - compiled
    """Take step off b."""
    for j in range(0, b.shape[1], LANES):
        store(b, j, load(b, j) - load(step, j))


@njit(cache=True)
def _run(p, x, labels, classes, how, learn, z1, step1, work):  # pragma: no cover - compiled
    """Go through all images; return (number classified right, sum of the cross-entropies in nats).

    p: (W1, b1, W2, b2, W3, b3), widened to whole rows; classes: a row for each class, 1 in its own place; z1, step1:
    space for a row of the first layer's width for each image of a block; work: for five rows of the widest layer.
    """
    W1, b1, W2, b2, W3, b3 = p
    n2, n3, width1, width2 = len(W2), len(W3), W1.shape[1], W3.shape[1]
    z2, u3, y_hat, step2, step3 = work
    rate = how.learning_rate * how.rate_factor
    scaled = np.arange(256) * how.pixel_scale
    square, same_bias = how.pixel_scale**2, 1.0 if how.biases_move else 0.0
    size, right, loss = len(z1), 0, 0.0
    for block in range(len(x.gram)):
        first = block * size
        count = min(size, len(labels) - first)
        for i in range(0, count, 2):
            pair = (first + i) // 2
            for j in range(0, width1, LANES):
                u = v = load(b1, j)
                for e in range(x.start[pair], x.start[pair + 1]):
                    w = load(W1, x.pixel[e] * width1 + j)
                    u = u + same(scaled[x.value[e, 0]]) * w
                    v = v + same(scaled[x.value[e, 1]]) * w
                store(z1, i * width1 + j, u)
                store(z1, (i + 1) * width1 + j, v)

        for i in range(count):
            for j in range(i * width1, (i + 1) * width1, LANES):
                u = load(z1, j)
                if learn:
                    for a in range(i):
                        product = x.gram[block, i, a] * square + same_bias
                        u = u - same(product) * load(step1, j - (i - a) * width1)
                store(z1, j, _sigmoid(u, how.clip))
            _layer(z1[i], W2, n2, z2)
            for j in range(0, width2, LANES):
                store(z2, j, _sigmoid(load(z2, j) + load(b2, j), how.clip))
            _layer(z2, W3, n3, u3)
            u = load(u3, 0) + load(b3, 0)
            e = exp(u - same(largest(u)))
            y = e / same(total(e))
            if not learn:
                store(y_hat, 0, y)
                right += np.argmax(y_hat[:n3]) == labels[first + i]
                loss -= np.log(y_hat[labels[first + i]])
                continue

            # `step` is η du, what the bias of that layer goes down by.
            step = same(rate * how.output_error_sign) * (y - load(classes, labels[first + i] * LANES))
            if how.squared_error:
                step = y * (step - same(total(y * step)))
            store(step3, 0, step)
            _back(z2, W3, step3, n3, how.sigmoid_derivative, step2)
            _back(z1[i], W2, step2, n2, how.sigmoid_derivative, step1[i])
            if how.biases_move:
                _subtract(step3, b3)
                _subtract(step2, b2)
        if not learn:
            continue

        for used in range(x.used[block], x.used[block + 1]):
            for j in range(0, width1, LANES):
                at = x.used_pixel[used] * width1 + j
                w = load(W1, at)
                for e in range(x.used_start[used], x.used_start[used + 1]):
                    w = w - same(scaled[x.used_value[e]]) * load(step1, x.used_image[e] * width1 + j)
                store(W1, at, w)
        if how.biases_move:
            for i in range(count):
                _subtract(step1[i], b1)
    return right, loss


# What the steps call.


def _widened(array: np.ndarray) -> np.ndarray:
    """Copy a matrix, with columns of zeros up to whole rows, to where rows begin at a cache line's beginning."""
    rows, columns = array.shape[0], -(-array.shape[1] // LANES) * LANES
    memory = np.zeros(rows * columns + 8)
    wide = memory[-memory.ctypes.data % 64 // 8 :][: rows * columns].reshape(rows, columns)
    wide[:, : array.shape[1]] = array
    return wide


def _all(p: Parameters, x: Blocks, labels: np.ndarray, how: Procedure, learn: bool) -> tuple[int, float]:
    outputs = p.b3.size
    if how.clip < 40:
        raise ValueError(f"the clip is {how.clip:g}: below 40, what fills up a layer would show")
    if outputs > LANES:
        raise ValueError(f"{outputs} classes: at most {LANES} can be told apart")
    if len(labels) != x.count or np.min(labels) < 0 or np.max(labels) >= outputs:
        raise ValueError(f"{x.count} images need as many labels, from 0 to {outputs - 1}")
    if x.used_pixel.max(initial=0) >= len(p.W1):
        raise ValueError(f"the images have more pixels than the {len(p.W1)} of the network")
    p = p._replace(W2=p.W2.T, W3=p.W3.T)
    wide = Parameters(*map(_widened, p))
    for b, narrow in ((wide.b1, p.b1), (wide.b2, p.b2), (wide.b3, p.b3)):
        b[:, narrow.size :] = -np.inf
    z1, step1 = (_widened(np.zeros((x.gram.shape[1], p.b1.size))) for _ in range(2))
    work = _widened(np.zeros((5, max(p.b1.size, p.b2.size, outputs))))
    labels = np.array(labels, dtype=np.uint8)
    ordered = (wide.W1, wide.b1, wide.W2, wide.b2, wide.W3, wide.b3)
    right, loss = _run(ordered, x, labels, _widened(np.eye(outputs)), how, learn, z1, step1, work)
    for narrow, trained in zip(p, wide, strict=True):
        narrow[:] = trained[:, : narrow.shape[1]]
    return right, loss / len(labels)


def train(p: Parameters, x: Blocks, labels: np.ndarray, how: Procedure) -> None:
    """Take one step, in place, per image of x with its label (n,); at most 32 classes."""
    _all(p, x, labels, how, True)


def judge(p: Parameters, x: Blocks, labels: np.ndarray, how: Procedure) -> tuple[int, float]:
    """Return (number classified right, mean cross-entropy in nats) over all images of x with labels (n,)."""
    return _all(p, x, labels, how, False)
