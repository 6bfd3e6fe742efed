"""The report in Chromium and on paper: what `browser/measure.mjs` finds there, held against the goals."""

import re
import subprocess
import unicodedata
import xml.etree.ElementTree as ET

import pytest

WORDS = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def found(page, browser, tmp_path_factory, request) -> dict:
    """What was measured in the report, and the texts of its pages on paper."""
    folder = tmp_path_factory.mktemp("print")
    found = browser("measure.mjs", "chromium", str(page.path), str(folder))
    found["paper"] = {name: lines_by_page(folder / f"{name}.pdf") for name in ("A4", "Letter")}
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
                assert min(left, top, width - right, height - bottom) > 40, (number, text)

    def test_two_lines_follow_every_heading_on_its_page(self, found, paper):
        headings, seen = {letters(heading) for heading in found["headings"]}, set()
        for number, page in enumerate(found["paper"][paper], 1):
            lines = page["lines"]
            for i in range(len(lines)):
                text = ""
                for j in range(i, min(i + 3, len(lines))):
                    text += letters(lines[j][0])
                    if text in headings:
                        seen.add(text)
                        below = {round(top) for _, _, top, _, _ in lines if top > lines[j][4] - 2}
                        assert len(below) >= 2, f"page {number} ends with the heading {lines[i][0]!r}"
        assert seen == headings

    def test_captions_and_verdicts_are_there_as_text(self, found, paper):
        text = letters(found["text"][paper])
        for words in found["claims"]:
            assert letters(words) in text, words
        for caption in found["captions"]:
            for part in caption.split("\n"):
                assert letters(part) in text, part
