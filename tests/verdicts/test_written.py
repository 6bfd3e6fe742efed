"""What people write around numbers, and what they call the parts of an answer."""

import pytest

from scripts.verdicts.finding import Malformed
from scripts.verdicts.parts import InOrder, Known, find, parts, words
from scripts.verdicts.written import entries, numbered, plain, unwrapped

NAMES = ("T-shirt/top", "Shirt", "Bag", "Ankle boot")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$8.80\,\%$", "8.80\u00a0%"),
        (r"6.4\times10^{-3}", "6.4×10^{-3}"),
        (r"6.4 \cdot 10^{-3}", "6.4 ·10^{-3}"),
        ("6.4·10⁻³", "6.4·10^-3"),
        (r"\frac{3}{2}", "3/2"),
        (r"\tfrac32", "3/2"),
        ("1½", "1\u00a01/2"),
        ("−3 – 4", "-3 - 4"),
        (r"\left( 0, 3 \right)^{\top}", "( 0, 3 )^{⊤}"),
        (r"\begin{pmatrix} 0 & 3 \end{pmatrix}", "( 0, 3 )"),
        (r"784 \to 256 \rightarrow 10", "784 → 256 → 10"),
        ("tensor(2.5, grad_fn=<AddBackward0>)", "tensor(2.5)"),
        ("minus 3, minus three", "-3, minus three"),
        ("٣", "٣"),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected
    assert plain(plain(text)) == expected


@pytest.mark.parametrize("text", ["a\u200bb", "\u202e1", "\u00ad1", "\x07", "\ue000", "x" * 501])
def test_what_cannot_be_seen_is_refused(text):
    with pytest.raises(Malformed):
        plain(text)


@pytest.mark.parametrize(
    "text", ["(1)", "[1]", "{1}", "'1'", "tensor([1])", "torch.Size([1])", "np.float64(1)", "[[1]]", "(1,)", "(1)^T"]
)
def test_unwrapped(text):
    assert unwrapped(text) == "1"


@pytest.mark.parametrize("text", ["[0, 255)", "(0, 255]", "(1) + (2)", "(1", "1)"])
def test_brackets_that_are_no_wrapping_stay(text):
    assert unwrapped(text) == text


@pytest.mark.parametrize(
    ("text", "signed", "expected"),
    [
        ("1 x 28 x 28", False, "1 28 28"),
        ("784-256-10", False, "784 256 10"),
        ("-1, -2", True, "-1 -2"),
        ("-1 -2", True, "-1 -2"),
        ("0 to 255", False, "0 255"),
        ("0, 1, ..., 255", False, "0 255"),
        ("0 ≤ x ≤ 255", False, "0 255"),
        ("min = 0, max = 255", False, "0 255"),
    ],
)
def test_entries(text, signed, expected):
    found = expected.split()
    assert entries(text, signed, len(found)) == (found, False)


def test_one_separator_parts_a_list():
    """Else 28*28 → 256 would be three sizes, and a right answer refuted."""
    assert entries("28*28 → 256 → 10", False)[0] == ["28*28", "256", "10"]
    assert entries("1, 28 x 28", False)[0] == ["1", "28 x 28"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("T-shirts", "0"), ("ankle_boot (3)", "3"), ("2: bags", "2"), ("top, shirt", "0, 1"), ("9 ankles", "9 ankles")],
)
def test_classes_are_numbered(text, expected):
    assert numbered(text, NAMES) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train_batches", "train batches"),
        ("preActivations", "pre activations"),
        ("∂f/∂w_o", "w o"),
        ("W₁", "w1"),
        ("gradient w.r.t. w_o", "gradient w o"),
    ],
)
def test_words(name, expected):
    assert words(name) == expected.split()


BATCHES = Known({name: [words(name)] for name in ("train_batches", "test_batches", "epochs")})
BATCHES.beside = frozenset({"per epoch"})
LAYERS = Known(
    {"w_h": [["w", "h"], ["hidden", "weights"]], "b_h": [["b", "h"], ["hidden", "biases"]], "w_o": [["w", "o"]]}
)
LAYERS.beside = frozenset({"gradient"})


@pytest.mark.parametrize(
    ("name", "known", "part"),
    [
        ("training batches per epoch", BATCHES, "train_batches"),
        ("batches_test", BATCHES, "test_batches"),
        ("number of epochs", BATCHES, "epochs"),
        ("batches", BATCHES, None),
        ("batches per epoch", BATCHES, None),
        ("untrained batches", BATCHES, None),
        ("train without test", BATCHES, None),
        ("", BATCHES, None),
        ("hidden bias", LAYERS, "b_h"),
        ("hidden", LAYERS, None),
        ("dw_o", LAYERS, "w_o"),
        ("W_h", LAYERS, "w_h"),
        ("len(epochs)", BATCHES, "epochs"),
        ("epochs(25)", BATCHES, None),
        ("epochs[0]", BATCHES, "epochs"),
    ],
)
def test_find(name, known, part):
    assert find(name, known) == part


@pytest.mark.parametrize(
    "stated",
    [
        "loss: 2.37, correct: 880",
        "loss = 2.37; correct = 880",
        "loss 2.37 and correct 880",
        "880 correct, loss of 2.37",
        "{loss: 2.37, correct: 880}",
        "loss: 2.37\ncorrect: 880",
        ["loss = 2.37", "correct = 880"],
        {"test loss": "2.37", "num_correct": "880"},
        {"loss": "loss = 2.37", "correct": "880 correct"},
        {"loss": "L = 2.37", "correct": ["880"]},
    ],
)
def test_parts(stated):
    assert parts(stated, ["loss", "correct"], beside=["test"]) == {"loss": "2.37", "correct": "880"}


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("2.37, 880", "each under its name"),
        ("loss 2.37, loss 880", "stands there twice"),
        ({"loss": "correct = 880", "correct": "880"}, "loss is said to be correct"),
        ({"losss": "1", "loss": "2"}, "stands there twice"),
        ({"gain": "1"}, "no part 'gain' is asked for"),
        ({}, "the parts are loss, correct"),
    ],
)
def test_parts_that_are_asked_back(stated, words):
    with pytest.raises(Malformed, match=words):
        parts(stated, ["loss", "correct"])


def test_parts_without_names_are_taken_in_order_where_that_is_allowed():
    given = parts("(64, 1) and 64", ["images", "labels"], unnamed=True)
    assert isinstance(given, InOrder) and given == {"images": "(64, 1)", "labels": "64"}
    assert parts("1 x 28, label 9", ["shape", "label"]) == {"shape": "1 x 28", "label": "9"}


def test_what_hits_tell_beside_themselves():
    names = ["correct", "count", "accuracy"]
    told = {"correct": "880 of 10000 (8.80 %)", "count": "10000", "accuracy": "8.80 %"}
    assert parts({"correct": told["correct"]}, names) == told
    assert parts({"correct": "7/8"}, names) == {"correct": "7/8"}
