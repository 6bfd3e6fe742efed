"""Numbering and references."""

import pytest

from scripts.report.page.numbering import Page
from scripts.shared.step import Failure


def test_numbers_run_by_kind_and_references_may_come_first():
    page = Page()
    html = str(page.ref("b")) + str(page.ref("t", "here"))
    assert [page.number("figure", "a"), page.number("table", "t"), page.number("figure", "b")] == ["1", "1", "2"]
    assert page.finish(html) == '<a href="#b">Figure\u00a02</a><a href="#t">here</a>'


def test_unknown_reference_fails():
    page = Page()
    with pytest.raises(Failure, match="nowhere"):
        page.finish(str(page.ref("nowhere")))


def test_repeated_id_fails():
    page = Page()
    page.number("figure", "a")
    with pytest.raises(Failure, match="twice"):
        page.number("table", "a")


def test_headings_make_the_contents():
    page = Page()
    page.heading(2, "one", "One")
    page.heading(3, "p1a", "The <gradient>", "P1a")
    [chapter] = page.contents()
    assert [item["text"] for item in chapter["items"]] == ["P1a The &lt;gradient&gt;"]
    assert page.finish(str(page.ref("p1a"))) == '<a href="#p1a">P1a</a>'


def test_the_first_of_a_sort_is_named_to_the_others():
    page = Page()
    assert [page.first("checks", "a"), page.first("checks", "b"), page.first("steps", "b")] == ["a", "a", "b"]
