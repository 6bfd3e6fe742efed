"""What numbers itself on the page: equations, figures, tables, headings; and the references among them."""

import re

from markupsafe import Markup, escape

from scripts.shared.step import Failure

REFERENCE = re.compile("\ue000(.*?)\ue001")  # stands for a reference until all labels are known
WORDS = {"equation": "Equation", "figure": "Figure", "table": "Table"}


class Page:
    """Counts what is labelled while templates are rendered; `finish` then fills in references and contents."""

    def __init__(self):
        self.labels: dict[str, str] = {}
        self.headings: list[tuple[int, str, str]] = []
        self._counts = dict.fromkeys(WORDS, 0)
        self._first: dict[str, str] = {}

    def number(self, kind: str, identity: str) -> str:
        """Return the number of a new equation, figure or table, called `identity`."""
        self._counts[kind] += 1
        self._label(identity, f"{WORDS[kind]}\u00a0{self._counts[kind]}")
        return str(self._counts[kind])

    def heading(self, level: int, identity: str, text: str, label: str = "") -> Markup:
        """Return a heading that the table of contents knows; its element of that id is made by the template."""
        self._label(identity, label or text)
        self.headings.append((level, identity, Markup("{} {}").format(label, text).strip()))
        tag = Markup('<span class="tag">{}</span> ').format(label) if label else ""
        return Markup("<h{0}>{1}{2}</h{0}>").format(level, tag, text)

    def first(self, sort: str, identity: str) -> str:
        """Return the id that was the first of that sort to ask, which explains what the others repeat."""
        return self._first.setdefault(sort, identity)

    def ref(self, identity: str, text: str = "") -> Markup:
        """Return a link to a label, wherever on the page it comes; its text is the label's own unless given."""
        return Markup("\ue000{}|{}\ue001").format(identity, text)

    def _label(self, identity: str, text: str) -> None:
        if identity in self.labels:
            raise Failure(f"the id {identity} is used twice in the report's templates; rename one")
        self.labels[identity] = text

    def finish(self, html: str) -> str:
        """Return the page with its references filled in; Failure for one that leads nowhere."""

        def link(match: re.Match) -> str:
            identity, _, text = match[1].partition("|")
            if identity not in self.labels:
                raise Failure(f"the report refers to {identity}, which no template defines; correct the reference")
            return f'<a href="#{identity}">{text or escape(self.labels[identity])}</a>'

        return REFERENCE.sub(link, html)

    def contents(self) -> list[dict]:
        """Return the headings of level 2, each with those of level 3 below it."""
        chapters: list[dict] = []
        for level, identity, text in self.headings:
            entry = {"id": identity, "text": text, "label": self.labels[identity], "count": 0, "items": []}
            if level == 2:
                chapters.append(entry)
            elif level == 3:
                chapters[-1]["items"].append(entry)
                chapters[-1]["count"] += 1
        return chapters
