"""Index notation: a normal form in which two formulas can be proved equal for arrays of every size, and differentiated.

A formula's entry at given indices is a *polynomial*: a sum of coefficients times products of powers of *atoms*. Atoms
are entries of variables x[i], lengths of axes n, Kronecker deltas, exp, log and sign of a polynomial, a polynomial
under a power that is no whole number (1 / (1 + e^u)), and contractions Σ_ij x[i] A[i,j] y[j], whose indices run over
whole axes. No length is ever a number, so an equality found here holds for all of them.

Bound indices have no names in an atom's key, so that Σ_i x_i and Σ_j x_j are one atom. What is equal by more than the
distributive law is rewritten: e^a e^b = e^(a+b); sign is multiplicative, sign³ = sign, e sign(e)² = e; and each
denominator S is turned so far that no term holds S's leading monomial m beside it, by m/S = (1 − (S − m)/S). Two equal
polynomials may still differ in form; then `vanishes` clears denominators, and what remains is not proved, never wrong.

Dividing, log and roots ask for conditions (S ≠ 0, S > 0), which are collected for the caller to check.
After Laue, Mitterreiter and Giesen, "Computing Higher Order Derivatives of Matrix and Tensor Expressions" (2018).
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import count, permutations, product
from math import lcm, prod
from typing import NamedTuple

import sympy

TERMS = 2000  # of a polynomial
ORDERS = 5040  # ways to name the bound indices of one contraction
STEPS = 4000  # rewritings within one product
DEGREE, ATOMS, WORK = 40, 24, 20_000  # of a polynomial to be factored; WORK: terms times degree


class TooHard(Exception):
    """The formula is beyond what the normal form can hold."""


class Index(NamedTuple):
    """An index that runs over an axis; bound ones are numbered, free ones have names."""

    name: int | str
    axis: str


_numbers = count()


def fresh(axis: str) -> Index:
    """Return a new bound index over an axis."""
    return Index(next(_numbers), axis)


class Keyed:
    """What is equal where its key is, which `spell` writes."""

    __slots__ = ()

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return self.key == other.key

    def spelled(self, names: dict[Index, str]) -> str:
        """Return the key as a part of a contraction that names its indices. What does not depend on these is set apart,
        since it starts to count its own bound indices at 0 again: Σ_i f(x_i, Σ_j g(x_i, x_j)) is not
        Σ_i f(x_i, Σ_kj g(x_k, x_j))."""
        if self.free & names.keys():
            return self.spell(names)
        return f"{{{self.key}}}" if names else self.key


class Atom(Keyed):
    """A factor that is not taken apart. Equal atoms have equal keys.

    kind and args: variable (name, indices, traits: what is known of it, of "positive", "symmetric" and "sums_to_one",
    along the last axis); length (axis,); delta (i, j); exp, log, sign, base (polynomial,); max
    (index, polynomial); sum (indices, monomial).
    """

    __slots__ = ("args", "free", "key", "kind")

    def __init__(self, kind: str, *args):
        self.kind, self.args = kind, args
        match kind:
            case "variable":
                self.free = frozenset(args[1])
            case "length":
                self.free = frozenset()
            case "delta":
                self.free = frozenset(args)
            case "sum":
                self.free = frozenset().union(*(atom.free for atom, _ in args[1])) - set(args[0])
            case "max":
                self.free = args[1].free - {args[0]}
            case _:
                self.free = args[0].free
        self.key = self.spell({})

    def spell(self, names: dict[Index, str]) -> str:
        """Return the key, with these names for indices that an enclosing contraction binds."""

        def index(i: Index) -> str:
            return names.get(i) or f"{i.name}:{i.axis}"

        match self.kind:
            case "variable":
                name, indices, traits = self.args
                shown = [*map(index, indices)]
                shown = sorted(shown) if "symmetric" in traits else shown
                return f"{name}{''.join(sorted(trait[:2] for trait in traits))}[{','.join(shown)}]"
            case "length":
                return f"|{self.args[0]}|"
            case "delta":
                return f"δ[{','.join(sorted(map(index, self.args)))}]"
            case "max":
                bound = f"<{len(names)}{self.args[0].axis}>"
                return f"max({self.args[1].spelled(names | {self.args[0]: bound})})"
            case "sum":
                ways = (spelled(self.args[1], names | labels) for labels in _labels(self.args[0], len(names)))
                return f"Σ{len(self.args[0])}({min(ways)})"
        return f"{self.kind}({self.args[0].spelled(names)})"

    def renamed(self, to: dict[Index, Index]) -> "Atom":
        """Return the atom with its free indices renamed."""
        if not self.free & to.keys():
            return self
        match self.kind:
            case "variable":
                return Atom("variable", self.args[0], tuple(to.get(i, i) for i in self.args[1]), self.args[2])
            case "delta":
                return Atom("delta", *(to.get(i, i) for i in self.args))
            case "sum":
                return Atom("sum", self.args[0], tuple((atom.renamed(to), p) for atom, p in self.args[1]))
            case "max":
                return Atom("max", self.args[0], self.args[1].renamed(to))
        return Atom(self.kind, self.args[0].renamed(to))


def _labels(bound: tuple[Index, ...], depth: int) -> Iterable[dict[Index, str]]:
    """Yield every way to name bound indices, within each axis."""
    groups: dict[str, list[Index]] = {}
    for i in bound:
        groups.setdefault(i.axis, []).append(i)
    if prod(prod(range(1, len(group) + 1)) for group in groups.values()) > ORDERS:
        raise TooHard("too many indices in one sum")
    for orders in product(*(permutations(group) for group in groups.values())):
        yield {i: f"<{depth + k}{i.axis}>" for order in orders for k, i in enumerate(order)}


Monomial = tuple[tuple[Atom, Fraction], ...]  # sorted by key


def spelled(monomial: Monomial, names: dict[Index, str]) -> str:
    """Return the key of a monomial, with these names for indices that an enclosing contraction binds."""
    return "·".join(sorted(f"{atom.spelled(names)}^{power}" for atom, power in monomial))


class Polynomial(Keyed):
    """A sum of coefficients times monomials, in normal form."""

    def __init__(self, terms: dict[Monomial, Fraction]):
        if len(terms) > TERMS:
            raise TooHard("the formula has too many terms")
        self.terms = terms

    @cached_property
    def free(self) -> frozenset[Index]:
        return frozenset().union(*(atom.free for monomial in self.terms for atom, _ in monomial))

    @cached_property
    def key(self) -> str:
        return self.spell({})

    @cached_property
    def leading(self) -> tuple[Monomial, Fraction]:
        """The leading monomial that is not constant, and its coefficient; an empty one if there is none."""
        candidates = [m for m in self.terms if m and all(p > 0 for _, p in m)]
        if not candidates:
            return (), Fraction(0)
        lead = max(candidates, key=lambda m: (sum(p for _, p in m), spelled(m, {})))
        return lead, self.terms[lead]

    def spell(self, names: dict[Index, str]) -> str:
        return " + ".join(sorted(f"{c}·{spelled(monomial, names)}" for monomial, c in self.terms.items()))

    def renamed(self, to: dict[Index, Index]) -> "Polynomial":
        if not self.free & to.keys():
            return self
        return total(of(_merged((), ((a.renamed(to), p) for a, p in m)), c) for m, c in self.terms.items())

    def __add__(self, other: "Polynomial") -> "Polynomial":
        return total((self, other))

    def __neg__(self) -> "Polynomial":
        return Polynomial({monomial: -c for monomial, c in self.terms.items()})

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        return self + -other

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        if len(self.terms) * len(other.terms) > TERMS:
            raise TooHard("the formula has too many terms")
        return total(of(_merged(one, two), a * b) for one, a in self.terms.items() for two, b in other.terms.items())

    def times(self, monomial: Monomial, c: Fraction = Fraction(1)) -> "Polynomial":
        return self * Polynomial({monomial: c})

    @property
    def constant(self) -> Fraction | None:
        """The number that this is, None if it is none."""
        return self.terms.get((), Fraction(0)) if not self.terms.keys() - {()} else None


def total(parts: Iterable[Polynomial]) -> Polynomial:
    """Return the sum of polynomials."""
    terms: dict[Monomial, Fraction] = {}
    for part in parts:
        for monomial, c in part.terms.items():
            terms[monomial] = terms.get(monomial, 0) + c
    return Polynomial({monomial: c for monomial, c in terms.items() if c})


def number(value: int | Fraction) -> Polynomial:
    """Return a constant as a polynomial."""
    return Polynomial({(): Fraction(value)} if value else {})


def atom(kind: str, *args) -> Polynomial:
    """Return a single atom as a polynomial."""
    return of({Atom(kind, *args): Fraction(1)})


def bare(a: Atom) -> Polynomial:
    """Return an atom as a polynomial; of an inverse polynomial what is inverted."""
    return a.args[0] if a.kind == "base" else Polynomial({((a, Fraction(1)),): Fraction(1)})


def _merged(one: Mapping[Atom, Fraction] | Monomial, other: Iterable[tuple[Atom, Fraction]]) -> dict[Atom, Fraction]:
    """Return the product of two products of powers."""
    powers = dict(one)
    for factor, power in other:
        powers[factor] = powers.get(factor, Fraction(0)) + power
    return powers


def of(powers: dict[Atom, Fraction], c: Fraction = Fraction(1)) -> Polynomial:
    """Return c times a product of powers in normal form."""
    done: dict[Monomial, Fraction] = {}
    waiting = [(powers, c)]
    for _ in range(STEPS):
        if not waiting:
            return Polynomial({monomial: c for monomial, c in done.items() if c})
        powers, c = waiting.pop()
        if c and (rewritten := _rewritten(powers := _plain(powers), c)) is None:
            monomial = tuple(sorted(powers.items(), key=lambda factor: factor[0].key))
            done[monomial] = done.get(monomial, 0) + c
        elif c:
            waiting += rewritten
    raise TooHard("the formula does not come to rest")


def _plain(powers: dict[Atom, Fraction]) -> dict[Atom, Fraction]:
    """Drop powers 0, bring powers of signs to 1 or 2, and let deltas rename."""
    result = {}
    for factor, power in powers.items():
        if factor.kind == "sign" and power:
            power = Fraction(2 - power % 2)
            if power == 2 and any(p < 0 and bare(a) == factor.args[0] for a, p in powers.items()):
                continue  # s² is 1 where u is no zero, as in s²/u
        if power:
            result[factor] = power
    for factor in [factor for factor in result if factor.kind == "delta"]:
        i, j = sorted(factor.args, key=str)
        if i == j:
            return _plain({other: power for other, power in result.items() if other != factor})
        result[factor] = Fraction(1)
        if any(j in other.free for other in result if other != factor):
            moved = ((a if a == factor else a.renamed({j: i}), power) for a, power in result.items())
            return _plain(_merged({}, moved))
    return result


def _rewritten(powers: dict[Atom, Fraction], c: Fraction) -> list[tuple[dict[Atom, Fraction], Fraction]] | None:
    """Return the terms that one step of rewriting makes of c times a product; None if it is in normal form."""

    def terms(polynomial: Polynomial, beside: dict[Atom, Fraction], factor: Fraction) -> list:
        return [(_merged(monomial, tuple(beside.items())), factor * a) for monomial, a in polynomial.terms.items()]

    for factor, power in powers.items():
        without = {other: p for other, p in powers.items() if other != factor}
        if factor.kind == "base" and power >= 1:
            return terms(factor.args[0], without | {factor: power - 1}, c)
        if not ((factor.kind == "base" and power < 0) or (factor.kind == "sign" and power == 2)):
            continue
        whole = factor.args[0]
        if factor.kind == "base" and len(whole.terms) == 1:  # S^(-3/2) is S^-2 · S^(1/2)
            ((monomial, a),) = whole.terms.items()
            down = power.numerator // power.denominator
            beside = _merged(without, ((other, p * down) for other, p in monomial))
            return [(beside | {factor: power - down}, c * a**down)]
        lead, a = whole.leading
        if not lead:
            continue
        rest = Polynomial({monomial: b for monomial, b in whole.terms.items() if monomial != lead})
        if all(powers.get(other, 0) >= p > 0 for other, p in lead):
            beside = _merged(without, tuple((other, -p) for other, p in lead))
            if factor.kind == "sign":  # a·m·s² = a·m + rest − rest·s², since (a·m + rest)·s² = a·m + rest
                return [
                    (without, c),
                    *terms(rest, beside, c / a),
                    *terms(rest, beside | {factor: power}, -c / a),
                ]
            # a·m·S^p = S^(p+1) − rest·S^p
            return [(beside | {factor: power + 1}, c / a), *terms(rest, beside | {factor: power}, -c / a)]
        low = rest.constant
        if factor.kind == "base" and low and all(powers.get(other, 0) <= -p for other, p in lead):
            # 1/m · S^p = (S^(p+1)/m − a·S^p) / low, for S = low + a·m
            beside = _merged(powers, lead)
            return [(without | {factor: power + 1}, c / low), (beside, -a * c / low)]
    return None


def summed(polynomial: Polynomial, i: Index) -> Polynomial:
    """Return Σ_i of a polynomial, i over its whole axis."""
    return total(_summed(dict(m), c, i) for m, c in polynomial.terms.items())


def _summed(powers: dict[Atom, Fraction], c: Fraction, i: Index) -> Polynomial:
    touched = {factor: power for factor, power in powers.items() if i in factor.free}
    outside = {factor: power for factor, power in powers.items() if i not in factor.free}
    for factor in touched:
        if factor.kind == "delta":
            (other,) = set(factor.args) - {i}
            moved = ((a.renamed({i: other}), p) for a, p in touched.items() if a != factor)
            return of(_merged(outside, moved), c)
    if not touched:
        return of(_merged(outside, ((Atom("length", i.axis), Fraction(1)),)), c)
    # A contraction inside this one joins it, so that the order of sums does not matter.
    bound, inner = [i], {}
    for factor, power in touched.items():
        copies = int(power) if factor.kind == "sum" and power.denominator == 1 and 0 < power <= 6 else 0
        if not copies:
            inner[factor] = inner.get(factor, Fraction(0)) + power
        for _ in range(copies):
            to = {j: fresh(j.axis) for j in factor.args[0]}
            bound += to.values()
            inner = _merged(inner, ((a.renamed(to), p) for a, p in factor.args[1]))
    for j in list(bound):  # Σ_j y_ij is 1, whatever else the contraction holds
        held = [a for a in inner if j in a.free]
        if len(held) == 1 and inner[held[0]] == 1 and _adds_up(held[0], j):
            del inner[held[0]]
            bound.remove(j)
            rest = of(inner)
            for other in bound:
                rest = summed(rest, other)
            return rest * of(outside, c)
    monomial = tuple(sorted(inner.items(), key=lambda factor: factor[0].key))
    return of(_merged(outside, ((Atom("sum", tuple(bound), monomial), Fraction(1)),)), c)


def _adds_up(a: Atom, i: Index) -> bool:
    """Tell whether an atom is an entry of a variable whose last axis sums to 1, and i runs over that axis."""
    return a.kind == "variable" and "sums_to_one" in a.args[2] and a.args[1][-1:] == (i,)


def maximum(polynomial: Polynomial, i: Index) -> Polynomial:
    """Return the largest value of a polynomial, i running over its whole axis."""
    return atom("max", i, polynomial) if i in polynomial.free else polynomial


# Factors


class Factors(NamedTuple):
    """A polynomial as coefficient · Π atoms^power · Π polynomials^power, the polynomials irreducible and primitive."""

    coefficient: Fraction
    atoms: dict[Atom, Fraction]
    polynomials: list[tuple[Polynomial, int]]


@lru_cache(maxsize=4096)
def factors(polynomial: Polynomial) -> Factors:
    """Factor a polynomial that is not zero; inverse polynomials in it count as denominators."""
    if len(polynomial.terms) == 1:
        ((monomial, c),) = polynomial.terms.items()
        return Factors(c, dict(monomial), [])
    atoms: dict[str, Atom] = {}
    roots: dict[str, int] = {}

    def collect(p: Polynomial):
        for monomial in p.terms:
            for a, power in monomial:
                if a.kind == "base" and power.denominator == 1:
                    collect(a.args[0])
                else:
                    atoms[a.key] = a
                    roots[a.key] = lcm(roots.get(a.key, 1), power.denominator)

    collect(polynomial)
    _bounded(polynomial, roots)
    symbols = {key: sympy.Dummy(f"s{k}") for k, key in enumerate(sorted(atoms))}
    back = {symbol: key for key, symbol in symbols.items()}

    def rational(p: Polynomial):
        return sympy.Add(*(sympy.Rational(c.numerator, c.denominator) * term(m) for m, c in p.terms.items()))

    def term(monomial: Monomial):
        return sympy.Mul(
            *(
                rational(a.args[0]) ** int(power)
                if a.kind == "base" and power.denominator == 1
                else symbols[a.key] ** int(power * roots[a.key])
                for a, power in monomial
            )
        )

    c, powers, found = Fraction(1), {}, []
    for part, side in zip(sympy.fraction(sympy.together(rational(polynomial))), (1, -1), strict=True):
        constant, parts = sympy.factor_list(part, *symbols.values())
        c *= Fraction(int(constant.p), int(constant.q)) ** side
        for factor, multiplicity in parts:
            multiplicity, terms = int(multiplicity), {}  # of SymPy's numbers none may become a power
            for exponents, a in (
                factor.terms() if isinstance(factor, sympy.Poly) else sympy.Poly(factor, *symbols.values()).terms()
            ):
                monomial = tuple(
                    (atoms[back[s]], Fraction(e, roots[back[s]]))
                    for s, e in zip(symbols.values(), exponents, strict=True)
                    if e
                )
                terms[monomial] = Fraction(int(a.p), int(a.q))
            if len(terms) == 1:
                ((monomial, a),) = terms.items()
                c *= a ** (side * multiplicity)
                powers = _merged(powers, tuple((f, p * side * multiplicity) for f, p in monomial))
            else:
                poly = total(of(dict(m), a) for m, a in terms.items())
                if (poly.leading[1] or 1) < 0:
                    poly, c = -poly, c * (-1) ** multiplicity
                found.append((poly, side * multiplicity))
    return Factors(c, powers, found)


def _bounded(polynomial: Polynomial, roots: dict[str, int]) -> None:
    """Raise TooHard for what SymPy would take too long to factor."""

    def size(p: Polynomial) -> tuple[int, int]:
        """The number of terms and the degree once all inverse polynomials are multiplied out."""
        inverse: dict[str, tuple[Polynomial, int]] = {}
        degree = 1
        for monomial in p.terms:
            own = 0
            for a, power in monomial:
                if a.kind == "base" and power.denominator == 1:
                    inverse[a.key] = (a.args[0], max(abs(int(power)), inverse.get(a.key, (None, 0))[1]))
                else:
                    own += abs(power) * roots[a.key]
            degree = max(degree, own)
        terms = len(p.terms)
        for inner, power in inverse.values():
            wide, deep = size(inner)
            terms *= min(wide, WORK) ** min(power, 12)
            degree += deep * power
        return min(terms, WORK + 1), int(degree)

    terms, degree = size(polynomial)
    if degree > DEGREE or terms * degree > WORK or len(roots) > ATOMS:
        raise TooHard("the formula has too many factors")


def positive(polynomial: Polynomial, strictly: bool = True) -> bool:
    """Tell whether the polynomial can be seen to be positive (or, not strictly, never negative) everywhere."""
    if not polynomial.terms:
        return not strictly
    parts = factors(polynomial)
    return (
        parts.coefficient > 0
        and all(
            positive_atom(a) or (not strictly and _never_negative(a, p, parts.atoms)) for a, p in parts.atoms.items()
        )
        and all(_positive_sum(part, strictly) or (not strictly and power % 2 == 0) for part, power in parts.polynomials)
    )


def _never_negative(a: Atom, power: Fraction, beside: dict[Atom, Fraction]) -> bool:
    """Tell whether a power is never negative, alone or as |a| = a sign(a)."""
    if _even(a, power):
        return True
    if power % 2 != 1:
        return False
    if a.kind == "sign":
        inner = a.args[0].terms
        return len(inner) == 1 and len(m := next(iter(inner))) == 1 and beside.get(m[0][0], 0) % 2 == 1
    return beside.get(Atom("sign", bare(a)), 0) % 2 == 1


def positive_atom(a: Atom) -> bool:
    """Tell whether an atom is seen to be positive everywhere."""
    match a.kind:
        case "exp" | "length":
            return True
        case "variable":
            return "positive" in a.args[2]
        case "base":
            return positive(a.args[0])
        case "sum":
            return all(positive_atom(inner) for inner, _ in a.args[1])
    return False


def _positive_sum(polynomial: Polynomial, strictly: bool) -> bool:
    """A sum of terms none of which can be negative, one at least positive if `strictly`."""

    def sort(monomial: Monomial, c: Fraction) -> int:  # 2 positive, 1 not negative, 0 unknown
        if c < 0:
            return 0
        if all(positive_atom(a) for a, _ in monomial):
            return 2
        single = Polynomial({monomial: c})
        return int(all(_even(a, p) for a, p in monomial) or positive(single, strictly=False))

    sorts = [sort(monomial, c) for monomial, c in polynomial.terms.items()]
    return min(sorts) > 0 and (not strictly or max(sorts) == 2)


def _even(a: Atom, power: Fraction) -> bool:
    if positive_atom(a) or (power.denominator == 1 and power % 2 == 0 and power > 0):
        return True
    return a.kind == "sum" and all(_even(inner, p) for inner, p in a.args[1])


class Algebra:
    """The operations that ask for conditions, which gather in `conditions` as (what, polynomial): "nonzero",
    "positive" or "not negative"."""

    def __init__(self):
        self.conditions: list[tuple[str, Polynomial]] = []

    def power(self, polynomial: Polynomial, power: Fraction) -> Polynomial:
        if power.denominator == 1 and power >= 0:
            result = number(1)
            for _ in range(int(power)):
                result = result * polynomial
            return result
        if not polynomial.terms:
            if power > 0:
                return polynomial
            raise ZeroDivisionError("the formula divides by zero")
        parts = factors(polynomial)
        if power.denominator == 1:
            for a in parts.atoms:
                if not positive_atom(a):
                    self.conditions.append(("nonzero", bare(a)))
            for part, _ in parts.polynomials:
                if not positive(part):
                    self.conditions.append(("nonzero", part))
            bases = [(Atom("base", part), p) for part, p in parts.polynomials]
            powers = _merged({}, ((a, p * power) for a, p in (*parts.atoms.items(), *bases)))
            return of(powers, parts.coefficient ** int(power))
        return self._root(polynomial, parts, power)

    def _root(self, polynomial: Polynomial, parts: Factors, power: Fraction) -> Polynomial:
        """A power that is no whole number: of what is positive, factor by factor; of squares, by the absolute value."""
        if not positive(polynomial, strictly=power < 0):
            self.conditions.append(("positive" if power < 0 else "not negative", polynomial))
        result, kept = number(1), {}
        c = parts.coefficient
        for a, p in parts.atoms.items():
            if positive_atom(a):
                result = result * of({a: p * power})
            elif p % 2 == 0 and (p * power).denominator == 1:
                result = result * self.power(self.absolute(of({a: Fraction(1)})), p * power)
            else:
                kept[a] = p
        inside = of(kept)
        for part, p in parts.polynomials:
            if positive(part):
                result = result * of({Atom("base", part): p * power})
            elif p % 2 == 0 and (p * power).denominator == 1:
                result = result * self.power(self.absolute(part), p * power)
            else:
                inside = inside * of({Atom("base", part): Fraction(p)})
        if c < 0:
            inside, c = -inside, -c
        if inside.constant != 1:
            result = result * of({Atom("base", inside): power})
        for side, value in ((1, c.numerator), (-1, c.denominator)):
            root = sympy.integer_nthroot(value, power.denominator)
            if root[1]:
                result = result * number(Fraction(root[0]) ** (side * power.numerator))
            else:
                result = result * of({Atom("base", number(value)): side * power})
        return result

    def sign(self, polynomial: Polynomial) -> Polynomial:
        if not polynomial.terms:
            return polynomial
        parts = factors(polynomial)
        powers: dict[Atom, Fraction] = {}
        for a, p in parts.atoms.items():
            if positive_atom(a):
                continue
            if a.kind != "sign":
                a, p = Atom("sign", bare(a)), Fraction(p.numerator)
            powers[a] = powers.get(a, Fraction(0)) + p
        for part, p in parts.polynomials:
            if not _positive_sum(part, strictly=True):
                mark = Atom("sign", part)
                powers[mark] = powers.get(mark, Fraction(0)) + p
        return of(powers, Fraction(1 if parts.coefficient > 0 else -1))

    def absolute(self, polynomial: Polynomial) -> Polynomial:
        if positive(polynomial, strictly=False):
            return polynomial
        return polynomial * self.sign(polynomial)

    def exp(self, polynomial: Polynomial) -> Polynomial:
        result = number(1)
        for monomial, c in polynomial.terms.items():
            if len(monomial) == 1 and monomial[0][0].kind == "log" and monomial[0][1] == 1:
                result = result * self.power(monomial[0][0].args[0], c)
            else:
                result = result * of({Atom("exp", Polynomial({monomial: Fraction(1)})): c}, Fraction(1))
        return result

    def log(self, polynomial: Polynomial) -> Polynomial:
        if not positive(polynomial):
            self.conditions.append(("positive", polynomial))
        if not polynomial.terms:
            raise ZeroDivisionError("the formula takes the logarithm of zero")
        parts = factors(polynomial)
        simple = parts.coefficient > 0 and all(positive_atom(a) for a in parts.atoms)
        if not (simple and all(positive(part) for part, _ in parts.polynomials)):
            return atom("log", polynomial)
        result = number(0) if parts.coefficient == 1 else atom("log", number(parts.coefficient))
        for a, p in parts.atoms.items():
            part = a.args[0] if a.kind == "exp" else atom("log", bare(a))
            result = result + part * number(p)
        for part, p in parts.polynomials:
            result = result + atom("log", part) * number(p)
        return result

    def derivative(self, polynomial: Polynomial, name: str, at: tuple[Index, ...]) -> Polynomial:
        """Return the derivative in the entry of variable `name` at the indices `at`. A sign has derivative 0."""
        result = []
        for monomial, c in polynomial.terms.items():
            for a, power in monomial:
                if not (inner := self._derivative(a, name, at)).terms:
                    continue
                powers = dict(monomial) | {a: power - 1}
                result.append(of(powers, c * power) * inner)
        return total(result)

    def _derivative(self, a: Atom, name: str, at: tuple[Index, ...]) -> Polynomial:
        match a.kind:
            case "variable" if a.args[0] == name:
                return of({Atom("delta", i, j): Fraction(1) for i, j in zip(a.args[1], at, strict=True)})
            case "exp":
                return of({a: Fraction(1)}) * self.derivative(a.args[0], name, at)
            case "base":
                return self.derivative(a.args[0], name, at)
            case "log":
                inner = self.derivative(a.args[0], name, at)
                return inner * self.power(a.args[0], Fraction(-1)) if inner.terms else inner
            case "sum":
                to = {i: fresh(i.axis) for i in a.args[0]}
                inner = of({factor.renamed(to): p for factor, p in a.args[1]})
                inner = self.derivative(inner, name, at)
                for i in to.values():
                    inner = summed(inner, i)
                return inner
            case "max":
                raise TooHard("a maximum cannot be differentiated")
        return number(0)

    def substituted(self, polynomial: Polynomial, values: Mapping[str, Callable[[tuple[Index, ...]], Polynomial]]):
        """Return the polynomial with values[name](indices) for every entry of the variables named."""
        return total(self._product(m, c, values) for m, c in polynomial.terms.items())

    def _product(self, monomial: Monomial, c: Fraction, values) -> Polynomial:
        result = number(c)
        for a, power in monomial:
            result = result * self._replaced(a, power, values)
        return result

    def _replaced(self, a: Atom, power: Fraction, values) -> Polynomial:
        if not any(name in a.key for name in values):
            return of({a: power})
        match a.kind:
            case "variable" if a.args[0] in values:
                inner = values[a.args[0]](a.args[1])
            case "sum":
                to = {i: fresh(i.axis) for i in a.args[0]}
                inner = self._product(tuple((f.renamed(to), p) for f, p in a.args[1]), Fraction(1), values)
                for i in to.values():
                    inner = summed(inner, i)
            case "base":
                inner = self.substituted(a.args[0], values)
            case "max":
                inner = maximum(self.substituted(a.args[1], values), a.args[0])
            case "exp" | "log" | "sign":
                inner = getattr(self, a.kind)(self.substituted(a.args[0], values))
            case _:
                return of({a: power})
        return self.power(inner, power)


def vanishes(polynomial: Polynomial) -> bool:
    """Tell whether the polynomial is 0, after clearing its denominators if need be. False may mean: not proved."""
    return not polynomial.terms or factors(polynomial).coefficient == 0


def anonymous(polynomial: Polynomial) -> str:
    """Return the polynomial's key up to the names of its free indices."""
    indices = tuple(sorted(polynomial.free, key=str))
    return min(polynomial.spelled(labels) for labels in _labels(indices, 0))
