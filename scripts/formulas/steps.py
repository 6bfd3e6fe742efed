"""Lay a derivation out for a reader: the function, what its names mean, components, the answer, why it is a minimum."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import sympy

from scripts.formulas.evaluate import SYMPY
from scripts.formulas.from_normal import tree
from scripts.formulas.gradient import gradient
from scripts.formulas.normal import free
from scripts.formulas.problem import Problem, symbols
from scripts.formulas.question import names_in
from scripts.formulas.typeset import latex, name

Derived = tuple[sympy.Expr, np.ndarray]  # an objective and its derivative or minimiser, in components
LONGEST = 400  # characters of LaTeX that are still worth showing
SHOWN = 4  # components of an answer that are still worth showing
SHORT = 60  # operations of what is worth factoring
LARGE = 20  # numbers in it


def mapped(function: Callable, array: np.ndarray) -> np.ndarray:
    """Return an object array of what a function gives for each entry; one without axes stays an array."""
    return np.asarray(np.frompyfunc(function, 1, 1)(array), dtype=object)


def steps(problem: Problem, dims: dict[str, int], derived: Derived | None) -> list[dict]:
    """Lay the derivation out for a reader: what is said, and the equation in LaTeX. Equations too long are left out."""
    lines = [("The function", problem.objective_latex)]
    lines += [("Where", r", \quad ".join(meant))] if (meant := _definitions(problem)) else []
    lines += _in_components(problem, dims, derived)
    lines.append(("For all components at once", problem.latex))
    if problem.asked == "minimiser":
        lines += _least(problem)
    return [{"say": say, "latex": line} for say, line in lines if len(line) <= LONGEST]


def _definitions(problem: Problem) -> list[str]:
    """Return the definitions that lead from the variable to the objective, and those of names in the answer."""
    used, behind = names_in(problem.trees["answer"]), set(names_in(problem.objective))
    behind |= {other for word in behind for other in problem.behind.get(word, ())}
    used |= {word for word in behind if problem.follows(word, problem.wrt)}
    found = [f"{name(word)} = {latex(node)}" for word, node in problem.forward.items() if word in used - {problem.wrt}]
    return found + [
        rf"{name(word)} = \frac{{\partial {problem.letter}}}{{\partial {name(variable)}}}"
        for word, variable in problem.derivatives.items()
        if word in used
    ]


def _in_components(problem: Problem, dims: dict[str, int], derived: Derived | None) -> Iterator[tuple[str, str]]:
    """Yield objective and answer in components, as SymPy derives it and by the formula, where they are short."""
    plain = {n: symbols(n, tuple(dims.get(axis, axis) for axis in shape)) for n, shape in problem.names.items()}
    written = {entry: written_symbol(n, i, a.shape) for n, a in plain.items() for i, entry in np.ndenumerate(a)}
    lengths = ", ".join(f"{axis} = {length}" for axis, length in dims.items())
    lengths = f", for {lengths}" if lengths else ""

    def components(answer: np.ndarray) -> list[str]:
        left = [written[entry] for entry in plain[problem.wrt].flat]
        if problem.asked == "derivative":
            left = [rf"\frac{{\partial {problem.letter}}}{{\partial {entry}}}" for entry in left]
        entries = np.broadcast_to(answer, plain[problem.wrt].shape).flat
        return [f"{one} = {sympy.latex(entry, symbol_names=written)}" for one, entry in zip(left, entries, strict=True)]

    if derived:
        yield f"The function in components{lengths}", sympy.latex(derived[0], symbol_names=written)
    if plain[problem.wrt].size > SHOWN:
        return
    shown = components(factored(derived[1])) if derived else []
    shown = shown if max(map(len, shown), default=0) <= LONGEST else []
    formula = components(problem.value("answer", plain, dims, SYMPY))
    yield from ((f"Its {problem.asked}, worked out", line) for line in shown)
    say = "The same by the formula" if shown else f"Its {problem.asked} in components{lengths}, by the formula"
    yield from ((say, line) for line in formula if line not in shown)


def factored(array: np.ndarray) -> np.ndarray:
    """Return the entries, each factored if that makes it shorter; long ones as they are."""

    def shorter(entry: sympy.Expr) -> sympy.Expr:
        numbers = [abs(value.p) for value in entry.atoms(sympy.Rational)]
        if entry.count_ops() > SHORT or max(numbers, default=0) > LARGE:  # exp(100 x) may become a 100th power
            return entry
        return min(entry, sympy.factor(entry), key=lambda form: len(str(form)))

    return mapped(shorter, array)


def _least(problem: Problem) -> list[tuple[str, str]]:
    """Say why the minimiser is the only one: the gradient vanishes there, and the square can be completed."""
    letter, variable = problem.letter, name(problem.wrt)
    slope = gradient(problem.trees["objective"], problem.wrt, problem.sums_to_one, problem.symmetric)
    return [
        ("There the derivative vanishes", rf"\frac{{\partial {letter}}}{{\partial {variable}}} = {latex(slope)} = 0"),
        ("The second derivative is positive", curvature(problem)),
        ("So every other value is larger, by a square that is completed for all sizes", completed(problem)),
    ]


def curvature(problem: Problem) -> str:
    """Return the second derivative of a minimiser's objective, in LaTeX."""
    variable = name(problem.wrt)
    left = rf"\frac{{\partial^2 {problem.letter}}}{{\partial {variable}^2}}"
    found = problem.truth.curvature
    if found.free:
        vector = latex(tree(found, free(problem.shape), problem.shape, problem.names))
        return rf"{left} = \operatorname{{diag}}\left({vector}\right)"
    return f"{left} = {latex(tree(found, (), (), problem.names))}" + (r" \, I" if problem.shape else "")


def completed(problem: Problem) -> str:
    """Return the completed square of a minimiser's objective, in LaTeX."""
    letter, variable = problem.letter, name(problem.wrt)
    off = rf"\left({variable} - {variable}^*\right)^2"
    half = problem.truth.curvature.times((), Fraction(1, 2))
    if half.free:
        vector = latex(tree(half, free(problem.shape), problem.shape, problem.names))
        square = rf"\sum {vector} \odot {off}"
    else:
        factor = "" if half.constant == 1 else rf"{latex(tree(half, (), (), problem.names))} \, "
        square = factor + (rf"\lVert {variable} - {variable}^* \rVert^2" if problem.shape else off)
    return rf"{letter}({variable}) - {letter}({variable}^*) = {square} \ge 0"


def written_symbol(word: str, index: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Return the LaTeX of one entry: counted from 1, axes of length 1 left out, (W_3)_{1,2} for numbered names."""
    shown = name(word)
    places = ",".join(str(i + 1) for i, length in zip(index, shape, strict=True) if length > 1)
    if not places:
        return shown if not shape else rf"{shown}_{{1}}" if "_" not in shown else shown
    return f"({shown})_{{{places}}}" if "_" in shown else f"{shown}_{{{places}}}"
