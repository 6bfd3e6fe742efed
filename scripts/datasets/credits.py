"""Whom the images of a dataset come from and on what terms, which has to be said wherever they are shown."""

from scripts.datasets.files import table

MADE_BY = {
    "fashion-mnist": ("Fashion-MNIST", "Han Xiao, Kashif Rasul and Roland Vollgraf, Zalando SE, 2017"),
    "mnist": ("MNIST", "Yann LeCun, Corinna Cortes and Christopher J. C. Burges, from images of NIST"),
}
TERMS = {
    "MIT": "https://opensource.org/license/mit",
    "CC BY-SA 3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
}


def credits(datasets: list[str]) -> list[dict]:
    """Return title, makers, licence and its address for each of these datasets."""
    known = table()
    return [
        {"title": title, "by": by, "licence": (licence := known[name]["licence"]), "terms": TERMS.get(licence, "")}
        for name, (title, by) in MADE_BY.items()
        if name in datasets
    ]
