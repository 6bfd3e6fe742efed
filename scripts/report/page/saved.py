"""Tables of the page as files: the link of each carries it as CSV, as it is shown but with values in full."""

import csv
import io
import re
from html.parser import HTMLParser
from urllib.parse import quote

TABLE = re.compile(r'(<a class="csv"[^>]*?)(?: href="[^"]*")?(>(?:(?!<table).)*<table[^>]*>)(.*?)(?=</table>)', re.S)
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
PLAIN = str.maketrans({"\u202f": "", "−": "-"})  # as programs read numbers
ISOLATES = re.compile("[\u2066-\u2069]")  # what keeps directions apart on the page
RUN = re.compile(r"[=+@]|-(?!\d[\d./e+-]*$)")  # begins a cell that a spreadsheet would run


class Cells(HTMLParser):
    """Reads the rows of a table: numbers by the values that they carry, formulas by their LaTeX."""

    def __init__(self, table: str):
        super().__init__()
        self.rows: list[list[str]] = []
        self._at = 0  # the place of the current cell from the end of its row
        self._instead = ""  # the tag of what is told in other words, until it ends
        self._number = False
        self.feed(table)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        told = dict(attributes)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self._at = -int(told.get("colspan", 1))
            self.rows[-1] += [""] * -self._at
        elif NUMBER.fullmatch(told.get("data-v", "")):
            self.handle_data(told["data-v"])
            self._instead = tag
        elif tag == "a":
            self._number = "data-k" in told
        elif tag == "math":
            self._instead = tag
        elif tag == "annotation":
            self._instead = ""

    def handle_endtag(self, tag: str) -> None:
        self._instead = "math" if tag == "annotation" else self._instead * (tag != self._instead)
        self._number &= tag != "a"

    def handle_data(self, data: str) -> None:
        if not self._instead and self.rows and self.rows[-1]:
            self.rows[-1][self._at] += data.translate(PLAIN) if self._number else data


def _plain(cell: str) -> str:
    text = " ".join(ISOLATES.sub("", cell).split())
    return f"'{text}" if RUN.match(text) else text


def with_files(html: str) -> str:
    """Return a page whose links of class csv carry the table that follows each of them."""

    def filled(match: re.Match) -> str:
        file = io.StringIO()
        csv.writer(file).writerows(map(_plain, row) for row in Cells(match[3]).rows)
        return f'{match[1]} href="data:text/csv;charset=utf-8,{quote(file.getvalue())}"{match[2]}{match[3]}'

    return TABLE.sub(filled, html)
