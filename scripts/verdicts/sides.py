"""What stands before an equals sign: a symbol, or the arithmetic that the number behind it comes from.

Arithmetic is worked out exactly, in fractions, so that "2*3 - 4 = -3" can be told from "2*1 - 5 = -3". It knows whole
numbers and decimals, + − × /, small whole powers, brackets, ceil, floor, relu and max; nothing else has a value.
"""

import ast
import operator
import re
from fractions import Fraction
from math import ceil, floor

LONGEST = 120  # characters of an expression
GREATEST = 10**12  # of any number on the way

# Letters with an accent, an index in letters and arguments without numbers. Whatever has an operator is no symbol: −f,
# f², ∇f and 1/f are other things than f.
LETTER = r"(?:\\(?:bar|hat|tilde|vec|mathbf|overline|boldsymbol) ?)?\{?(?!π)[^\W\d_][\u0300-\u036f]?\}?"
INDEXED = rf"{LETTER}(?:_?\{{?[a-z](?:[a-z ]{{0,9}})?\}}?)?"
AXES = r"[(\[]?(?:[NB][ ,×x]*)?C[ ,×x]*H[ ,×x]*W[)\]]?"  # in the order in which torch has them
SYMBOL = re.compile(rf"{INDEXED}(?:\([a-z ,]{{0,9}}\))?|(?:relu|ReLU|max)\((?:0, ?)?{INDEXED}\)|{AXES}")
SPELLINGS = [(r"⌈([^⌈⌉]*)⌉|\\lceil([^\\]*)\\rceil", r"ceil(\1\2)"),
        (r"⌊([^⌊⌋]*)⌋|\\lfloor([^\\]*)\\rfloor", r"floor(\1\2)"),
        (r"(.+?),? \(?rounded up\)?", r"ceil(\1)"), (r"[×·⋅∗]", "*"), ("²", "**2"), (r"\^", "**"), ("÷", "/"),
        (r"\bReLU\b", "relu"), (r"\b(?:math|np)\.(?=ceil|floor)", ""), ("\u00a0", "")]  # fmt: skip
BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
CALLS = {"ceil": ceil, "floor": floor, "relu": lambda x: max(x, 0), "max": max}


def sides(text: str) -> list[str]:
    """Split plain text at the signs = and ∈ that stand outside of brackets."""
    found, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c in "=∈" and not depth and text[i - 1 : i] not in ("<", ">", "!", ":", "="):
            found.append(text[start:i].strip())
            start = i + 1
    return [*found, text[start:].strip()]


def is_symbol(text: str) -> bool:
    """Tell whether a text is a symbol, such as a letter with an index."""
    return bool(SYMBOL.fullmatch(text))


def worked_out(text: str) -> Fraction | None:
    """Return the exact value of an expression in plain text; None if it has none, or none that can be told."""
    if len(text) > LONGEST or not re.search(r"\d", text):
        return None
    for pattern, replacement in SPELLINGS:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"(\d*)\.(\d{1,30})", lambda m: f"({int(m[1] + m[2])}/{10 ** len(m[2])})", text)
    text = re.sub(r"(?<![\d/.])0+(?=\d)", "", text)
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError, TypeError):
        return None


def _value(node: ast.AST) -> Fraction:
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            found = Fraction(value)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            found = _value(node.operand) * (-1 if isinstance(node.op, ast.USub) else 1)
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(power))) if 0 <= power <= 3:
            found = _value(node.left) ** power
        case ast.BinOp() if type(node.op) in BINARY:
            found = BINARY[type(node.op)](_value(node.left), _value(node.right))
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in CALLS:
            found = Fraction(CALLS[name](*map(_value, node.args)))
        case _:
            raise ValueError
    if abs(found) > GREATEST or found.denominator > 10**40:
        raise ValueError
    return found
