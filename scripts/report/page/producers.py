"""Which rule makes a result file, read from the workflow's own text."""

import re

from scripts.shared.step import read_text

RULE = re.compile(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", re.M | re.S)
OUTPUT = re.compile(r"^ {4}output:\n(.*?)(?=^ {4}\w|\Z)", re.M | re.S)


def patterns(workflow_files: list[str], values: dict[str, list[str]]) -> list[tuple[re.Pattern, str]]:
    """Return, for every output in these files, a pattern of the files that it stands for, and the rule's name.

    Outputs are written as "<results>/mnist/history.csv"; their names are those under the results' folder.
    values: what certain wildcards may stand for, where two rules differ in nothing else.
    """

    def pattern(path: str) -> re.Pattern:
        texts = re.split(r"\{+(\w+)\}+", path)  # every second one is a wildcard
        texts[::2] = map(re.escape, texts[::2])
        texts[1::2] = (
            f"(?:{'|'.join(map(re.escape, values[name]))})" if name in values else ".+" for name in texts[1::2]
        )
        return re.compile("".join(texts))

    found = []
    for name in sorted(workflow_files):
        for rule, body in RULE.findall(read_text(name)):
            for block in OUTPUT.findall(body):
                found += [(pattern(path), rule) for path in re.findall(r'"<results>/([^"]+)"', block)]
    return found


def producer(path: str, known: list[tuple[re.Pattern, str]]) -> str:
    """Return the name of the rule that makes `path`, the most literal pattern winning; "" if none does."""
    matching = [(len(pattern.pattern), rule) for pattern, rule in known if pattern.fullmatch(path)]
    return max(matching, default=(0, ""))[1]
