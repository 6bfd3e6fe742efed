"""LaTeX to MathML when the page is built: no script, no network; a malformed formula ends the build with one line."""

import re

from markupsafe import Markup, escape
from math_core import LatexError, LatexToMathML

from scripts.shared.step import Failure

STYLE = re.compile(r' style="([^"]*)"')


class Maths:
    """Converts formulas; remembers the styles that they need, which the page's policy allows only as classes."""

    def __init__(self):
        self._converter = LatexToMathML(fancy_error=False)
        self._styles: dict[str, str] = {}

    def __call__(self, latex: str, display: bool = False) -> Markup:
        """Return `latex` as a MathML element; Failure if it is malformed."""
        try:
            mathml = self._converter.convert_with_local_state(latex.strip(), displaystyle=display)
        except LatexError as error:
            reason = " ".join(str(error).split())
            raise Failure(
                f"formula {' '.join(latex.split())!r} is malformed: {reason}; correct it where it stands"
            ) from None
        # A combining low line, as \overline gives, is drawn below: the overline character is meant.
        return Markup(STYLE.sub(self._as_class, mathml).replace("\u0332", "\u203e"))

    def attempt(self, latex: str) -> Markup | None:
        """Return the formula of an answer as MathML, set as in a line of its own; None if the converter refuses it."""
        try:
            return self(rf"\displaystyle {latex}")
        except Failure:
            return None

    def words(self, text: str) -> Markup:
        """Return a person's words with the formulas between dollar signs typeset."""
        pieces = text.split("$")
        if len(pieces) % 2 == 0:  # a dollar sign without its counterpart is just that
            return escape(text)
        return Markup().join(self(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))

    def _as_class(self, match: re.Match) -> str:
        return f' class="{self._styles.setdefault(match[1], f"m{len(self._styles)}")}"'

    def css(self) -> str:
        """Return the rules of the classes that formulas use."""
        return "".join(f".{name}{{{style}}}" for style, name in self._styles.items())
