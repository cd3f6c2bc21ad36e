"""The floor of extraction: what is reached on the saved pages does not sink unnoticed."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from floor import COMMAND, FLOOR, LOWER, Floor, check, down, headless, measure, overlap, pin, score, shingles, unnamed

from archive.article import Article, Image


def test_nothing_sank_below_the_floor(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]):
    if asked := request.config.getoption("--pin-floor"):
        refusal = None
        try:
            changes = pin(FLOOR, measure(), lower=asked == "lower")
        except ValueError as error:
            refusal = str(error)
        if refusal:
            pytest.fail(refusal, pytrace=False)
        reporter = request.config.pluginmanager.get_plugin("terminalreporter")
        with capsys.disabled():
            reporter.write_line("\nfloor:\n  " + "\n  ".join(changes))
    if problem := check(Floor.load(FLOOR), measure()):
        pytest.fail(problem, pytrace=False)


def test_floor_file_has_its_one_form():
    assert FLOOR.read_text(encoding="utf-8") == Floor.load(FLOOR).dump()


SCORES = {
    "a/one": {"saved": {"body": 1.0, "title": 1.0}, "generic": {"body": 0.9, "title": 0.0}},
    "a/two": {"saved": {"body": 0.98765, "title": 1.0}, "generic": {"body": 0.5, "title": 1.0}},
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "floor.json"
    pin(path, SCORES, lower=False)
    return path


def changed(page: str, view: str, field: str, value: float):
    scores = deepcopy(SCORES)
    scores[page][view][field] = value
    return scores


def test_what_is_pinned_is_kept(path):
    assert check(Floor.load(path), SCORES) is None
    document = json.loads(path.read_text())
    assert document["values"]["saved"] == {"body": 0.993, "title": 1.0}
    assert document["values"]["generic"] == {"body": 0.7, "title": 0.5}
    assert document["pages"]["a/two"]["saved"] == {"body": 0.987, "title": 1.0}


def test_a_lowered_value_fails_with_its_view_field_pages_and_command(path):
    problem = check(Floor.load(path), changed("a/two", "generic", "title", 0.0))
    assert "generic title: 0.000, below 0.500 (a/two 0.000, was 1.000)" in problem
    assert "a/one" not in problem
    assert LOWER in problem


def test_a_body_that_sinks_fails_though_another_rises(path):
    scores = changed("a/one", "generic", "body", 0.8)
    scores["a/two"]["generic"]["body"] = 0.9
    assert "generic body of a page: a/one 0.800, was 0.900" in check(Floor.load(path), scores)


def test_a_field_that_sinks_on_one_page_and_rises_on_another_keeps_to_the_floor(path):
    scores = changed("a/one", "generic", "title", 1.0)
    scores["a/two"]["generic"]["title"] = 0.0
    assert check(Floor.load(path), scores) is None


def test_a_refused_page_sinks_to_nothing(path):
    scores = changed("a/one", "saved", "body", 0.0)
    assert "saved body: 0.493, below 0.993 (a/one 0.000, was 1.000)" in check(Floor.load(path), scores)


def test_lowering_is_refused_and_writes_nothing(path):
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"not lowered(?s:.*)generic body: 0\.600, below 0\.700(?s:.*)=lower"):
        pin(path, changed("a/one", "generic", "body", 0.7), lower=False)
    assert path.read_bytes() == before


def test_lowering_on_demand_says_what_it_lowers(path):
    scores = changed("a/one", "generic", "body", 0.7)
    changes = pin(path, scores, lower=True)
    assert changes == ["lowered: generic body: 0.600, below 0.700 (a/one 0.700, was 0.900)"]
    assert check(Floor.load(path), scores) is None


def test_a_raised_value_passes_and_is_shown_when_pinned(path):
    scores = changed("a/one", "generic", "title", 1.0)
    assert check(Floor.load(path), scores) is None
    assert pin(path, scores, lower=False) == ["raised: generic title: 1.000, above 0.500"]
    assert "below 1.000" in check(Floor.load(path), SCORES)


def test_nothing_changes_when_the_same_is_pinned(path):
    before = path.read_bytes()
    assert pin(path, SCORES, lower=False) == ["nothing changed"]
    assert path.read_bytes() == before


def test_a_new_page_needs_a_floor_and_lowers_none(path):
    scores = SCORES | {"a/three": {"saved": {"body": 0.1, "title": 0.0}, "generic": {"body": 0.1, "title": 0.0}}}
    problem = check(Floor.load(path), scores)
    assert "pages without a floor: a/three" in problem
    assert problem.endswith(COMMAND)
    assert pin(path, scores, lower=False) == ["new page: a/three"]
    assert check(Floor.load(path), scores) is None


def test_a_new_page_hides_no_other_that_sank(path):
    scores = changed("a/two", "saved", "title", 0.0) | {"a/three": {"saved": {"title": 1.0}, "generic": {}}}
    with pytest.raises(ValueError, match=r"saved title: 0\.500, below 1\.000"):
        pin(path, scores, lower=False)


def test_a_page_that_is_gone_is_named_and_lowers_none(path):
    scores = {"a/two": SCORES["a/two"]}
    assert "gone: a/one" in check(Floor.load(path), scores)
    assert pin(path, scores, lower=False) == ["page gone: a/one"]
    assert check(Floor.load(path), scores) is None


@pytest.mark.parametrize(("value", "floor"), [(1.0, 1.0), (0.9999, 0.999), (0.29, 0.29), (2 / 3, 0.666), (0.0, 0.0)])
def test_values_are_rounded_down(value, floor):
    assert down(value) == floor


def test_bodies_are_compared_by_four_letters():
    assert shingles("ＡＢ，12 三") == ["AB12", "B12三"]
    assert shingles("甲乙") == ["甲乙"]
    assert overlap(shingles("甲乙丙丁戊"), shingles("甲乙丙丁")) == pytest.approx(2 / 3)
    assert overlap([], []) == 1.0
    assert overlap([], ["甲"]) == 0.0


def test_a_reading_is_scored_in_what_is_expected():
    article = Article(
        url="https://a.example/1",
        title="标题",
        text="正文正文正文",
        html="",
        source="别处",
        authors=("王五", "赵六"),
        published_at="2024-05-25T07:05:00+08:00",
        images=(Image("https://a.example/1.jpg", "说明"), Image("https://a.example/2.jpg")),
    )
    expected = {
        "title": "标题",
        "text": "正文正文正文",
        "source": "来处",
        "authors": ["王五"],
        "published_at": "2024-05-25",
        "images": [{"url": "https://a.example/1.jpg", "caption": "说明"}],
    }
    assert score(expected, article) == {
        "body": 1.0,
        "title": 1.0,
        "day": 1.0,
        "source": 0.0,
        "authors": pytest.approx(2 / 3),
        "captions": 1.0,
        "no wrong day": 1.0,
    }
    assert score({"published_at": "2024-05-24"}, article) == {"day": 0.0, "no wrong day": 0.0}
    assert score({"published_at": None}, article) == {"day": 0.0, "no wrong day": 0.0}
    assert score({"published_at": "2024-05-24", "title": "标题"}, None) == {
        "title": 0.0,
        "day": 0.0,
        "no wrong day": 1.0,
    }


def test_views_take_names_or_metas_out_and_nothing_else():
    html = (
        '<meta charset="utf-8"><meta name="PubDate" content="2024"><!--enpproperty <date>2024</date>/enpproperty-->'
        '<script type="application/ld+json">{"a": 1}</script><p class="x" id=y title="class=z">class="w"</p>'
    )
    assert headless(html) == '<meta charset="utf-8"><p class="x" id=y title="class=z">class="w"</p>'
    assert unnamed(html).endswith('<p title="class=z">class="w"</p>')
