"""Values on the page and where they come from.

A pointer such as "mnist/history.csv#3.correct" names a result file and a place in it. Every number on the page is a
link made from one: it leads to the file's line in the manifest and carries key and full-precision value along.
"""

import hashlib
import re
from collections import ChainMap
from pathlib import Path

from markupsafe import Markup
from safetensors.numpy import load_file

from scripts.report.page.formats import full, shown
from scripts.shared.step import reading
from scripts.verdicts.results import Absent, Results

LONG = 40  # characters of a value, beyond which it may be broken over lines
NUMBER = re.compile(r"(?<![\w.])([−±]?[0-9]+(?:[\u202f./][0-9]+)*(?:\u00a0×\u00a010[⁻⁰¹²³⁴-⁹]+)?(?:\s?%)?)(?!\w)")
NOT_RUN = Markup('<span title="not run">—</span>')
SEAL = re.compile(r"<!-- (?:([0-9a-f]{64}) )?[0-9a-f]{64} -->\n\Z")
# The Tab key stops at none of them: there are thousands. The page's script can let it, and shows what a link carries.
LINK = Markup('<a href="#{file}" data-k="{key}"{extra} tabindex="-1">{text}</a>')


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with reading(path), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sealed(page: str, mark: str = "") -> str:
    """Return a page with a last line that holds a mark and a digest of all above and of the mark: it shows damage."""
    digest = hashlib.sha256(f"{page}{mark}".encode()).hexdigest()
    return f"{page}<!-- {f'{mark} {digest}'.strip()} -->\n"


def is_whole(page: str, mark: str | None = None) -> bool:
    """Tell whether a page is, to the bit, as it was sealed; and with this mark, if one is given."""
    if not (seal := SEAL.search(page)):
        return False
    return page == sealed(page[: seal.start()], seal[1] or "") and mark in (None, seal[1])


class Sources(Results):
    """The declared result files; a pointer to any other is an error, so that the manifest leaves nothing out."""

    def read(self, path: Path) -> object:
        """Return a file's content; the arrays of a safetensors file are read as well."""
        if path.suffix != ".safetensors":
            return super().read(path)
        with reading(path):
            return load_file(path)

    def plus(self, *names: str) -> "Sources":
        """Return these files and more; what has been read of these is shared."""
        other = Sources(str(self.root), [*self.names, *names])
        other._files = ChainMap({}, self._files)
        return other

    def link(self, pointer: str, how: str = "") -> Markup:
        """Return the value at `pointer`, formatted, as a link to its provenance; see formats.shown for `how`.

        A dash stands for what was not run: prose may tell of more epochs or units than a what-if has.
        """
        file, _, key = pointer.partition("#")
        try:
            value = self[pointer]
        except Absent:
            return NOT_RUN
        text, exact = shown(value, how), full(value)
        extra = Markup(' data-f="{}"').format(how) if how else Markup()
        if text != exact:
            extra += Markup(' data-v="{}"').format(exact)
        if len(text) > LONG:
            extra += Markup(' class="long"')
        return LINK.format(file=file, key=key, extra=extra, text=text)

    def text(
        self, pointer: str, how: str = "prose", links: bool = True, tag: str = "span", **attributes: str
    ) -> Markup:
        """Return a sentence at `pointer`, marked with where it comes from, the numbers in it as links there.

        how: "text" leaves it as it is; links: whether its numbers are computed ones, which an answerer's are not;
        tag, attributes: the element that holds it.
        """
        verbatim, text = (shown(self[pointer], form) for form in ("text", how))
        form = Markup(' data-f="{}"').format(how) if text != verbatim else ""
        file, _, key = pointer.partition("#")
        pieces = NUMBER.split(text) if how == "prose" and links else [text]  # every second one is a number
        linked = (LINK.format(file=file, key=key, extra="", text=x) if i % 2 else x for i, x in enumerate(pieces))
        # Line ends as references, since the page is written without blank lines.
        lines = Markup().join(linked).replace("\n", Markup("&#10;"))
        more = Markup().join(Markup(' {}="{}"').format(*attribute) for attribute in attributes.items())
        return Markup('<{0}{1} data-p="{2}"{3}>{4}</{0}>').format(tag, more, pointer, form, lines)
