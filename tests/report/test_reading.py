"""The report read on a phone, and what can be taken from it, in Chromium and in Firefox: see browser/read.mjs."""

import csv
import io
import json

import pytest


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def found(page, browser, request) -> dict:
    """What was found in one of the browsers."""
    return browser("read.mjs", request.param, request.param, str(page.path))


def test_no_word_or_number_is_broken(found):
    assert found["broken"] == []


def test_formulas_break_at_their_signs(found):
    assert found["formulas"] == []


def test_tables_leave_out_what_does_not_fit(found):
    assert found["tables"] == []


def test_tables_are_saved_with_values_in_full(found, page):
    other, ledger = (list(csv.reader(io.StringIO(text))) for text in found["saved"].values())
    assert list(found["saved"])[1] == "tab-ledger.csv"
    claims = json.loads((page.path.parent / "verdicts/document.json").read_text(encoding="utf-8"))["claims"]
    assert ledger[0] == ["item", "verdict", "claim"]
    assert [row[:2] for row in ledger[1:]] == [[claim["question"], claim["verdict"]] for claim in claims]
    assert {len(row) for row in other} == {len(other[0])}
    cells = " ".join(cell for row in other for cell in row)
    assert found["full"] and all(value in cells for value in found["full"])


def test_formulas_are_copied_as_latex(found):
    copied = found["copied"]
    assert " ".join(copied["text"].split()) == " ".join(copied["expected"].split()) and "<math" in copied["html"]


def test_a_link_opens_what_is_folded(found):
    assert found["revealed"]
