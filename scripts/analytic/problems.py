"""The problems whose answer is a derivative or a minimiser, each as an objective on arrays.

An objective is written once, with +, *, @, .T, .sum() and the few functions below, and runs in three arithmetics: on
numpy arrays of SymPy symbols (to derive), on arrays of mpmath numbers (to difference), on PyTorch tensors (to let
autograd differentiate). A problem names its free variables with their shapes; `names` adds what follows from
them, such as the activations of a network. `formula` is the answer that the steps prove against the derivative.

The network of M5, with row vectors: u1 = a W1 + b1, z1 = σ(u1), u2 = z1 W2 + b2, z2 = σ(u2), u3 = z2 W3 + b3,
ŷ = softmax(u3), L = −Σ y log ŷ. Its pre-activations are taken as the free variables and its biases follow
(b2 = u2 − z1 W2): any values of one are values of the other, and no exponential is ever nested in another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import mpmath
import numpy as np
import sympy


@dataclass(frozen=True)
class Functions:
    """The elementwise functions of one arithmetic."""

    exp: Callable
    log: Callable
    abs: Callable
    sign: Callable


def elementwise(library, **renamed: str) -> Functions:
    """Return `library`'s scalar functions, made to run over numpy arrays of objects."""
    names = ({name: name for name in Functions.__annotations__} | renamed).items()
    return Functions(**{name: np.frompyfunc(getattr(library, own), 1, 1) for name, own in names})


SYMPY = elementwise(sympy, abs="Abs")
MPMATH = elementwise(mpmath, abs="fabs")


@dataclass(frozen=True)
class Problem:
    """An objective L, the variable `wrt`, and what is asked: L's derivative in it, or L's minimiser.

    shapes: the free variables, each with the names of its axes ("n") or fixed lengths (1).
    sizes: the axis lengths for which the answer is worked out; the first is the one to show.
    objective(v, m): the number L; v holds variables and names by attribute, m is a Functions.
    formula(v, m): the answer, in the shape of `wrt`; `latex` writes it, and `objective_latex` the objective.
    note: what a reader has to be told about the notation or about exceptions.
    names(v, m): further names, as a dict; they may replace a free variable (y below is made to sum to 1).
    """

    id: str
    shapes: dict[str, tuple[str | int, ...]]
    sizes: tuple[dict[str, int], ...]
    objective: Callable
    wrt: str
    formula: Callable
    objective_latex: str
    latex: str
    names: Callable = lambda v, m: {}
    asked: str = "derivative"
    note: str = ""

    def arrays(self, dims: dict[str, int], make: Callable[[str, tuple[int, ...]], object]) -> dict[str, np.ndarray]:
        """Return the free variables as object arrays of what `make(name, index)` gives for each entry."""
        result = {}
        for name, axes in self.shapes.items():
            shape = tuple(dims.get(axis, axis) for axis in axes)
            result[name] = np.empty(shape, dtype=object)
            for index in np.ndindex(shape):
                result[name][index] = make(name, index)
        return result

    def complete(self, arrays: dict[str, np.ndarray], functions: Functions) -> dict[str, np.ndarray]:
        """Return `arrays` together with the names that follow from them."""
        return arrays | self.names(SimpleNamespace(**arrays), functions)


def symbol(name: str, index: tuple[int, ...]) -> sympy.Symbol:
    """Return the real scalar that stands for one entry of a variable: W at (0, 1) is W_0_1."""
    return sympy.Symbol("_".join([name, *map(str, index)]), real=True)


def symbols(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return an object array of `symbol`s."""
    result = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        result[index] = symbol(name, index)
    return result


def grid(**axes: tuple[int, ...]) -> tuple[dict[str, int], ...]:
    """Return sizes from columns: grid(n=(1, 2), d=(3, 4)) is n=1, d=3 and n=2, d=4."""
    return tuple(dict(zip(axes, row, strict=True)) for row in zip(*axes.values(), strict=True))


# P1 to P3


def squared_distances(v, m):
    """D(μ) = Σ_i ‖x_i − μ‖², x of shape n × d."""
    return ((v.x - v.mu) ** 2).sum()


def absolute_errors(v, m):
    """L(W) = ‖XW − Y‖₁."""
    return m.abs(v.X @ v.W - v.Y).sum()


def squared_errors(v, m):
    """L = Σ (y_i − f_i − ∇f_i · δ)² in a step δ of θ: to first order, which a derivative sees, any f(x_i, θ + δ)."""
    return ((v.y - v.f - v.df @ v.delta) ** 2).sum()


# M2 and M5


def sigmoid(u, m):
    return 1 / (1 + m.exp(-u))


def softmax(u, m):
    return m.exp(u) / m.exp(u).sum()


def cross_entropy(u, y, m):
    return -(y * m.log(softmax(u, m))).sum()


def summing_to_one(y):
    """Return y with its last entry replaced by one minus the others: one-hot labels and all other distributions."""
    y = y.copy()
    y[..., -1] = 1 - y[..., :-1].sum()
    return y


def loss_above(layer: int, u, v, m):
    """Return the loss as a function of the pre-activation u of `layer` and of the parameters above it."""
    for above in range(layer + 1, 4):
        u = sigmoid(u, m) @ getattr(v, f"W{above}") + getattr(v, f"b{above}")
    return cross_entropy(u, v.y, m)


def network_names(v, m) -> dict[str, np.ndarray]:
    """Return activations, biases and the backpropagated du of the network from a, the W, the u and y."""
    z1, z2, yhat, y = sigmoid(v.u1, m), sigmoid(v.u2, m), softmax(v.u3, m), summing_to_one(v.y)
    du3 = yhat - y
    du2 = (du3 @ v.W3.T) * z2 * (1 - z2)
    du1 = (du2 @ v.W2.T) * z1 * (1 - z1)
    biases = {"b1": v.u1 - v.a @ v.W1, "b2": v.u2 - z1 @ v.W2, "b3": v.u3 - z2 @ v.W3}
    return {"z1": z1, "z2": z2, "yhat": yhat, "y": y, "du3": du3, "du2": du2, "du1": du1, **biases}


def network_problem(wrt: str, formula: Callable, latex: str) -> Problem:
    """Return the problem dL/d`wrt` for W1 … W3, b1 … b3 or u1 … u3 of the network."""
    kind, layer = wrt[0], int(wrt[1])
    below = ("a", "z1", "z2")[layer - 1]

    def objective(v, m):
        u = v.__dict__[wrt] if kind == "u" else getattr(v, below) @ getattr(v, f"W{layer}") + getattr(v, f"b{layer}")
        return loss_above(layer, u, v, m)

    return Problem(
        id=f"m5-d{wrt.lower()}",
        shapes={
            "a": (1, "n0"),
            **{f"W{i}": (f"n{i - 1}", f"n{i}") for i in (1, 2, 3)},
            **{f"u{i}": (1, f"n{i}") for i in (1, 2, 3)},
            "y": (1, "n3"),
        },
        sizes=grid(n0=(2, 1), n1=(2, 2), n2=(2, 1), n3=(2, 3)),
        objective=objective,
        wrt=wrt,
        formula=formula,
        objective_latex=r"L = -\sum_k y_k \log \operatorname{softmax}(u_3)_k",
        latex=latex,
        names=network_names,
        note="du is the derivative in the pre-activation u, and s′(u) = z (1 − z).",
    )


PROBLEMS = {
    problem.id: problem
    for problem in (
        Problem(
            id="p1a",
            shapes={"x": ("d",)},
            sizes=grid(d=(3, 1, 2, 5)),
            objective=lambda v, m: (v.x**2).sum(),
            wrt="x",
            formula=lambda v, m: 2 * v.x,
            objective_latex=r"f(x) = \lVert x \rVert_2^2 = \sum_j x_j^2",
            latex=r"\nabla f(x) = 2x",
        ),
        Problem(
            id="p1b-gradient",
            shapes={"x": ("n", "d"), "mu": ("d",)},
            sizes=grid(n=(3, 1, 2, 4), d=(2, 1, 3, 1)),
            objective=squared_distances,
            wrt="mu",
            formula=lambda v, m: -2 * (v.x - v.mu).sum(axis=0),
            objective_latex=r"D(\mu) = \sum_i \lVert x_i - \mu \rVert_2^2",
            latex=r"\frac{dD}{d\mu} = -2 \sum_i (x_i - \mu)",
        ),
        Problem(
            id="p1b-minimiser",
            shapes={"x": ("n", "d"), "mu": ("d",)},
            sizes=grid(n=(3, 1, 2, 4), d=(2, 1, 3, 1)),
            objective=squared_distances,
            wrt="mu",
            formula=lambda v, m: v.x.sum(axis=0) / len(v.x),
            objective_latex=r"D(\mu) = \sum_i \lVert x_i - \mu \rVert_2^2",
            latex=r"\mu^* = \frac{1}{n} \sum_i x_i",
            asked="minimiser",
        ),
        Problem(
            id="p2b",
            shapes={"X": ("n", "d"), "W": ("d", 1), "Y": ("n", 1)},
            sizes=grid(n=(2, 1, 3), d=(2, 1, 2)),
            objective=absolute_errors,
            wrt="W",
            formula=lambda v, m: v.X.T @ m.sign(v.X @ v.W - v.Y),
            objective_latex=r"L(W) = \lVert XW - Y \rVert_1 = \sum_i \lvert \hat y_i - y_i \rvert",
            latex=r"\nabla L(W) = X^\top \operatorname{sign}(XW - Y)",
            note="Where a residual is 0, L has no derivative: sign(0) is taken as 0, but any value in [−1, 1] will do.",
        ),
        Problem(
            id="p3b",
            shapes={"y": ("n",), "f": ("n",), "df": ("n", "p")},
            sizes=grid(n=(2, 1, 3), p=(2, 3, 2)),
            objective=squared_errors,
            wrt="delta",
            formula=lambda v, m: -2 * (v.y - v.f) @ v.df,
            objective_latex=r"L(\theta) = \sum_i (y_i - f(x_i, \theta))^2",
            latex=r"\nabla L(\theta) = -2 \sum_i (y_i - f(x_i, \theta)) \nabla f(x_i, \theta)",
            names=lambda v, m: {"delta": v.df[0] * 0},
            note="f_i and the row df_i stand for f(x_i, θ) and ∇f(x_i, θ); δ is a step of θ, taken at δ = 0.",
        ),
        Problem(
            id="sigmoid",
            shapes={"u": ("d",)},
            sizes=grid(d=(1, 3)),
            objective=lambda v, m: sigmoid(v.u, m).sum(),
            wrt="u",
            formula=lambda v, m: v.s * (1 - v.s),
            objective_latex=r"s(u) = \frac{1}{1 + e^{-u}}",
            latex=r"s'(u) = s(u) (1 - s(u))",
            names=lambda v, m: {"s": sigmoid(v.u, m)},
        ),
        Problem(
            id="softmax-cross-entropy",
            shapes={"u": (1, "k"), "y": (1, "k")},
            sizes=grid(k=(3, 2, 4)),
            objective=lambda v, m: cross_entropy(v.u, v.y, m),
            wrt="u",
            formula=lambda v, m: v.yhat - v.y,
            objective_latex=r"L(u) = -\sum_k y_k \log \operatorname{softmax}(u)_k, \quad \sum_k y_k = 1",
            latex=r"\frac{\partial L}{\partial u} = \hat y - y",
            names=lambda v, m: {"y": summing_to_one(v.y), "yhat": softmax(v.u, m)},
        ),
        network_problem("u3", lambda v, m: v.yhat - v.y, r"du_3 = \hat y - y"),
        network_problem("W3", lambda v, m: v.z2.T @ v.du3, r"dW_3 = z_2^\top du_3"),
        network_problem("b3", lambda v, m: v.du3, r"db_3 = du_3"),
        network_problem(
            "u2", lambda v, m: (v.du3 @ v.W3.T) * v.z2 * (1 - v.z2), r"du_2 = (du_3 W_3^\top) \odot s'(u_2)"
        ),
        network_problem("W2", lambda v, m: v.z1.T @ v.du2, r"dW_2 = z_1^\top du_2"),
        network_problem("b2", lambda v, m: v.du2, r"db_2 = du_2"),
        network_problem(
            "u1", lambda v, m: (v.du2 @ v.W2.T) * v.z1 * (1 - v.z1), r"du_1 = (du_2 W_2^\top) \odot s'(u_1)"
        ),
        network_problem("W1", lambda v, m: v.a.T @ v.du1, r"dW_1 = a^\top du_1"),
        network_problem("b1", lambda v, m: v.du1, r"db_1 = du_1"),
    )
}
