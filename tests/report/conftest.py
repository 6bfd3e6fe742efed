"""The finished report as its parts: elements, and text with what it stands in."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

VOID = {"meta", "img", "wbr", "br", "link", "input", "hr"}


class Parsed(HTMLParser):
    """`elements`: (tag, attributes); `texts`: (text, the open elements around it); `unclosed`: tags left open."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, list[tuple[str, dict]]]] = []
        self._open: list[tuple[str, dict]] = []
        self.unmatched: list[str] = []
        self.feed(html)
        self.unmatched += [tag for tag, _ in self._open]

    def handle_starttag(self, tag, attributes):
        element = (tag, {key: value or "" for key, value in attributes})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, {key: value or "" for key, value in attributes}))

    def handle_endtag(self, tag):
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        else:
            self.unmatched.append(f"/{tag}")

    def handle_data(self, data):
        self.texts.append((data, list(self._open)))

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="session")
def report(finished) -> SimpleNamespace:
    """The report of the synthetic project: its path, its HTML and its parts."""
    path = finished.folder / "results/report.html"
    html = path.read_text(encoding="utf-8")
    return SimpleNamespace(path=path, html=html, parsed=Parsed(html), folder=finished.folder)


@pytest.fixture(scope="session")
def parse():
    return Parsed
