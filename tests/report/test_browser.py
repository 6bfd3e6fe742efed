"""The report in Chromium and on paper: what `browser/measure.mjs` finds there, held against the goals."""

import re
import subprocess
import unicodedata
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

WORDS = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def found(page, browser, tmp_path_factory, request) -> dict:
    """What was measured in the report, and the texts of its pages on paper."""
    folder = tmp_path_factory.mktemp("print")
    found = browser("measure.mjs", "chromium", str(page.path), str(folder))
    found["paper"] = {name: lines_by_page(folder / f"{name}.pdf") for name in ("A4", "Letter")}
    found["filled"] = {name: filled(folder / f"{name}.pdf") for name in ("A4", "Letter")}
    found["text"] = {name: pdf_text("-raw", folder / f"{name}.pdf") for name in ("A4", "Letter")}
    request.config.stash["report figures"][page.name] |= {
        "bytes": found["bytes"],
        "DOM nodes": found["elements"],
        "requests": len(found["requests"]),
        "console errors": len(found["complaints"]),
        "axe violations (8 runs)": len(found["axe"]),
        "HTML errors": len(found["invalid"]),
        "repeated ids, dead links": len(found["repeatedIds"]) + len(found["deadLinks"]),
        "pages A4, Letter": ", ".join(str(len(pages)) for pages in found["paper"].values()),
    }
    return found


def pdf_text(how: str, path) -> str:
    text = subprocess.run(["pdftotext", how, path, "-"], capture_output=True, text=True, check=True).stdout
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def filled(path) -> list[float]:
    """Return how far down each page of a PDF is filled between its margins of 18 mm, from 0 to 1."""
    dots = 36  # per inch
    subprocess.run(["pdftoppm", "-gray", "-r", str(dots), str(path), str(path.with_suffix(""))], check=True)
    margin, found = round(18 / 25.4 * dots), []
    for picture in sorted(path.parent.glob(f"{path.stem}-*.pgm")):
        ink = (np.asarray(Image.open(picture)) < 200).any(axis=1)[margin:-margin]
        found.append((np.flatnonzero(ink).max(initial=0) + 1) / len(ink))
    return found


def lines_by_page(path) -> list[dict]:
    """Return, for each page of a PDF, its size and its lines in reading order: (text, left, top, right, bottom)."""
    pages = []
    for page in ET.fromstring(pdf_text("-bbox-layout", path)).iter(f"{WORDS}page"):
        lines = []
        for line in page.iter(f"{WORDS}line"):
            box = (float(line.get(side)) for side in ("xMin", "yMin", "xMax", "yMax"))
            lines.append((" ".join(word.text or "" for word in line), *box))
        size = float(page.get("width")), float(page.get("height"))
        pages.append({"size": size, "lines": lines})
    return pages


def letters(text: str) -> str:
    """Reduce a text to what survives the way to paper and back: letters and digits, without any styling."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def test_valid_html(found):
    assert found["invalid"] == []


def test_ids_are_unique_and_no_link_is_dead(found):
    assert found["repeatedIds"] == [] and found["deadLinks"] == []


def test_no_accessibility_violation(found):
    assert found["axe"] == []


def test_images_and_drawings_are_named_and_described(found):
    assert found["unnamed"] == []


def test_asks_for_nothing_and_complains_of_nothing(found):
    assert found["requests"] == [] and found["complaints"] == []
    assert found["saved"].startswith('"""Re-check')
    assert found["mathFont"]


def test_small(found):
    assert found["bytes"] <= 1_500_000
    assert found["elements"] <= 12_000


@pytest.mark.parametrize("width", ["1280", "390"])
def test_first_screen_says_what_it_is_what_was_found_and_where_to_go(found, width):
    assert found["firstScreen"][width] == ["h1", ".lead", ".counts", ".ways", ".cards h3"]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
class TestPaper:
    def test_nothing_is_clipped(self, found, paper):
        assert [element for element in found["clipped"] if element.startswith(paper)] == []
        for number, page in enumerate(found["paper"][paper], 1):
            width, height = page["size"]
            for text, left, top, right, bottom in page["lines"]:
                if text == f"{number} / {len(found['paper'][paper])}":
                    continue
                assert min(left, top, width - right, height - bottom) > 40, (number, text)

    def test_two_lines_follow_every_heading_on_its_page(self, found, paper):
        headings = {letters(heading) for heading in found["headings"]}
        seen = {}  # heading → where it stands last, after the contents, and how many lines are below it there
        for number, page in enumerate(found["paper"][paper], 1):
            lines = page["lines"]
            for i in range(len(lines)):
                text = ""
                for j in range(i, min(i + 3, len(lines))):
                    text += letters(lines[j][0])
                    if text in headings:
                        below = {round(top) for _, _, top, _, _ in lines if top > lines[j][4] - 2}
                        seen[text] = f"page {number}: {lines[i][0]}", len(below)
        assert seen.keys() == headings
        assert [where for where, below in seen.values() if below < 2] == []

    def test_pages_are_numbered(self, found, paper):
        pages = found["paper"][paper]
        for number, page in enumerate(pages, 1):
            assert [text for text, *_ in page["lines"]].count(f"{number} / {len(pages)}") == 1

    def test_no_page_is_half_empty_but_at_a_chapters_end(self, found, paper):
        chapters, pages = {letters(chapter) for chapter in found["chapters"]}, found["paper"][paper]
        begins = [any(letters(text) in chapters for text, *_ in page["lines"][:2]) for page in pages]
        empty = [number for number, filled in enumerate(found["filled"][paper], 1) if filled < 0.5]
        assert [number for number in empty if number < len(pages) and not begins[number]] == []

    def test_the_contents_come_first(self, found, paper):
        front = letters("".join(text for page in found["paper"][paper][:2] for text, *_ in page["lines"]))
        assert found["contents"] and all(letters(entry) in front for entry in found["contents"])

    def test_the_ledger_is_on_one_page(self, found, paper):
        texts = [letters("".join(text for text, *_ in page["lines"])) for page in found["paper"][paper]]
        assert max(sum(letters(says) in text for says in found["ledger"]) for text in texts) == len(found["ledger"]) > 0

    def test_programs_are_printed(self, found, paper):
        printed = letters(re.sub(r"(?m)^\d+ / \d+$", "", found["text"][paper]))  # without the numbers of the pages
        assert found["programs"] and all(letters(text) in printed for text in found["programs"])

    def test_captions_and_verdicts_are_there_as_text(self, found, paper):
        text = letters(found["text"][paper])
        for words in found["claims"]:
            assert letters(words) in text, words
        for caption in found["captions"]:
            for part in caption.split("\n"):
                assert letters(part) in text, part
