"""Tables as CSV, without pandas, which takes as long to import as some steps to run."""

import csv
import io
from pathlib import Path

from scripts.shared.step import write_text


def write_rows(path: str | Path, rows: list[dict]) -> None:
    """Write rows that have the same keys; floats in full (repr) precision, None as nothing."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
