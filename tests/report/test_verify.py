"""A page is held against the results beside it."""

import random
import re
import shlex
import shutil
import subprocess
from importlib.metadata import version

import pytest
from project import RESULTS, ROOT
from report.again import module

from scripts.report.page import remade
from scripts.report.page.provenance import Sources, is_whole, sealed
from scripts.report.verify import differences

DRAWING = r"(<svg\b(?:(?!</svg>).)*</svg>)<!--file"
ANSWER = r"(<svg\b(?:(?!</svg>).)*</svg>)<!--draw"
SENTENCE = '<p class="why" data-p="[^"]*">[^<]*'
FORMULA = r"(<math\b(?:(?!</math>).)*</math>)<!--display "


def verify(folder) -> subprocess.CompletedProcess:
    return module(folder, "scripts.report.verify", f"{RESULTS}/report.html")


def test_holds(report):
    done = module(ROOT, "scripts.report.verify", str(report.path))
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d{3,} values and files checked, 0 differ", done.stdout)


def test_altered_number_on_the_page(copied):
    path = copied.folder / RESULTS / "report.html"
    html = path.read_text(encoding="utf-8")
    value = re.search(r'data-k="0.correct"[^>]*>(\d+)</a>', html)
    path.write_text(html[: value.start(1)] + "9" + html[value.start(1) :], encoding="utf-8")
    done = verify(copied.folder)
    assert done.returncode == 1
    assert "0.correct" in done.stdout and "1 differ" in done.stdout


def test_altered_full_value(copied):
    path = copied.folder / RESULTS / "report.html"
    html = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'data-v="(\d)', r'data-v="1\1', html, count=1), encoding="utf-8")
    assert verify(copied.folder).returncode == 1


def test_altered_and_missing_files(copied):
    path = copied.folder / RESULTS / "mnist/history.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = re.sub(r",\d+,", ",7,", lines[1], count=1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (copied.folder / RESULTS / "l1_regression/example.json").unlink()
    done = verify(copied.folder)
    assert done.returncode == 1
    assert "mnist/history.csv: its digest" in done.stdout and "l1_regression/example.json: missing" in done.stdout
    assert "mnist/history.csv#0.correct: 7 in the file" in done.stdout


def test_no_report(tmp_path):
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    done = verify(tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def resealed(html: str) -> str:
    """Return an altered page with its digest made right again."""
    return sealed(html[: html.rindex("<!-- ")])


def exchanged(html: str, pattern: str) -> str:
    """Return the page with the first thing of that pattern in place of the next other one."""
    one, *others = (found[1] for found in re.finditer(pattern, html, re.S))
    other = next(other for other in others if other != one)
    return html.replace(other, one, 1)


def test_any_bit_of_the_page_counts(finished):
    path = finished.folder / RESULTS / "report.html"
    page = path.read_bytes()
    assert is_whole(page.decode())
    draw = random.Random(12)
    for position in [*draw.sample(range(len(page)), 50), *range(len(page) - 73, len(page), 6)]:
        flipped = bytearray(page)
        flipped[position] ^= 1 << draw.randrange(8)
        assert not is_whole(bytes(flipped).decode(errors="replace")), position
    assert not is_whole(page[:-1].decode()) and not is_whole(page.decode() + "\n") and not is_whole("")


@pytest.mark.parametrize("byte", [b"the", b"<a href", b"data-sha256"])
def test_a_flipped_bit_is_said_in_lines(copied, byte):
    path = copied.folder / RESULTS / "report.html"
    page = path.read_bytes()
    path.write_bytes(page.replace(byte, byte[:-1] + bytes([byte[-1] ^ 128]), 1))
    done = verify(copied.folder)
    assert done.returncode == 1 and re.search(r"checked, [1-9]\d* differ\.", done.stdout) and done.stderr == ""


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (DRAWING, "file"),
        (ANSWER, "draw"),
        (FORMULA, "display"),
        (r'<a data-m="base64 [^>]*href="([^"]*)"', "base64"),
        (r'<img data-m="grey [^>]*src="([^"]*)"', "grey"),
        (r'<img data-m="weights [^>]*src="([^"]*)"', "weights"),
    ],
)
def test_what_is_exchanged_is_seen_whatever_the_digest(finished, pattern, way):
    folder = finished.folder / RESULTS
    page = (folder / "report.html").read_text(encoding="utf-8")
    count, found = differences(resealed(exchanged(page, pattern)), str(folder))
    assert len(found) == 1 and found[0].endswith(f"({way})") and count > 1000


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('badge refuted" data-sign="✗">r', 'badge proved" data-sign="■">r', r"no verdict on .* \(ladder\)"),
        ('(?<=<td><span class=")badge refuted" data-sign="✗"', 'badge proved" data-sign="■"', r"at odds .* \(ledger\)"),
        ('<div class="claim refuted"', '<div class="claim proved"', r"at odds on the page \(box\)"),
        ('chip refuted" data-sign="✗"', 'chip proved" data-sign="■"', r"at odds on the page \(chip\)"),
        ("</span> refuted</a></li>", "</span> proved</a></li>", r"refuted: word.* at odds on the page \(tally\)"),
        ('(<a id="only-refuted".*?>)refuted', r"\1exact", r"at odds on the page \(filter\)"),
        ("<tr><th scope=.row.><a href=.#claim-m1.>.*?</tr>", "", r"no verdict on the page \(ledger\)"),
        ("(<code>)[0-9a-f]{64}", rf"\g<1>{'0' * 64}", "two digests in the manifest"),
    ],
)
def test_what_the_page_says_in_words_is_seen_whatever_the_digest(finished, old, new, line):
    folder = finished.folder / RESULTS
    page = (folder / "report.html").read_text(encoding="utf-8")
    altered = re.sub(old, new, page, count=1, flags=re.S)
    assert altered != page
    found = differences(resealed(altered), str(folder))[1]
    assert found and re.search(line, found[0])


def test_what_other_packages_would_make_is_not_compared(finished, monkeypatch):
    """A page can be checked on another machine; what could not be compared there is said."""
    folder = finished.folder / RESULTS
    page = (folder / "report.html").read_text(encoding="utf-8")
    monkeypatch.setattr(remade, "version", lambda name: "1.0" if name == "matplotlib" else version(name))
    [other] = remade.left_out(Sources(folder))
    assert re.fullmatch(r"drawings of answers and sweeps \(matplotlib is 1\.0, not [\d.]+\)", other)
    altered = exchanged(exchanged(exchanged(page, FORMULA), DRAWING), ANSWER)
    lines = differences(resealed(altered), str(folder))[1]
    assert {re.search(r"\((\w+)\)$", line)[1] for line in lines} == {"file", "display"}


@pytest.mark.parametrize(
    "damaged", [("verdicts/power/grading.json", "report/summary.json"), ("report/figures/divergence.svg",)]
)
def test_the_command_that_it_tells_makes_again_what_is_missing_or_damaged(copied, finished, damaged):
    folder = copied.folder / RESULTS
    for name in damaged:
        (folder / name).write_text("{}")
    (folder / damaged[-1]).unlink()
    told = verify(copied.folder).stdout.splitlines()[-1]
    copied.snakemake(*shlex.split(told.partition(": snakemake ")[2]))
    assert verify(copied.folder).returncode == 0
    assert copied.digests() == finished.digests()
    assert copied.planned() == set()


def test_a_page_without_its_results_asks_for_them(finished, tmp_path):
    page = shutil.copy(finished.folder / RESULTS / "report.html", tmp_path)
    done = module(ROOT, "scripts.report.verify", page)
    assert done.returncode == 1 and "name their folder: --results" in done.stderr and done.stderr.count("\n") == 1
    assert module(ROOT, "scripts.report.verify", page, "--results", str(finished.folder / RESULTS)).returncode == 0


@pytest.mark.parametrize(
    ("pattern", "altered", "told"),
    [
        ("(utf-8,item%2Cverdict%2Cclaim%0D%0AP1a%2C)proved", r"\1refuted", "the CSV of a table"),
        (f'({SENTENCE}<a href="[^"]*" data-k=")claims', r"\1other", "a number in it carries"),
        (f'({SENTENCE}<a href="[^"]*" data-k="[^"]*")', r'\1 data-v="7"', "a number in it carries"),
        (r'(<li><a class=")proved(" data-sign=".)', r"\1refuted\2", "contents"),
    ],
)
def test_what_was_altered_and_sealed_again(copied, pattern, altered, told):
    path = copied.folder / RESULTS / "report.html"
    html = path.read_text(encoding="utf-8")
    page, count = re.subn(pattern, altered, html, count=1)
    assert count == 1
    path.write_text(resealed(page), encoding="utf-8")
    done = verify(copied.folder)
    assert done.returncode == 1 and told in done.stdout, done.stdout
