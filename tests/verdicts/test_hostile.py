"""Answers that mean harm: refused or undecided within seconds, with one clear line, and nothing in them is run."""

import json
import os
import socket
import subprocess
import sys
import time

import pytest
import yaml
from project import ROOT
from stand_in import DEEP, KNOWN

from scripts.shared.step import Failure
from scripts.verdicts.answers import read_answers
from scripts.verdicts.judge import judge, judge_claim

SECONDS = 5
HEAD = b"name: x\nclaims:\n"
RUNS = "__import__('pathlib').Path('canary').touch()"  # would leave a file behind

FILES = {
    "ten megabytes": HEAD + b"- {id: p1a, stated: '" + b"x" * 10_000_000 + b"'}",
    "a billion laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n",
    "an anchor in itself": b"a: &a [*a]",
    "flow nesting": b"[" * 100_000,
    "block nesting": b"- " * 90_000,
    "key nesting": b"? " * 90_000,
    "mapping nesting": b"{a: " * 40_000,
    "many keys": b"{" + b",".join(b"k%d: 1" % i for i in range(20_000)) + b"}",
    "many claims": HEAD + b"- {id: p1a, stated: x}\n" * 8_000,
    "the same key twice": HEAD + b"- {id: p1a, stated: x, stated: y}",
    "a key that is a list": HEAD + b"- {id: p1a, stated: {[a]: b}}",
    "a merged key": HEAD + b"- {<<: {id: p1a}, stated: x}",
    "the same claim twice": HEAD + b"- {id: p1a, stated: x}\n- {id: p1a, stated: y}",
    "a NUL byte": b"name: x\x00y\nclaims: []",
    "an escaped terminal code": HEAD + b'- {id: p1a, "\\e[2J\\nstated": x}',
    "no UTF-8": b"\xff\xfe\x00",
    "several documents": b"---\n" * 40_000,
    "a formula of 500 parentheses": HEAD + b"- {id: p1a, stated: '" + b"(" * 500 + b"x" + b")" * 500 + b"'}",
    "ten thousand hidden units": HEAD + b"- {id: p3a-1, stated: {w_h: [" + b"1," * 10_000 + b"], b_o: 0}}",
    "a number of 100 000 digits": HEAD + b"- {id: m4, stated: {loss: " + b"9" * 100_000 + b"}}",
    "an id that is a path": HEAD + b"- {id: ../../p1a, stated: x}",
    "nothing": b"",
    "a list": b"- a\n- b",
}

# Right, with some hundred terms to work out before that is seen.
SLOW = "2*x + (ds(x)+softmax(x)+exp(x)+abs(x))**6 - (softmax(x)*((exp(x)+ds(x)+abs(x))/softmax(x)+1))**6"
FORMULAS = {
    RUNS,
    "x.__class__.__mro__",
    "(lambda: x)()",
    "[x for x in x]",
    "f'{x}'",
    "eval('x')",
    "sum(x, x)",
    "sum(*x)",
    "9**9**9**9",
    "x**(6**6)",
    "2*x + 0*" + "(" * 12 + "2" + "**6)" * 12,
    "2*x + 0*exp(exp(exp(exp(3))))",
    "2*x + 0*exp(exp(exp(2.8)))",
    "2*x + 0*log(0*x)",
    "1e999*x",
    "9" * 400 + "*x",
    "(" * 240 + "x" + ")" * 240,
    "-" * 400 + "x",
    "x" * 499,
    "\u0662*x",
    "x\x00",
    "a" * 30 + "!" * 30,
}
NUMBERS = [
    "1e999999999",
    "-1e999",
    "1e300",
    "1e-999",
    "9" * 500,
    "1/0",
    "nan",
    "Infinity",
    "\u0662.\u0663\u0667",
    "0x1p9",
    "1_000",
    "2.37\x00",
    "(" * 200,
    "1" * 250 + "." + "1" * 249,
    "a" * 60 + "(",
    "9" * 249 + "e" + "9" * 250,
]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder to stand in; a canary in it would mean that something was run."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not (tmp_path / "canary").exists()


@pytest.fixture
def in_time():
    """Processor time, so that what else the machine does fails no test."""
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("case", FILES)
def test_file_is_refused_with_one_line(case, elsewhere, in_time):
    (elsewhere / "bad.yaml").write_bytes(FILES[case])
    with pytest.raises(Failure) as failure:
        read_answers("bad.yaml", KNOWN)
    line = str(failure.value)
    assert line.startswith("bad.yaml") and line.isprintable() and len(line) < 500


def test_none_of_them_stops_the_others(elsewhere, folder):
    """A folder of all of them, and of what is no file, with one honest answer among them."""
    answers = elsewhere / "answers"
    answers.mkdir()
    for number, content in enumerate(FILES.values()):
        (answers / f"bad-{number}.yaml").write_bytes(content)
    os.mkfifo(answers / "pipe.yaml")
    (answers / "endless.yaml").symlink_to("/dev/zero")
    (answers / "passwords.yaml").symlink_to("/etc/passwd")
    (answers / "loop.yaml").symlink_to("loop.yaml")
    (answers / "folder.yaml").mkdir()
    (answers / "turned\u202e.yaml").write_text("name: x\nclaims: []")
    (answers / "two\nlines.yaml").write_text("name: x\nclaims: []")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("answers/socket.yaml")
    (answers / "good.yaml").write_text("name: x\nclaims:\n- {id: p1a, stated: 2x}\n")
    command = [sys.executable, "-m", "scripts.verdicts.judge", "--answers", str(answers), "--results", str(folder)]
    done = subprocess.run(
        [*command, "--folder", str(elsewhere / "out")], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0 and done.stderr == ""
    assert "Traceback" not in done.stdout and done.stdout.replace("\n", "").isprintable()
    ledgers = [json.loads(path.read_text(encoding="utf-8")) for path in (elsewhere / "out").glob("*.json")]
    assert len(ledgers) == len(FILES) + 9 + 1  # the overview
    assert sum(ledger.get("counts", {}).get("proved", 0) for ledger in ledgers) == 1
    assert "root:" not in json.dumps(ledgers)


def test_the_command_says_one_line_and_no_traceback(elsewhere):
    (elsewhere / "bad.yaml").write_bytes(FILES["flow nesting"])
    command = [
        sys.executable,
        "-m",
        "scripts.verdicts.judge",
        "--answers",
        str(elsewhere / "bad.yaml"),
        "--folder",
        "out",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def test_tags_build_nothing(elsewhere, derived):
    stated = f'!!python/object/apply:eval ["{RUNS}"]'
    (elsewhere / "bad.yaml").write_text(f"name: x\nclaims:\n- {{id: p1a, stated: {stated}}}\n", encoding="utf-8")
    answers = read_answers("bad.yaml", KNOWN)
    assert answers["claims"][0]["stated"] == [RUNS]
    verdicts = {claim["id"]: claim["verdict"] for claim in judge(answers, derived, 0.01, KNOWN)["claims"]}
    assert verdicts["p1a"] == "undecided"


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: ascii(formula[:30]))
def test_formula_is_never_right(formula, elsewhere, derived, in_time):
    finding = judge_claim({"stated": formula}, KNOWN["p1a"], derived, 0.01)
    assert finding.verdict in ("undecided", "refuted")
    assert "\n" not in finding.reason and len(finding.reason) < 300


def test_the_time_limit_holds_and_is_what_ends_a_slow_proof(derived):
    start = time.process_time()
    finding = judge_claim({"stated": f"{SLOW} + 1 - 1"}, KNOWN["p1a"], derived, 0.01, seconds=0.02)
    assert finding.verdict == "undecided" and "time" in finding.reason
    assert time.process_time() - start < 1


def test_a_set_of_slow_answers_has_a_budget(derived):
    """Each of many slow formulas is different, so that none is known from before; the rest is still judged."""
    claims = [
        {"id": name, "stated": f"{SLOW.replace('x', variable)} + {n} - {n}"}
        for n, (name, variable) in enumerate({"p1a": "x", "m2-sigmoid": "u", "m5-du3": "y", "m5-db": "y"}.items(), 1)
    ]
    start = time.process_time()
    ledger = judge({"name": "x", "claims": [*claims, {"id": "m5-dW1", "stated": "a.T @ du1"}]}, derived, 0.01, KNOWN)
    assert time.process_time() - start < 10
    assert {claim["id"]: claim["verdict"] for claim in ledger["claims"]}["m5-dW1"] == "proved"


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: ascii(number[:20]))
@pytest.mark.parametrize("name", ["m4", "m6", "f7", "f9", "f10-3639", "p3a-1", "m6-accuracy", "p3d"])
def test_number_is_never_right(number, name, elsewhere, derived, in_time):
    document = yaml.safe_load((DEEP.folder / "answers/document.yaml").read_text(encoding="utf-8"))
    stated = next(claim["stated"] for claim in document["claims"] if claim["id"] == name)
    finding = judge_claim({"stated": first_replaced(stated, number)}, KNOWN[name], derived, 0.01)
    assert finding.verdict in ("undecided", "refuted"), finding.reason
    assert "\n" not in finding.reason and len(finding.reason) < 1000


def first_replaced(stated: object, text: str) -> object:
    """Return an answer with the first of its strings replaced; in a mapping, the first part that is no plain number."""
    if isinstance(stated, dict):
        key = next(iter(stated))
        return stated | {key: first_replaced(stated[key], text)}
    return [text, *stated[1:]] if isinstance(stated, list) else text
