"""Answers in numbers, yes or no: right ones are read as people write them, wrong and empty ones gain nothing."""

import random
from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stand_in import DEEP, KNOWN, StandIn, stand_in

from scripts.verdicts.confirm import confirmed
from scripts.verdicts.finding import DISTRIBUTION, HOLDS, NOT_ANSWERED, PROVED, REFUTED, SPECIFIED, UNDECIDED, Malformed
from scripts.verdicts.judge import CHECKERS, judge_claim
from scripts.verdicts.kinds import distribution, sample
from scripts.verdicts.results import Results

ALPHA = 0.01
VALUES = {name: spec for name, spec in KNOWN.items() if name not in DEEP.formulas}
POSITIVE = set(HOLDS)
READERS = {"distribution": distribution.read_parts, "sample": sample.read_parts}
ACCEPTED = 0.97  # of the right answers, at least; the others are asked back

DOCUMENT = {
    claim["id"]: claim["stated"]
    for claim in yaml.load((DEEP.folder / "answers/document.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)[
        "claims"
    ]
}
FITTING = {
    "p3a-1": {"w_h": ["-2", "2", "2", "2"], "b_h": ["8", "-8", "-12", "-16"], "w_o": ["1", "1", "-2", "2"], "b_o": "0"},
    "p3a-2": {"w_h": ["-1", "1", "1"], "b_h": ["3", "-3", "-5"], "w_o": ["-1", "-1", "1.5"], "b_o": "3"},
}


def listed(name: str) -> list[tuple[str, object]]:
    answers = yaml.load(Path(__file__).with_name(f"{name}_values.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    return [(claim, stated) for claim, many in answers.items() for stated in many]


def verdict(name: str, stated: object, results: Results) -> str:
    """Judge an answer, of which the stand-in can only tell whether it is read if it is a draw of a training."""
    spec = KNOWN[name]
    if spec["kind"] not in READERS or not isinstance(results, StandIn):
        return judge_claim({"stated": stated}, spec, results, ALPHA).verdict
    try:
        READERS[spec["kind"]](stated, spec, results)
    except Malformed:
        return UNDECIDED
    return DISTRIBUTION


def held_to_right(results: Results) -> None:
    found = [(verdict(name, stated, results), name, stated) for name, stated in listed("right")]
    assert len(found) > 400
    assert [row for row in found if row[0] == REFUTED] == []
    assert sum(row[0] in POSITIVE for row in found) >= ACCEPTED * len(found), [
        row for row in found if row[0] not in POSITIVE
    ]


def held_to_wrong(results: Results, *but: str) -> None:
    answers = [(name, stated) for name, stated in listed("wrong") if KNOWN[name]["kind"] not in but]
    assert len(answers) > 250
    assert [answer for answer in answers if verdict(*answer, results) not in (REFUTED, UNDECIDED)] == []


def test_right_answers_are_read():
    held_to_right(stand_in())


def test_wrong_answers_gain_nothing():
    held_to_wrong(stand_in(), *READERS)


@pytest.mark.real
def test_right_answers_are_read_by_a_full_run(real_results):
    held_to_right(Results(real_results))


@pytest.mark.real
def test_wrong_answers_gain_nothing_by_a_full_run(real_results):
    held_to_wrong(Results(real_results))


@pytest.mark.parametrize(
    ("name", "stated", "read"),
    [
        ("f1", "60000 training and 10000 test images", "train = 60000; test = 10000"),
        ("f2", "1x28x28, label Ankle boot", "shape = (1, 28, 28); label = 9 (Ankle boot)"),
        ("f3", "torch.Size([64, 1, 28, 28]) and torch.Size([64])", "images = (64, 1, 28, 28); labels = (64)"),
        ("f4", "784 → 256 → 128 → 64 → 10", "(784, 256, 128, 64, 10)"),
        ("f5", "lr = .01, no momentum", "learning_rate = 0.01; momentum = 0"),
        ("f9", "28 of 32", "right = 28"),
        ("m1", "0..255", "pixel_range = (0, 255)"),
        (
            "m4",
            "loss: 2.37; 880 of 10 000 right; accuracy 8.80 %",
            "loss = 2.37; correct = 880; accuracy = 8.80 %; count = 10000",
        ),
        ("p3a-2", FITTING["p3a-2"], "w_h = (-1, 1, 1); b_h = (3, -3, -5); w_o = (-1, -1, 1.5); b_o = 3"),
        ("f10-9270", "test image 9270, label Bag, predicted 8", "number = 9270; label = 8 (Bag); predicted = 8 (Bag)"),
        ("m6-rise", "Yes, it does.", "yes"),
        ("f11-no-confusion", "That is not so", "no"),
    ],
)  # fmt: skip
def test_how_an_answer_was_read_is_told(name, stated, read):
    spec = KNOWN[name]
    if spec["kind"] in READERS:
        assert READERS[spec["kind"]](stated, spec, stand_in())[1] == read
    elif name == "m6-rise":
        assert CHECKERS["statement"](stated, {"why": "no test"}, stand_in(), ALPHA).read == read
    else:
        assert judge_claim({"stated": stated}, spec, stand_in(), ALPHA).read == read


@pytest.mark.parametrize(
    ("name", "stated", "words"),
    [
        ("f1", {"train": "60.000", "test": "10000"}, "write it like 60000 or 60 000"),
        ("m4", DOCUMENT["m4"] | {"loss": "2,37"}, "may be a decimal comma; write it like −2.37"),
        ("f1", "10000, 60000", "each under its name"),  # in what order?
        ("f1", {"train": "60000", "validation": "10000"}, "no part 'validation' is asked for"),
        ("f1", {"train": "60000", "training": "10000"}, "train stands there twice"),
        ("f1", {"train": "60000 test images", "test": "10000"}, "train is said to be test"),
        ("f6", {"batches per epoch": "938", "test": "157", "epochs": "25"}, "no part 'batches per epoch' is asked for"),
        ("p3c", {"f": "-3"}, "pre_activations and activations left out"),
        ("f11-no-confusion", "not wrong", "neither yes nor no"),
        ("m3", {"W1": ["0.0"], "W2": ["0.2"], "W3": ["0.1"]}, "show a digit that is not 0"),
    ],
)
def test_what_is_asked_back(name, stated, words):
    finding = judge_claim({"stated": stated}, KNOWN[name], stand_in(), ALPHA)
    assert finding.verdict == UNDECIDED and words in finding.reason


# Networks


def test_the_same_network_in_other_words():
    """Units in another order, scaled and back, and dead ones change nothing; a single other number does."""
    draw = random.Random(0)
    for name, network in FITTING.items():
        for _ in range(50):
            columns = [map(Fraction, network[part]) for part in ("w_h", "b_h", "w_o")]
            units = list(zip(*columns, strict=True))
            units = [[w * c, b * c, o / c] for (w, b, o), c in ((u, Fraction(draw.randint(1, 9), 3)) for u in units)]
            units += [[Fraction(draw.randint(-3, 3)), Fraction(draw.randint(-3, 3)), Fraction(0)] for _ in range(2)]
            draw.shuffle(units)
            columns = [[str(x) for x in column] for column in zip(*units, strict=True)]
            other = dict(zip(("w_h", "b_h", "w_o"), columns, strict=True)) | {"b_o": network["b_o"]}
            assert verdict(name, other, stand_in()) == PROVED
            live = next(i for i, unit in enumerate(units) if unit[2])
            columns[2][live] = str(units[live][2] + 1)
            assert verdict(name, other, stand_in()) == REFUTED


def test_a_network_of_long_fractions_is_no_burden():
    def long(draw):
        return f"{draw.randrange(10**29, 10**30)}/{draw.randrange(10**29, 10**30)}"

    draw, start = random.Random(0), process_time()
    lists = {name: [long(draw) for _ in range(64)] for name in ("w_h", "b_h", "w_o")}
    assert verdict("p3a-1", lists | {"b_o": "0"}, stand_in()) == UNDECIDED
    denominators = {name: [f"{draw.randrange(10**29)}/{10**29 + 1}" for _ in range(64)] for name in lists}
    assert verdict("p3a-1", denominators | {"b_o": "0"}, stand_in()) == REFUTED
    assert process_time() - start < 2


# Shapes

WIDE = ["784", "256", "128", "64", "10"]
SHAPES = [  # what can be read and has another shape than what is asked for is wrong, unless it may be meant otherwise
    ("f4", WIDE[:4], REFUTED),
    ("f4", [*WIDE, "10"], REFUTED),
    ("f4", ["784", "128", "10"], REFUTED),
    ("f4", WIDE[1:], REFUTED),
    ("f4", "256, 128 and 64 hidden units", UNDECIDED),
    ("f2", {"shape": ["28", "28"], "label": "9"}, REFUTED),
    ("f2", {"shape": "784", "label": "9"}, REFUTED),
    ("f5", {"learning_rate": ["0.1", "0.2"], "momentum": "0"}, REFUTED),
    ("f5", {"learning_rate": ["0.01", "0.02"], "momentum": "0"}, UNDECIDED),  # which of them?
    ("f6", {"train_batches": "938", "test_batches": "157", "epochs": ["0", "24"]}, UNDECIDED),  # from 0 to 24?
    ("p3c", {"pre_activations": "3", "activations": ["0", "3", "1", "0"], "f": "-3"}, REFUTED),
    ("m6-accuracy", {"correct": ["6653"], "count": "10000", "accuracy": ["66.53 %"]}, REFUTED),
    ("m6-accuracy", {"correct": ["6653", "6596"], "count": "10000", "accuracy": ["66.53 %"]}, REFUTED),
]


@pytest.mark.parametrize(("name", "stated", "expected"), SHAPES)
def test_a_wrong_shape_is_wrong(name, stated, expected):
    finding = judge_claim({"stated": stated}, KNOWN[name], stand_in(), ALPHA)
    assert finding.verdict == expected, finding.reason
    assert expected == UNDECIDED or (finding.corrected and confirmed([finding.evidence["recheck"]]) == [""])


def test_beside_a_list_of_wrong_length_stands_the_whole_computed_one():
    finding = judge_claim({"stated": WIDE[:3]}, KNOWN["f4"], stand_in(), ALPHA)
    assert finding.computed == [int(width) for width in WIDE]
    assert finding.reason == "3 values are stated, 5 are asked for."


@pytest.mark.parametrize(("loss", "correct"), [(["0.96"], ["6653"]), (["0.96", "0.96", "0.84"], ["6653", "6596"])])
def test_fewer_values_than_epochs_are_wrong_and_more_are_asked_back(loss, correct):
    finding = judge_claim({"stated": {"loss": loss, "correct": correct}}, KNOWN["m6"], stand_in(), ALPHA)
    assert finding.verdict == REFUTED and confirmed([finding.evidence["recheck"]]) == [""]
    more = {"loss": ["2.37", "0.96", "0.96", "0.84"], "correct": ["880", "6653", "6596", "7257"]}
    assert judge_claim({"stated": more}, KNOWN["m6"], stand_in(), ALPHA).verdict == UNDECIDED


def test_ten_classes_have_ten_probabilities():
    for odd in ({"probabilities": ["0.9", "0.1"]}, {"predicted": "12"}):
        finding = judge_claim({"stated": DOCUMENT["f10-3639"] | odd}, KNOWN["f10-3639"], stand_in(), ALPHA)
        assert finding.verdict == REFUTED and confirmed([finding.evidence["recheck"]]) == [""]


def test_a_correction_is_right_and_says_what_it_leaves_open():
    def corrected(name: str, **slip: list[str]) -> str:
        finding = judge_claim({"stated": DOCUMENT[name] | slip}, KNOWN[name], stand_in(), ALPHA)
        assert finding.verdict == REFUTED and confirmed([finding.evidence["recheck"]]) == [""]
        return finding.corrected

    sure = ["0.9", *["0.1"] * 3, "0.8", *["0.1"] * 5]
    assert "sum of the probabilities: 1" in corrected("f10-3639", probabilities=sure).split("; ")
    # Hits and share do not fit: either may be the wrong one.
    assert corrected("m6-accuracy", correct=["6653", "2596", "7257"]) == "25.96 % for 2596 hits, or other hits"
    # No more digits than a person would print.
    assert len(corrected("m3", W1=["0.1", "0.01740251", "-0.01155122"])) == len("W1 no. 1 = -0.00826663xxxx")


# Anything at all

PIECES = r"""0 1 -3 28 32 60000 0.96 8.80 % 2,37 1/3 6e4 1e999 0.e9 ≈ about nan
train test loss correct count
w_h b_o [ ] ( ) { } , ; : = and of
/ \frac \times ^ × → - … ... \\ & $ ~ | ' " tensor( torch.Size([ ½ ² ٣ № yes no not Bag"""
WORDS = st.sampled_from(PIECES.split())
TEXT = st.one_of(
    st.lists(WORDS, max_size=12).map(" ".join),
    st.lists(WORDS, max_size=12).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["9" * 500, "(" * 500, "1," * 250, "1 " * 250, "a=" * 250, "and " * 125, "1/" * 250, "{" * 250]),
)
TEXTS = st.one_of(TEXT, st.lists(TEXT, max_size=5))


def filled(draw, name: str) -> object:
    """Replace some of the document's answer by anything, keep the rest."""
    stated = FITTING.get(name, DOCUMENT[name])
    if isinstance(stated, dict) and draw(st.booleans()):
        mixed = {key: draw(st.one_of(st.just(part), TEXTS)) for key, part in stated.items()}
        return mixed | draw(st.dictionaries(TEXT, TEXTS, max_size=2))
    return draw(st.one_of(TEXTS, st.dictionaries(TEXT, TEXTS, max_size=3)))


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.data())
def test_anything_is_a_finding_or_malformed(data):
    name = data.draw(st.sampled_from(sorted(VALUES)))
    spec = KNOWN[name]
    stated = filled(data.draw, name)
    start = process_time()
    try:
        if spec["kind"] in READERS:
            READERS[spec["kind"]](stated, spec, stand_in())
        elif all(test["value"].partition("#")[0] in stand_in().names for test in spec.get("tests", [])):
            finding = CHECKERS[spec["kind"]](stated, spec, stand_in(), ALPHA)
            assert finding.verdict != NOT_ANSWERED and finding.read
    except Malformed as malformed:
        assert str(malformed).isprintable() and len(str(malformed)) < 400
    assert process_time() - start < 2


@pytest.mark.parametrize(
    ("name", "stated", "verdict", "words"),
    [
        ("f3", {"images": ["64", "1", "28", "28"], "labels": "64"}, SPECIFIED, "by which the run was set up."),
        ("f4", "784 → 256 → 128 → 64 → 10", SPECIFIED, "What was trained has the same values."),
        ("f4", "784 → 256 → 128 → 10", REFUTED, "4 values are stated, 5 are asked for"),
        ("f5", {"learning_rate": "0.01", "momentum": "0"}, SPECIFIED, "by which the run was set up."),
        ("f5", {"learning_rate": "0.1", "momentum": "0"}, REFUTED, "stated 0.1, given 0.01"),
        ("f6", DOCUMENT["f6"], SPECIFIED, "training batches and test batches to what is recomputed."),
        ("f6", DOCUMENT["f6"] | {"epochs": "24"}, REFUTED, "epochs: stated 24, given 25"),
    ],
)
def test_to_agree_with_what_the_source_gives_is_no_recomputation(name, stated, verdict, words):
    finding = judge_claim({"id": name, "stated": stated}, KNOWN[name], stand_in(), ALPHA)
    assert finding.verdict == verdict and words in finding.reason


def test_a_run_that_is_not_as_specified_is_told():
    model = stand_in()["fashion_mnist/model.json"]
    results = StandIn({"fashion_mnist/model.json": model | {"trained": {"widths": [784, 12, 10]}}})
    finding = judge_claim({"id": "f4", "stated": "784 → 256 → 128 → 64 → 10"}, KNOWN["f4"], results, ALPHA)
    assert finding.verdict == SPECIFIED and "What was trained here has 784, 12, 10." in finding.reason
