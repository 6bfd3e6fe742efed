import hashlib
import re
from functools import cache
from itertools import pairwise
from shlex import join

from scripts.shared.ranges import ranges
from scripts.shared.sources import sources


def code(module):
    """Return the files behind a step's module, as inputs."""
    return ours(sources(module))


def within(names):
    """Return the paths of result files by the names that claims have for them."""
    return [f"<results>/{name}" for name in names]


@cache
def digest_of(path):
    """Return the SHA-256 of a file's content; nothing if it cannot be read."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if readable(Path(path)) else ""


def digest(paths):
    """Return one SHA-256 for the content of many files, wherever they lie."""
    return hashlib.sha256(" ".join(sorted(map(digest_of, paths))).encode()).hexdigest()


# Snakemake compares params from one run to the next, but not those that ask for the output: so results stay good when
# the Python or the folder moves. No option may stand in such a function.
def python(wildcards, output):
    """Return, for params, the command that starts Python with this workflow's code, from any working directory."""
    return PYTHON


def above(levels):
    """Return, for params, the folder so many levels above the first output: where Snakemake really puts results."""
    return lambda wildcards, output: str(Path(output[0]).parents[levels - 1])


# How many GPUs a job of Fashion-MNIST's asks a cluster for.
GPUS = 1 if config["fashion_mnist"]["device"] == "cuda" else 0


def minutes(given, runs=1, step=0):
    """Return the time limit, in minutes, of so many trainings: ten times what they take on a core, and time to begin.

    Measured: 0.05 ns for each multiplication of the weights by an image, and `step` µs for each step besides.
    """
    products = sum(a * b for a, b in pairwise([784, *given["hidden"], 10]))
    seconds = 60_000 * given["epochs"] * (5e-11 * products + 1e-6 * step / given.get("batch_size", 1))
    return 10 + round(10 * runs * seconds / 60)


def alternatives(names):
    """Return a pattern of just these wildcards; of nothing if there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def options(**values):
    """Return `values` as options of a command: one text, so that Snakemake compares each value together with its name."""
    words = []
    for name, value in values.items():
        words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, list) else [value])]
    return join(words)


def listed(names):
    """Return, as a function for params, the words of a command that stand for the names of many files.

    In params that are texts, Snakemake takes braces for wildcards.
    """
    words = ranges(names)
    return lambda wildcards: words
