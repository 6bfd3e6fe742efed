"""The problems whose answer is a derivative or a minimiser, as formulas in the language that answers are written in.

An objective is written once and runs in four ways: in index notation (to derive it for all sizes), on numpy arrays of
SymPy symbols (to show it in components), on mpmath numbers (to difference), on PyTorch tensors (to let autograd
differentiate). A problem names its free variables with their shapes; `defined` adds what follows from them, such as the
activations of a network. `formula` is the answer that the steps prove against the derivative.

The network of M5, with row vectors: u1 = a W1 + b1, z1 = σ(u1), u2 = z1 W2 + b2, z2 = σ(u2), u3 = z2 W3 + b3,
ŷ = softmax(u3), L = −Σ y log ŷ. Its pre-activations are taken as the free variables and its biases follow
(b2 = u2 − z1 W2): any values of one are values of the other, and no exponential is ever nested in another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import sympy

from scripts.formulas.evaluate import Arithmetic, evaluate
from scripts.formulas.read import read
from scripts.formulas.tokens import Vocabulary
from scripts.formulas.tree import Node, Shape


@dataclass(frozen=True)
class Problem:
    """An objective L, the variable `wrt`, and what is asked: L's derivative in it, or L's minimiser.

    shapes: the free variables, each with the names of its axes ("n") or fixed lengths (1).
    sizes: the axis lengths for which the answer is worked out in components; the first is the one to show.
    defined: names that follow from the free variables, as formulas; they stay fixed while `wrt` moves.
    objective, formula: the number L, and the answer in the shape of `wrt`; `latex` writes it, `objective_latex` L.
    given: the names that an answer may use; others exist but follow from the answer or would be circular.
    sums_to_one: a variable whose last axis sums to 1, such as one-hot labels.
    called: what the objective may be called on a left-hand side; by: other names of `wrt` there.
    row_or_column: whether the question leaves open if a vector is to be written as a row or as a column.
    note: what a reader has to be told about the notation or about exceptions.
    """

    id: str
    shapes: Mapping[str, Shape]
    sizes: tuple[dict[str, int], ...]
    objective: str
    wrt: str
    formula: str
    objective_latex: str
    latex: str
    given: tuple[str, ...]
    defined: Mapping[str, str] = field(default_factory=dict)
    asked: str = "derivative"
    note: str = ""
    sums_to_one: str = ""
    row_or_column: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    applied: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    by: tuple[str, ...] = ()
    doubtful: Mapping[str, str] = field(default_factory=dict)  # aliases that may as well stand for another name
    lengths: Mapping[str, str] = field(default_factory=dict)  # axes by how their lengths are written besides
    without: tuple[str, ...] = ()  # functions that an answer may not use

    @cached_property
    def axes(self) -> frozenset[str]:
        return frozenset(axis for shape in self.shapes.values() for axis in shape if axis != 1)

    @cached_property
    def _all(self) -> Vocabulary:
        """Every name with its shape, the defined ones included."""
        shapes = dict(self.shapes)
        for name, text in self.defined.items():
            (node,) = read(text, Vocabulary(shapes, self.axes))
            shapes[name] = node.shape
        return Vocabulary(shapes, self.axes)

    @cached_property
    def definitions(self) -> dict[str, Node]:
        return {name: read(text, self._all)[0] for name, text in self.defined.items()}

    @cached_property
    def trees(self) -> dict[str, Node]:
        """The objective and the formula, read."""
        return {"objective": read(self.objective, self._all)[0], "formula": read(self.formula, self._all)[0]}

    @cached_property
    def shape(self) -> Shape:
        """The shape of `wrt`, and so of the answer."""
        return self._all.names[self.wrt]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What an answer may be written in."""
        names = self._all.names
        asked = f"{{}} is what the question asks for, or follows from it; use only {', '.join(self.given)}"
        closed = {name: asked.format(name) for name in [*names, *self.without] if name not in self.given}
        by = {self.wrt, *self.by, *(word for word, name in self.aliases.items() if name == self.wrt)}
        return Vocabulary(
            {name: names[name] for name in self.given},
            self.axes,
            self.aliases,
            self.applied,
            closed,
            self.lengths,
            frozenset(by),
            self.called,
        )

    def arrays(self, dims: dict[str, int], make: Callable[[str, tuple[int, ...]], object]) -> dict[str, np.ndarray]:
        """Return the free variables as object arrays of what `make(name, index)` gives for each entry."""
        result = {}
        for name, axes in self.shapes.items():
            shape = tuple(dims.get(axis, axis) for axis in axes)
            result[name] = np.empty(shape, dtype=object)
            for index in np.ndindex(shape):
                result[name][index] = make(name, index)
        return result

    def complete(self, arrays: Mapping[str, object], dims: dict[str, int], arithmetic: Arithmetic) -> dict[str, object]:
        """Return `arrays` together with the names that follow from them."""
        names = self.on_demand(arrays, dims, arithmetic)
        return {name: names[name] for name in [*arrays, *self.definitions]}

    def on_demand(self, arrays: Mapping[str, object], dims: dict[str, int], arithmetic: Arithmetic) -> "OnDemand":
        """Return the same names, each worked out when it is first asked for."""
        names = OnDemand(arrays)
        names.missing = lambda name: evaluate(self.definitions[name], names, dims, arithmetic)
        if self.sums_to_one:
            # Its last entry is one minus the others: one-hot labels and all other distributions.
            names[self.sums_to_one] = y = names[self.sums_to_one].copy()
            y[..., -1] = 1 - y[..., :-1].sum()
        return names

    def value(self, what: str, names: Mapping[str, object], dims: dict[str, int], arithmetic: Arithmetic):
        """Return the "objective", a number, or the "formula", in the shape of `wrt`, from the complete names."""
        value = evaluate(self.trees[what], names, dims, arithmetic)
        return value if what == "formula" else value.sum() if hasattr(value, "sum") else value


class OnDemand(dict):
    """Arrays by name; `missing` makes those that are not there yet."""

    missing: Callable[[str], object]

    def __missing__(self, name: str) -> object:
        self[name] = value = self.missing(name)
        return value


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


LOSSES = frozenset({"L", "l", "ell", "J", "E", "C", "loss", "Loss", "cost", "Cost"})

# M5

NETWORK = {
    "z1": "sigmoid(u1)",
    "z2": "sigmoid(u2)",
    "yhat": "softmax(u3)",
    "b1": "u1 - a @ W1",
    "b2": "u2 - z1 @ W2",
    "b3": "u3 - z2 @ W3",
    "du3": "yhat - y",
    "du2": "(du3 @ W3.T) * z2 * (1 - z2)",
    "du1": "(du2 @ W2.T) * z1 * (1 - z1)",
}
FORWARD = ("a", "u1", "u2", "u3", "z1", "z2", "y", "yhat", "W1", "W2", "W3")


def loss_above(layer: int, u: str) -> str:
    """Return the loss as a function of the pre-activation u of `layer` and of the parameters above it."""
    for above in range(layer + 1, 4):
        u = f"(sigmoid({u}) @ W{above} + b{above})"
    return f"-np.sum(y * log(softmax({u})))"


def network_problem(wrt: str, formula: str, latex: str, known: tuple[str, ...]) -> Problem:
    """Return the problem dL/d`wrt` for W1 … W3, b1 … b3 or u1 … u3 of the network; `known` du may be used."""
    kind, layer = wrt[0], int(wrt[1])
    below = ("a", "z1", "z2")[layer - 1]
    return Problem(
        id=f"m5-d{wrt.lower()}",
        shapes={
            "a": (1, "n0"),
            **{f"W{i}": (f"n{i - 1}", f"n{i}") for i in (1, 2, 3)},
            **{f"u{i}": (1, f"n{i}") for i in (1, 2, 3)},
            "y": (1, "n3"),
        },
        sizes=grid(n0=(2, 1), n1=(2, 2), n2=(2, 1), n3=(2, 3)),
        objective=loss_above(layer, wrt if kind == "u" else f"{below} @ W{layer} + b{layer}"),
        wrt=wrt,
        called=LOSSES,
        formula=formula,
        objective_latex=r"L = -\sum_k y_k \log \operatorname{softmax}(u_3)_k",
        latex=latex,
        given=(*FORWARD, *known),
        defined=NETWORK,
        aliases={f"delta{i}": f"du{i}" for i in (1, 2, 3)} | ({"du": f"du{layer}"} if kind == "b" else {}),
        sums_to_one="y",
        lengths={"10": "n3", "K": "n3", "C": "n3"},
        note="du is the derivative in the pre-activation u, and s′(u) = z (1 − z).",
    )


PROBLEMS = {
    problem.id: problem
    for problem in (
        Problem(
            id="p1a",
            shapes={"x": ("d",)},
            sizes=grid(d=(3, 1, 2, 5)),
            objective="np.sum(x**2)",
            called=LOSSES | {"f", "F", "g", "h"},
            wrt="x",
            formula="2*x",
            objective_latex=r"f(x) = \lVert x \rVert_2^2 = \sum_j x_j^2",
            latex=r"\nabla f(x) = 2x",
            given=("x",),
            row_or_column=True,
        ),
        Problem(
            id="p1b-gradient",
            shapes={"x": ("n", "d"), "mu": ("d",)},
            sizes=grid(n=(3, 1, 2, 4), d=(2, 1, 3, 1)),
            objective="np.sum((x - mu)**2)",
            called=LOSSES | {"D", "f", "F", "S", "SSE"},
            by=("m", "c"),
            wrt="mu",
            formula="-2*sum(x - mu)",
            objective_latex=r"D(\mu) = \sum_i \lVert x_i - \mu \rVert_2^2",
            latex=r"\frac{dD}{d\mu} = -2 \sum_i (x_i - \mu)",
            given=("x", "mu"),
            row_or_column=True,
        ),
        Problem(
            id="p1b-minimiser",
            shapes={"x": ("n", "d"), "mu": ("d",)},
            sizes=grid(n=(3, 1, 2, 4), d=(2, 1, 3, 1)),
            objective="np.sum((x - mu)**2)",
            called=LOSSES | {"D", "f", "F", "S", "SSE"},
            wrt="mu",
            formula="sum(x)/n",
            objective_latex=r"D(\mu) = \sum_i \lVert x_i - \mu \rVert_2^2",
            latex=r"\mu^* = \frac{1}{n} \sum_i x_i",
            given=("x",),
            asked="minimiser",
            row_or_column=True,
        ),
        Problem(
            id="p2b",
            shapes={"X": ("n", "d"), "W": ("d", 1), "Y": ("n", 1)},
            sizes=grid(n=(2, 1, 3), d=(2, 1, 2)),
            objective="np.sum(abs(X @ W - Y))",
            called=LOSSES | {"f", "F", "R"},
            wrt="W",
            formula="X.T @ sign(X @ W - Y)",
            objective_latex=r"L(W) = \lVert XW - Y \rVert_1 = \sum_i \lvert \hat y_i - y_i \rvert",
            latex=r"\nabla L(W) = X^\top \operatorname{sign}(XW - Y)",
            given=("X", "W", "Y", "yhat"),
            defined={"yhat": "X @ W"},
            aliases={"x": "X", "w": "W", "y": "Y", "Yhat": "yhat"},
            row_or_column=True,
            note="Where a residual is 0, L has no derivative: sign(0) is taken as 0, but any value in [−1, 1] will do.",
        ),
        Problem(
            id="p3b",
            shapes={"y": ("n",), "f": ("n",), "df": ("n", "p")},
            sizes=grid(n=(2, 1, 3), p=(2, 3, 2)),
            # In a step δ of θ, to first order, which a derivative sees: any f(x_i, θ + δ) is f_i + ∇f_i · δ.
            objective="sum((y - f - df @ delta)**2)",
            called=LOSSES | {"S", "SSE", "D", "R"},
            by=("theta", "w", "W"),
            wrt="delta",
            formula="-2*(y - f) @ df",
            objective_latex=r"L(\theta) = \sum_i (y_i - f(x_i, \theta))^2",
            latex=r"\nabla L(\theta) = -2 \sum_i (y_i - f(x_i, \theta)) \nabla f(x_i, \theta)",
            given=("y", "f", "df"),
            defined={"delta": "0*sum(df)"},
            aliases={"yhat": "f"},
            applied=frozenset({"f", "df"}),
            row_or_column=True,
            note="f_i and the row df_i stand for f(x_i, θ) and ∇f(x_i, θ); δ is a step of θ, taken at δ = 0.",
        ),
        Problem(
            id="sigmoid",
            shapes={"u": (1,)},
            sizes=({},),
            objective="sum(sigmoid(u))",
            called=frozenset({"s", "sigma", "sigmoid", "f", "g", "h", "phi"}),
            by=("t",),
            wrt="u",
            formula="s*(1 - s)",
            objective_latex=r"s(u) = \frac{1}{1 + e^{-u}}",
            latex=r"s'(u) = s(u) (1 - s(u))",
            given=("u", "s"),
            defined={"s": "sigmoid(u)"},
            aliases={"σ": "s", "sigma": "s", "x": "u", "z": "u"},
            doubtful={"z": "s"},
            without=("ds",),
        ),
        Problem(
            id="softmax-cross-entropy",
            shapes={"u": (1, "k"), "y": (1, "k")},
            sizes=grid(k=(3, 2, 4)),
            objective="-np.sum(y * log(softmax(u)))",
            called=LOSSES,
            wrt="u",
            formula="yhat - y",
            objective_latex=r"L(u) = -\sum_k y_k \log \operatorname{softmax}(u)_k, \quad \sum_k y_k = 1",
            latex=r"\frac{\partial L}{\partial u} = \hat y - y",
            given=("u", "y", "yhat"),
            defined={"yhat": "softmax(u)"},
            sums_to_one="y",
        ),
        network_problem("u3", "yhat - y", r"du_3 = \hat y - y", ()),
        network_problem("W3", "z2.T @ du3", r"dW_3 = z_2^\top du_3", ("du3",)),
        network_problem("b3", "du3", r"db_3 = du_3", ("du3",)),
        network_problem("u2", "(du3 @ W3.T) * z2 * (1 - z2)", r"du_2 = (du_3 W_3^\top) \odot s'(u_2)", ("du3",)),
        network_problem("W2", "z1.T @ du2", r"dW_2 = z_1^\top du_2", ("du3", "du2")),
        network_problem("b2", "du2", r"db_2 = du_2", ("du3", "du2")),
        network_problem("u1", "(du2 @ W2.T) * z1 * (1 - z1)", r"du_1 = (du_2 W_2^\top) \odot s'(u_1)", ("du3", "du2")),
        network_problem("W1", "a.T @ du1", r"dW_1 = a^\top du_1", ("du3", "du2", "du1")),
        network_problem("b1", "du1", r"db_1 = du_1", ("du3", "du2", "du1")),
    )
}
