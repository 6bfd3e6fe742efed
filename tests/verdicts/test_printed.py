"""Printed numbers: what people write is read, what it stands for, and what means two things is asked back."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.verdicts.finding import DIGITS, EXACT, REFUTED, Malformed
from scripts.verdicts.printed import Form, compare, interval, read, read_list, told

NAMES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
NUMBER, EXACTLY, SHARE = Form("number"), Form("exact"), Form("share")
COUNT = Form("count", nouns=frozenset({"training", "images"}))
HITS, LABEL = COUNT._replace(size=32), Form("label", names=NAMES)


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("2.37", "237/100", "1/200"),
        ("2.370", "237/100", "1/2000"),
        ("8.80 %", "88/1000", "5/100000"),
        ("9 %", "9/100", "5/1000"),
        ("0 %", "0", "5/1000"),
        ("6.3994e-06", "63994/10000000000", "5/100000000000"),
        ("6e4", "60000", "0"),
        ("1.e5", "100000", "0"),
        ("2.5e3", "2500", "50"),
        ("5e-3", "5/1000", "5/10000"),
        ("−3", "-3", "1/2"),
        ("2.", "2", "1/2"),
        ("0", "0", "0"),
        ("0.", "0", "0"),
        ("0.00", "0", "1/200"),
        ("0.0000e+00", "0", "1/20000"),
        (" 7/2 ", "7/2", "0"),
        (".5", "1/2", "1/20"),
        ("0." + "1" * 30, f"{'1' * 30}/1{'0' * 30}", f"1/2{'0' * 30}"),
    ],
)
def test_interval(text, value, half):
    assert interval(text) == (Fraction(value), Fraction(half))


@pytest.mark.parametrize(
    ("form", "value", "texts"),
    [
        (NUMBER, "2.37", ["≈ 2.37", "ca. 2.37", "about 2.37", "~2.37", "$2.37$", r"\approx 2.37", "= 2.37", "(2.37)"]),
        (NUMBER, "1727.35", ["1,727.35", "1 727.35", "1\u202f727.35", "1'727.35", "1_727.35", r"1\,727.35"]),
        (NUMBER, "64/10000000", ["6.4·10^-6", "6.4 × 10⁻⁶", "6.4*10**-6", r"6.4 \times 10^{-6}", "6.4E-06", "6.4e−6"]),
        (NUMBER, "1e-6", ["10^-6", "10⁻⁶", "1·10⁻⁶", "10**-6"]),
        (NUMBER, "-3", ["-3 - 1 + 1 = -3", "-(1*2 + 1) = -3", "0*(-2) + 3·(-1) = -3.0"]),
        (NUMBER, "-3", ["−3", "–3", "- 3", "-3.0", "-6/2", r"-\frac{6}{2}", r"-\tfrac62"]),
        (NUMBER, "3/2", ["1½", "1 1/2", "3/2"]),
        (NUMBER, "1/2", ["½", "1/2", "1 / 2", r"\frac{1}{2}", "1⁄2"]),
        (SHARE, "0.088", ["8.80 %", "8.8%", "8.80 percent", r"8.80\,\%", "0.088", "880/10000", "880 of 10 000"]),
        (SHARE, "0.088", ["880 out of 10,000", "8.8e-2", "8.80 % (880/10000)", "880/10000 = 8.80 %"]),
        (COUNT, "60000", ["60 000", "60,000", "60'000", "60_000", r"60\,000", "60{,}000", "60\u00a0000", "6e4", "60k"]),
        (
            COUNT,
            "60000",
            ["60000 images", "60 000 training images", "60 thousand", "6·10^4", "60000.0", "exactly 60000"],
        ),
        (COUNT, "938", ["⌈60000/64⌉ = 938", "ceil(60000/64) = 938", r"\lceil 60000/64 \rceil", "937 + 1 = 938"]),
        (COUNT, "938", ["60000/64 rounded up = 938", "937.5 rounded up = 938"]),
        (HITS, "28", ["28 right, 4 wrong", "28 = 0.875 · 32"]),
        (COUNT, "9270", ["no. 9270", "#9270", "image 9270", "test image no. 9270", "№ 9270", "9,270"]),
        (HITS, "28", ["28", "28/32", "28 of 32", "28 out of 32", "28 right of 32", "87.5 %", "0.875", "7/8", "88 %"]),
        (HITS, "28", ["28/32 (87.5 %)", "28 of 32 = 0.875", "28 of the 32 images"]),
        (LABEL, "9", ["9", "Ankle boot", "ankle-boots", "ANKLE_BOOT", "9 (Ankle boot)", "Ankle boot: 9", "class 9"]),
        (LABEL, "0", ["T-shirt/top", "t-shirt", "Tshirt", "T-Shirts", "top"]),
        (LABEL, "6", ["Shirt", "shirts", "6: shirt"]),
    ],
)
def test_what_people_write(form, value, texts):
    assert {read(text, form).value for text in texts} == {Fraction(value)}


@pytest.mark.parametrize(
    ("form", "entries", "texts"),
    [
        (
            COUNT,
            "784 256 128 64 10",
            ["784, 256, 128, 64, 10", "784,256,128,64,10", "784-256-128-64-10", "[784 256 128 64 10]"],
        ),
        (
            COUNT,
            "784 256 10",
            ["784 → 256 → 10", "784->256->10", "784 x 256 x 10", r"784 \to 256 \to 10", "784 – 256 – 10"],
        ),
        (COUNT, "784 256 10", ["784, 256 and 10", "784; 256; 10", "784 | 256 | 10", "784 > 256 > 10"]),
        (
            COUNT,
            "1 28 28",
            ["1 × 28 × 28", "(1, 28, 28)", "1x28x28", "torch.Size([1, 28, 28])", r"1 \times 28 \times 28"],
        ),
        (COUNT, "64", ["(64,)", "[64]", "torch.Size([64])"]),
        (COUNT, "0 255", ["0-255", "0 to 255", "from 0 to 255", "0..255", "{0, …, 255}", "[0; 255]"]),
        (COUNT, "6653 7257", ["6,653, 7,257", "6 653, 7 257", "6653,7257"]),
        (
            NUMBER,
            "0 -2 -2 0",
            ["0, -2, -2, 0", "(0, −2, −2, 0)ᵀ", "[ 0. -2. -2.  0.]", "0,-2,-2,0", "tensor([0., -2., -2., 0.])"],
        ),
        (
            NUMBER,
            "0 -2 -2 0",
            [r"\begin{pmatrix} 0 & -2 & -2 & 0 \end{pmatrix}^\top", r"\begin{bmatrix}0\\-2\\-2\\0\end{bmatrix}"],
        ),
        (
            LABEL,
            "8 4 9",
            ["Bag, Coat, Ankle boot", "['Bag', 'Coat', 'Ankle boot']", "Bag coat ankle boot", "8 (Bag), 4 (Coat), 9"],
        ),
    ],
)
def test_lists(form, entries, texts):
    values = [Fraction(entry) for entry in entries.split()]
    for text in [*texts, entries.split(), [entries]]:
        assert [number.value for number in read_list(text, form, expected=len(values))] == values, text


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        (NUMBER, "2,37", "may be a decimal comma"),
        (NUMBER, "1,234", "may have its thousands or its decimals parted"),
        (COUNT, "60.000", "may have its thousands or its decimals parted"),
        (COUNT, "about 60000", "leaves open which number is meant"),
        (COUNT, "60,00", "may be a decimal comma"),
        (COUNT, "60000 epochs", "cannot be read from 'epochs' on"),
        (COUNT, "6000*9 = 60000", "is two numbers that differ"),
        (COUNT, "√2 = 60000", "is no number"),
        (NUMBER, "2*1 - 4 = -3", "is two numbers that differ"),
        (NUMBER, "1/f = -3", "cannot be read"),
        (COUNT, "50 %", "is a percentage"),
        (NUMBER, "8.8 %", "is a percentage"),
        (SHARE, "8.80", "is more than the whole"),
        (SHARE, "8,80 %", "may be a decimal comma"),
        (HITS, "28 of 33", "counts out of 33, and 32 are asked about"),
        (HITS, "0.9", "does not say which count out of 32"),
        (HITS, "1.0", "may be one or all of 32"),
        (HITS, "28/32 (97.5 %)", "is two numbers that differ"),
        (LABEL, "Bag (3)", "is two classes: 3 and 8, the Bag"),
        (NUMBER, "0.e9", "shows no digit"),
        (NUMBER, "0e5", "shows no digit"),
        (NUMBER, "0.0e1", "shows no digit"),
        (NUMBER, "2.37 ± 0.1", "cannot be read from '± 0.1' on"),
        (NUMBER, "1/0", "divides by zero"),
        (NUMBER, "1e200", "is too large"),
        (NUMBER, "1e-301", "is too small"),
        (NUMBER, "9" * 31, "more than 30 digits"),
        (NUMBER, "2.37\u200b", "invisible character U+200B"),
        (NUMBER, "1" * 501, "longer than 500 characters"),
    ],
)
def test_what_is_asked_back(form, text, words):
    with pytest.raises(Malformed) as malformed:
        read(text, form, "loss")
    assert words in str(malformed.value) and str(malformed.value).startswith("loss: ")


@pytest.mark.parametrize(
    "text", ["", ".", "1.2.3", "abc", "0x10", "1e", "٣", "２", "²", "nan", "inf", "1 2", "--3", "+-3"]
)
@pytest.mark.parametrize("form", [NUMBER, EXACTLY, SHARE, COUNT, HITS, LABEL], ids=lambda form: form.kind)
def test_no_number(form, text):
    with pytest.raises(Malformed):
        read(text, form)


def test_decimal_commas_in_a_list_are_asked_back():
    for text in ("-0,008,0,017", "-0,008; 0,017", "0,96 0,84"):
        with pytest.raises(Malformed):
            read_list(text, NUMBER, "W1")


def test_dots_leave_something_out():
    assert [n.text for n in read_list("[-0.008, 0.017, …]", NUMBER, beginning=True)] == ["-0.008", "0.017"]
    for stated in ("784, ..., 10", "784, 256, …", ["784", "...", "10"]):
        with pytest.raises(Malformed, match="dots"):
            read_list(stated, COUNT, expected=5)


def test_a_bare_zero_is_rounded_like_its_neighbours():
    numbers = read_list("0, 0.02, 0.981, 0, 1", SHARE)
    assert [n.half for n in numbers] == [Fraction(1, 200), Fraction(1, 200), Fraction(1, 2000), *[Fraction(1, 200)] * 2]
    assert [n.half for n in read_list("0, 1, 0", SHARE)] == [0, 0, 0]


def test_what_was_read_is_told():
    parts = {"shape": read_list("1 × 28 × 28", COUNT), "label": read("ankle boots", LABEL), "": read("−2,000.50")}
    assert (
        told(parts, {"shape": COUNT, "label": LABEL, "": NUMBER})
        == "shape = (1, 28, 28); label = 9 (Ankle boot); -2000.50"
    )


@pytest.mark.parametrize(
    ("stated", "computed", "verdict"),
    [
        ("880", 880, EXACT),
        ("880", 881, REFUTED),
        ("2.37", 2.37346, DIGITS),
        ("2", 2.37346, DIGITS),
        ("3", 2.37346, REFUTED),
        ("0", 0.01, REFUTED),
        ("0.0", 0.01, DIGITS),
        ("0.0", 0.06, REFUTED),
        ("1e5", 60000, REFUTED),
        ("1e5", 96325.25, REFUTED),
        ("9.6e4", 96325.25, DIGITS),
        ("9.6e4", 96325, REFUTED),  # an integer is met exactly or missed
        ("2.37", 2.375, DIGITS),  # on the edge of the interval
        ("2.37", 2.3751, REFUTED),
        ("2.37", 2.3649, REFUTED),
        ("0.5", 0.5, EXACT),
        ("8.80 %", 0.088, EXACT),
        ("9 %", 0.088, DIGITS),
        ("0 %", 0.003, DIGITS),
        ("0 %", 0.006, REFUTED),
        ("1/3", "1/3", EXACT),
        ("0.333", "1/3", DIGITS),
        ("1/3", "333/1000", REFUTED),
        ("0.100000000000000005551115123126", 0.1, DIGITS),  # the float to its last bit
        ("0.100000000000000000000000000001", 0.1, REFUTED),
    ],
)
def test_compare(stated, computed, verdict):
    found, evidence = compare(read(stated, SHARE if "%" in stated else NUMBER), computed)
    assert found == verdict
    within = Fraction(evidence["from"]) <= Fraction(str(computed)) <= Fraction(evidence["to"])
    assert within == (verdict != REFUTED) or "0000000" in stated


# Random numbers in random notations


def notations(value: Fraction, digits: int) -> list[str]:
    """Print a value that has so many decimals in the ways of people, none of which shows another number of them."""
    units = str(abs(int(value * 10**digits))).rjust(digits + 1, "0")
    whole, decimals = units[: len(units) - digits], units[len(units) - digits :]
    sign = "-" if value < 0 else ""
    plain = f"{sign}{whole}.{decimals}" if digits else sign + whole
    first = f"{int(whole):,}"
    tail = f".{decimals}" if decimals else ""
    printed = [
        plain,
        plain.replace("-", "−"),
        f" {plain} ",
        f"${plain}$",
        f"({plain})",
        f"tensor({plain})",
        f"= {plain}",
    ]
    printed += [f"np.float64({plain})", f"{plain} nats", rf"\({plain}\)", f"'{plain}'", f"[{plain}]", f"≈ {plain}"]
    printed += [f"{sign}{first.replace(',', gap)}{tail}" for gap in (" ", "\u202f", "'", "_", r"\,")]
    printed += [f"{sign}{first}{tail}", f"{sign}{first.replace(',', '{,}')}{tail}"] if decimals else []
    printed += [plain.replace("0.", ".", 1)] if whole == "0" and decimals else []
    if decimals:  # the point moved to behind the first digit
        shown = (whole + decimals).lstrip("0")
        power = len(shown) - 1 - len(decimals)
        if len(shown) > 1:
            first = f"{sign}{shown[0]}.{shown[1:]}"
            ways = ("{}e{}", "{}E{:+03d}", "{}×10^{}", "{} · 10^{{{}}}", r"{}\times10^{{{}}}", "{}*10**{}")
            printed += [way.format(first, power) for way in ways]
    return printed


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.fractions(-5000, 5000, max_denominator=10**6), st.integers(0, 9), st.randoms(use_true_random=False))
def test_a_right_value_in_any_notation(value, digits, draw):
    unit = Fraction(1, 10**digits)
    rounded = round(value / unit) * unit
    if digits and rounded and abs(rounded) <= unit / 2:
        return
    for text in draw.sample(notations(rounded, digits), 4):
        number = read(text)
        assert number.value == rounded, text
        if rounded or digits:
            assert number.half == unit / 2, text
            assert compare(number, float(value))[0] != REFUTED, text
            off = value + draw.choice([-1, 1]) * unit * draw.randint(11, 90) / 10
            assert compare(number, off)[0] == REFUTED, text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 70000), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_right_sizes_in_any_notation(sizes, draw):
    texts = [str(size) for size in sizes]
    joints = [
        ", ",
        " x ",
        "x",
        " × ",
        "×",
        "-",
        " – ",
        " → ",
        "->",
        "; ",
        " ",
        " | ",
        r" \times ",
        r" \to ",
        " by ",
        "*",
    ]
    joints = [joint for joint in joints if joint != " " or not any(len(text) == 3 for text in texts[1:])]
    wraps = ["{}", "({})", "[{}]", "torch.Size([{}])", "array([{}])", "$({})$", r"\left({}\right)", "{{{}}}", "({})ᵀ"]
    text = draw.choice(wraps).format(draw.choice(joints).join(texts))
    assert [number.value for number in read_list(text, Form("count"), "", len(sizes))] == sizes, text


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(-99, 99), st.integers(1, 99), st.sampled_from("+-*/"), st.integers(-2, 2))
def test_arithmetic_before_a_number_is_checked(a, b, sign, off):
    """Right arithmetic is left out, wrong arithmetic is asked back, and what is read is what stands last."""
    value = {"+": a + b, "-": a - b, "*": a * b, "/": Fraction(a, b)}[sign]
    for text in (f"{a} {sign} {b} = {value + off}", f"0 + ({a}{sign}{b}) = {value + off}"):
        if off:
            with pytest.raises(Malformed):
                read(text, EXACTLY)
        else:
            assert read(text, EXACTLY).value == value, text
