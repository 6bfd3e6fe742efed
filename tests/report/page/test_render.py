"""Pages from templates: prose of a set, items without prose, what-ifs; and no number is typed."""

import re
import shutil
from dataclasses import replace

import pytest
from project import ROOT
from report.conftest import Parsed
from report.plain import page_of

from scripts.datasets.credits import credits
from scripts.problem_set.read import ProblemSet, read_set
from scripts.report.page import ledger, render
from scripts.report.page.provenance import Sources
from scripts.report.verify import differences
from scripts.shared.step import Failure, write_json, write_text
from scripts.verdicts.results import Results

SHARED = sorted((ROOT / "report").glob("*.j2"))
TEMPLATES = [*SHARED, *sorted((ROOT / "problem_sets").glob("*/chapters/*.j2"))]
EQUATION = re.compile(r"\{% call x\.equation\(.*?\) %\}.*?\{% endcall %\}", re.S)


def prose(template: str) -> list[str]:
    """Return the words of a template: its text outside tags, formulas and markup, and the sentences inside tags."""
    say = re.findall(r'\{% call x\.equation\("[\w-]+",\s+"(.*?)"\) %\}', template, re.S)
    template = EQUATION.sub("", template)
    template = re.sub(r"\{#.*?#\}|\$[^$\n]+\$", "", template, flags=re.S)
    tags = re.findall(r"\{%.*?%\}|\{\{.*?\}\}", template, re.S)
    literals = [literal for tag in tags for literal in re.findall(r'"([^"]*)"', tag)]
    sentences = [text for text in literals if " " in text.strip() and not re.search(r"[\\#]|^\.", text)]
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.S)
    return [*say, *sentences, re.sub(r"<[^>]*>|&\w+;", "", text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_number_is_typed(path):
    words = "\n".join(prose(path.read_text(encoding="utf-8"))).replace("SHA-256", "")
    typed = [line.strip() for line in words.splitlines() if re.search(r"[0-9]", line)]
    assert not typed


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_lines_can_be_read(path):
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 200


def test_a_typed_number_would_be_found():
    assert any("7257" in words for words in prose("<p>After {{ n('a#b') }} steps 7257 are right.</p>"))
    assert any("24" in words for words in prose('{{ x.figure("f", svg("s"), "An error of 24 is large") }}'))


@pytest.fixture
def results(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1.5})
    write_json(tmp_path / "secret.json", {"b": 2})
    write_json(tmp_path / "verdicts/x.json", {"name": "x", "counts": {}, "claims": []})
    return Sources(str(tmp_path), [f"{tmp_path}/a.json", f"{tmp_path}/verdicts/x.json"])


def rendered(results, template: str) -> str:
    nothing = ProblemSet(ROOT / "nowhere")
    env, _, _ = render.environment(ROOT / "report", nothing, results, ledger.Ledger(results, "x"), {})
    return env.from_string(template).render()


def test_undefined_name_fails(results):
    with pytest.raises(render.jinja2.UndefinedError):
        rendered(results, "{{ nothing }}")


@pytest.mark.parametrize(
    "template",
    [
        "{{ cycler.__init__.__globals__.os.popen('true').read() }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% for i in range(10**10) %}{% endfor %}",
    ],
)
def test_a_template_reaches_no_further_than_the_page(results, template):
    with pytest.raises((render.SecurityError, OverflowError)):
        rendered(results, template)


def test_everything_is_escaped(results):
    assert "<b>" not in rendered(results, "{{ '<b>' }}")


def test_dollars_are_maths(results):
    carried = '<annotation encoding="application/x-tex">\\alpha</annotation>'
    alpha = f'<math aria-label="alpha"><semantics><mi>α</mi>{carried}</semantics></math>'
    assert rendered(results, "An $\\alpha$.") == f"An {alpha}."
    assert rendered(results, "An $\\alpha$\nand\n$\\alpha$") == f"An {alpha}\nand\n{alpha}"
    assert rendered(results, "{{ 'for $5 and $6' }}") == "for $5 and $6"


def test_value_links_to_its_file(results):
    assert rendered(results, "{{ n('a.json#b', '.0f') }}") == (
        '<a href="#a.json" data-k="b" data-f=".0f" data-v="1.5" tabindex="-1">2</a>'
    )


def test_undeclared_file_and_missing_key_fail(results):
    with pytest.raises(Failure, match="secret"):
        rendered(results, "{{ n('secret.json#b') }}")
    with pytest.raises(Failure, match=r"a\.json has no c"):
        rendered(results, "{{ n('a.json#c') }}")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The page of a set without prose: its folder, its HTML and the set."""
    folder = tmp_path_factory.mktemp("plain")
    problem_set = read_set(ROOT / "problem_sets/example")
    return folder, page_of(problem_set, folder), problem_set


def test_a_set_without_prose_is_a_page(plain):
    folder, html, problem_set = plain
    parsed, ids = Parsed(html), re.findall(r'id="([^"]+)"', html)
    assert parsed.unmatched == [] and len(ids) == len(set(ids))
    assert {*problem_set.items, *(f"claim-{name}" for name in problem_set.claims)} <= set(ids)
    assert differences(html, str(folder))[1] == []
    links = [attributes["href"][1:] for tag, attributes in parsed.elements if attributes.get("href", "")[:1] == "#"]
    assert set(links) <= set(ids)


def test_an_answer_as_it_was_read_is_typeset_once(plain):
    folder, html, _ = plain
    told = ledger.Ledger(Sources(folder, ["verdicts/document.json"]), "document").claims
    read = [claim for claim in told if claim["shows"] == "maths" and claim["verdict"] == "proved"]
    assert read and all(html.count(f"<!--display {claim['pointer']}.read-->") == 1 for claim in read)


def test_every_kind_shows_what_the_engine_knows_of_it(plain):
    _, html, problem_set = plain
    assert html.count("was derived and checked") == len(problem_set.formulas)
    assert "A network that fits, and why no smaller one does" in html
    for name in ("hat-corrected", "hat-stated", "network-forward", "network-backward"):
        assert f'id="{name}-title"' in html


def test_what_is_refuted_is_told_first_and_put_right(plain):
    folder, html, _ = plain
    refuted = [claim for claim in ledger.Ledger(Sources(folder, ["verdicts/document.json"]), "document").refuted]
    assert refuted
    cards = html.partition('<div class="cards">')[2].partition("</div>\n<p")[0]
    assert [*re.findall('<article[^>]*><h3><a href="#claim-([^"]+)"', cards)] == [claim["id"] for claim in refuted]
    assert cards.count("Corrected:") == len(refuted)
    assert "\\frac" not in re.sub(r"<math.*?</math>", "", cards)


def test_what_is_refuted_is_not_asserted_and_no_formula_is_left_as_it_was_typed(plain):
    """The words that come with an answer may be right where it is wrong: they are not printed beside the verdict."""
    folder, html, _ = plain
    claims = Results(folder)["verdicts/document.json#claims"]
    (claim,) = (claim for claim in claims if claim["id"] == "ridge")
    assert claim["verdict"] == "refuted" and claim["statement"].startswith("The gradient is 2 X")
    box = html.partition('id="claim-ridge"')[2].partition("</p>")[0]
    assert re.sub("<[^>]*>", "", box).split()[2:] == ["refuted", "The", "gradient", "of", "the", "ridge", "loss"]
    text = re.sub("<[^>]*>", "", re.sub(r"<(math|code|style|script)\b.*?</\1>", "", html, flags=re.S))
    assert "The gradient is 2" not in text and "Corrected" in text
    assert not re.search(r"\\[a-zA-Z]|\$", text)


def test_who_made_the_images_is_told(plain, tmp_path):
    _, html, problem_set = plain
    assert "under the licence" not in html  # it shows none
    made = credits(["mnist", "fashion-mnist"])
    html = page_of(problem_set, tmp_path, credits=made)
    told = html.partition('id="manifest"')[2]
    for credit in made:
        assert all(re.search(rf">{re.escape(credit[key])}<", told) for key in ("title", "by", "licence", "terms"))


def test_a_what_if_is_in_plain_sight(plain, tmp_path):
    _, html, problem_set = plain
    assert 'class="what-if"' not in html
    html = page_of(problem_set, tmp_path, [{"given": "verdicts.alpha", "source": 0.05, "here": 0.01}])
    notice = html.partition('<p class="what-if"')[2].partition("</p>")[0]
    assert "verdicts.alpha" in notice and "0.05" in notice and html.index("what-if") < html.index('id="findings"')
    assert "what-if; the source has" in html.partition('id="tab-settings"')[2]


@pytest.fixture
def own(tmp_path):
    """A copy of the example set, to add prose to."""
    shutil.copytree(ROOT / "problem_sets/example", tmp_path / "example")
    return tmp_path / "example"


def test_items_without_prose_follow_those_with(own, tmp_path):
    items = read_set(own).chapters[0]["items"]
    text = f'<p>Before.</p>{{% call x.item("{items[1]}") %}}<p>Prose of $x$.</p>{{% endcall %}}'
    write_text(own / f"chapters/{read_set(own).chapters[0]['id']}.html.j2", text)
    write_text(own / "chapters/findings.html.j2", "<article><h3>Own words</h3></article>")
    html = page_of(read_set(own), tmp_path / "results")
    order = re.findall('<section class="item" id="([^"]+)"', html)
    assert order[: len(items)] == [items[1], items[0], *items[2:]]
    assert "Prose of <math aria-label=" in html and "Own words" in html


def test_a_chapter_may_be_called_like_a_shared_template(own, tmp_path):
    problem_set = read_set(own)
    chapters = [problem_set.chapters[0] | {"id": "base"}, *problem_set.chapters[1:]]
    write_text(own / "chapters/base.html.j2", "<p>Here.</p>")
    assert "<p>Here.</p>" in page_of(replace(problem_set, chapters=chapters), tmp_path / "results")


@pytest.mark.parametrize(
    ("text", "told"),
    [("{% if %}", "base.html.j2"), ("{{ mystery }}", "mystery"), (r"$\nabla{x$", "nabla"), ("{{ ref('no') }}", "no")],
)
def test_a_template_that_fails_says_so_in_one_line(own, tmp_path, text, told):
    problem_set = read_set(own)
    write_text(own / "chapters/base.html.j2", text)
    chapters = [problem_set.chapters[0] | {"id": "base"}, *problem_set.chapters[1:]]
    with pytest.raises(Failure, match=told) as failure:
        page_of(replace(problem_set, chapters=chapters), tmp_path / "results")
    assert "\n" not in str(failure.value)
