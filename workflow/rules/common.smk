import re
from shlex import join

from scripts.shared.ranges import ranges


def within(names):
    """Return the paths of result files by the names that claims have for them."""
    return [f"{RESULTS}/{name}" for name in names]


def alternatives(names):
    """Return a pattern of just these wildcards; of nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def options(**values):
    """Return `values` as a command's options: one text, so that Snakemake compares each value together with its name."""
    words = []
    for name, value in values.items():
        words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, list) else [value])]
    return join(words)


def listed(names):
    """Return, as a function for params, the words of a command that Bash expands to names of many files.

    In params that are texts, Snakemake takes braces for wildcards.
    """
    words = ranges(names)
    return lambda wildcards: words
