"""Tables as files: what a spreadsheet gets of them."""

import csv
import io
import re
from urllib.parse import unquote

import pytest

from scripts.report.page.saved import with_files


def saved(table: str) -> list[list[str]]:
    """Return the rows that the link of a table carries."""
    page = with_files(f'<figcaption>T <a class="csv" download="t.csv">CSV</a></figcaption><table>{table}</table>')
    [carried] = re.findall(r'href="data:text/csv;charset=utf-8,([^"]*)"', page)
    return list(csv.reader(io.StringIO(unquote(carried))))


def test_numbers_are_saved_in_full_and_formulas_as_latex():
    row = (
        '<th scope="row">a, "b"\n c</th><td><a href="#f" data-k="k" data-v="0.30000000000000004">0.3</a>*</td>'
        "<td><math><semantics><mi>α</mi>"
        '<annotation encoding="application/x-tex">\\alpha &lt; 1</annotation></semantics></math>,</td>'
    )
    assert saved(f"<tbody><tr>{row}</tr></tbody>") == [['a, "b" c', "0.30000000000000004*", r"\alpha < 1,"]]


def test_what_is_no_decimal_number_is_saved_as_it_is_shown():
    link = '<td><a href="#f" data-k="k"{}>{}</a></td>'
    row = "".join(
        link.format(*cell)
        for cell in ((' data-v="True"', "yes"), (' data-v="None"', "—"), ("", "54\u202f950"), ("", "−3/2"), ("", "−5"))
    )
    assert saved(f"<tr>{row}<td>−</td></tr>") == [["yes", "—", "54950", "-3/2", "-5", "−"]]


def test_a_cell_over_several_columns_keeps_those_after_it_in_place():
    head = '<tr><td></td><th colspan="2">both</th><th>c</th></tr>'
    assert saved(f"{head}<tr><th>r</th><td>1</td><td>2</td><td>3</td></tr>") == [
        ["", "both", "", "c"],
        ["r", "1", "2", "3"],
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-1+cmd", "'-1+cmd"), ("-1.5e-07", "-1.5e-07"), ("a=b", "a=b")],
)
def test_a_spreadsheet_runs_no_cell(text, kept):
    assert saved(f"<tr><td>{text}</td></tr>") == [[kept]]


def test_each_link_carries_its_own_table():
    one = '<figcaption><a class="csv">CSV</a></figcaption><table><tr><td>{}</td></tr></table>'
    page = with_files(one.format("first") + one.format("second"))
    assert [unquote(found) for found in re.findall(r'utf-8,([^"]*)"', page)] == ["first\r\n", "second\r\n"]
