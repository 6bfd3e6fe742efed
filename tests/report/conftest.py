"""The finished report as its parts: elements, and text with what it stands in."""

import os
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from project import RESULTS, ROOT
from report.browsers import measured
from report.plain import page_of

from scripts.problem_set.read import read_set

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


def pytest_configure(config):
    config.stash["report figures"] = {"synthetic": {}, "real": {}, "without prose": {}, "colours": {}}


FINISHED = [pytest.param("synthetic", marks=pytest.mark.slow), pytest.param("real", marks=pytest.mark.real)]


@pytest.fixture(scope="session", params=FINISHED)
def report(request) -> SimpleNamespace:
    """A report: its path, its HTML and its parts. That of the swept synthetic project, and of $PROOFSET_RESULTS."""
    path = path_of(request)
    html = path.read_text(encoding="utf-8")
    return SimpleNamespace(name=request.param, path=path, html=html, parsed=Parsed(html), results=path.resolve().parent)


@pytest.fixture(scope="session", params=[*FINISHED, "without prose"])
def page(request, tmp_path_factory) -> SimpleNamespace:
    """A page to look at: its name and path. Those of `report`, and that of a set without prose."""
    if request.param != "without prose":
        return SimpleNamespace(name=request.param, path=path_of(request))
    folder = tmp_path_factory.mktemp("plain")
    page_of(read_set(ROOT / "problem_sets/example"), folder)
    return SimpleNamespace(name=request.param, path=folder / "report.html")


def path_of(request: pytest.FixtureRequest) -> Path:
    """Return the report of the synthetic project, or that of $PROOFSET_RESULTS, as the test's parameter says."""
    if request.param == "synthetic":
        return request.getfixturevalue("swept").folder / RESULTS / "report.html"
    if "PROOFSET_RESULTS" not in os.environ:
        pytest.skip("needs PROOFSET_RESULTS, the folder of a full run's results, such as results/deep-learning")
    return Path(os.environ["PROOFSET_RESULTS"], "report.html")


@pytest.fixture(scope="session")
def browser():
    """The function that measures in a browser; tests that use it are slow."""
    return measured


def pytest_terminal_summary(terminalreporter, config):
    """Print what was measured on the reports."""
    for name, figures in config.stash["report figures"].items():
        if figures:
            terminalreporter.section({"colours": "Colours, by CIEDE2000"}.get(name, f"The {name} report"))
            for what, value in figures.items():
                terminalreporter.line(f"{what:<42}{value}")
