"""What of an answer is shown as read, and pointers to parts that foreign answers name."""

import pytest
from project import ROOT

from scripts.report.page.ledger import as_read, is_unread, part_words, rows
from scripts.verdicts.finding import SYMBOLS


@pytest.mark.parametrize(
    ("kind", "stated", "read", "shows"),
    [
        ("derivative", "2*x", r"2 \, x", "maths"),
        ("derivative", "x+…", "", ""),
        ("derivative", "x", "x + " * 1000, "folded"),
        ("value", {"label": "9", "shape": ["1", "28"]}, "shape = (1, 28); label = 9 (Ankle boot)", ""),
        ("value", {"label": "Ankle boot"}, "label = 9 (Ankle boot)", "text"),
        ("value", ["784", "10"], "(784, 10)", ""),
        ("value", "784 → 10", "(784, 10)", "text"),
        ("value", {"p": ["6.4e-06", "1"]}, "p = (6.4e-6, 1)", ""),
        ("value", {"p": ["6.4e-06", "1"]}, "p = (6.4e-5, 1)", "text"),
        ("value", {"train": "60 000", "test": "10000"}, "train = 60000; test = 10000", "text"),
        ("distribution", {"train": ["1.0"] * 100}, f"train = ({', '.join(['1.0'] * 100)})", ""),
        ("distribution", {"train": "1.0 " * 100 + "2"}, f"train = ({', '.join(['1.0'] * 100)})", "folded"),
        ("statement", "yes", "yes", ""),
        ("statement", "True.", "yes", "text"),
        ("statement", None, "", ""),
    ],
)
def test_as_read(kind, stated, read, shows):
    assert as_read({"kind": kind, "stated": stated, "read": read}) == shows


def test_a_file_that_could_not_be_read():
    claim = {"verdict": "undecided", "reason": "The file of answers cannot be read: no YAML.", "stated": None}
    assert is_unread([claim, claim])
    assert not is_unread([claim, claim | {"reason": "Equal, but not proved."}])
    assert not is_unread([claim, claim | {"stated": "x"}])
    assert not is_unread([claim | {"verdict": "not answered"}]) and not is_unread([])


@pytest.mark.parametrize("name", ["a.b", "a:"])
def test_names_that_no_pointer_can_follow(name):
    [row] = rows({"pointer": "f#claims.0", "stated": {name: "1"}, "computed": None})
    assert row["stated"] == ["f#claims.0.stated"]


def test_parts_side_by_side():
    [row] = rows({"pointer": "f#claims.0", "stated": {"a": ["1", "2"]}, "computed": {"a": [1, 3]}})
    assert row["part"] == "a"
    assert row["stated"] == ["f#claims.0.stated.a.0", "f#claims.0.stated.a.1"]


def test_what_was_computed_is_not_rounded_like_what_is_wrong():
    claim = {
        "pointer": "f#claims.0",
        "stated": {"a": ["0.1"], "b": "8 %"},
        "computed": {"a": [0.0123456789], "b": 0.088},
    }
    told = [row["how"] for row in rows(claim | {"verdict": "refuted"})]
    assert [format(value, how) for value, how in zip((0.0123456789, 0.088), told, strict=True)] == [
        "0.0123456789",
        "0.088",
    ]
    assert rows(claim | {"verdict": "to printed digits"})[0]["how"] == ".1f"


def test_parts_come_as_their_item_lists_them():
    claim = {"pointer": "f#claims.0", "stated": {"a": "1", "count": "2", "f": "3"}, "computed": None}
    spec = {"computed": {"count": "x.json#count", "a": "x.json#a"}}
    assert [row["part"] for row in rows(claim | {"spec": spec})] == ["f", "count", "a"]


@pytest.mark.parametrize(
    ("part", "words"),
    [("batch_size", "batch size"), ("train_batches", "training batches"), ("W1", "W₁"), ("F10", "F10"), ("", "answer")],
)
def test_names_of_parts(part, words):
    assert part_words(part) == words


def test_the_style_can_filter_the_ledger_by_every_verdict():
    style = (ROOT / "report/style.css").read_text(encoding="utf-8")
    for kind in (verdict.replace(" ", "-") for verdict in SYMBOLS):
        assert f"#ledger:has(#only-{kind}:target) tr:has(.badge:not(.{kind}))" in style
