"""The search page and its JSON: what is found, counted, linked and refused."""

import asyncio
import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from bs4 import BeautifulSoup
from filled import Filler, article, version_1
from searched import CONTROL, asking, page_of, searched, titles

from archive.database import transaction
from archive.directory import ArchiveDirectory
from archive.web import asking as web_asking
from archive.web.pages import search
from archive.web.serve import application


@pytest.fixture(scope="module")
def get(tmp_path_factory):
    with asking(searched(tmp_path_factory.mktemp("search"))) as get:
        yield get


def tally(page: BeautifulSoup) -> str:
    return page.select_one(".tally strong").get_text()


def test_hits_come_newest_first_with_what_was_found_marked(get):
    answer = get("/search?q=培训班")
    page = page_of(answer)
    assert answer.status_code == 200
    assert titles(page)[:3] == ["第24期技能培训班开班", "第23期技能培训班开班", "第22期技能培训班开班"]
    assert len(titles(page)) == 20
    assert tally(page) == "共 24 篇"
    first = page.select_one(".hits li")
    assert [mark.get_text() for mark in first.select("h3 mark")] == ["培训班"]
    assert first.select_one("h3")["lang"] == "zh-Hans"
    assert first.select_one("time")["datetime"] == "2025-02-24"
    assert "城南区总工会" in first.select_one(".facts").get_text()
    assert first.select_one("a")["href"].startswith("/article/")


def test_without_a_question_the_newest_of_everything_is_shown(get):
    page = page_of(get("/search"))
    assert tally(page) == "共 27 篇"
    assert titles(page)[0] == "第24期技能培训班开班"
    assert page.select_one(".orders") is None


def test_what_the_site_did_to_an_article_is_flagged(get):
    flags = {
        hit.select_one("h3").get_text(): [flag.get_text() for flag in hit.select(".flag")]
        for hit in page_of(get("/search?q=培训班&page=2")).select(".hits li")
    }
    assert flags == {
        "第4期技能培训班开班": [],
        "第3期技能培训班开班": ["已撤稿"],
        "第2期技能培训班延期": ["第 2 版"],
        "第1期技能培训班开班": [],
    }


def test_pages_follow_one_another_and_end(get):
    first = page_of(get("/search?q=培训班&lang=en"))
    following = first.select_one(".pages a[rel=next]")["href"]
    assert parse_qs(urlsplit(following).query) == {"q": ["培训班"], "page": ["2"], "lang": ["en"]}
    second = page_of(get(following))
    assert second.select_one(".hits")["start"] == "21"
    assert second.select_one(".pages a[rel=next]") is None
    assert page_of(get(second.select_one(".pages a[rel=prev]")["href"])).select(".hits h3") == first.select(".hits h3")
    beyond = page_of(get("/search?q=培训班&page=1000"))
    assert titles(beyond) == []
    assert beyond.select_one(".results p a")["href"] == "/search?q=" + quote("培训班")


def test_every_value_to_narrow_by_leads_to_as_many_hits_as_it_says(get):
    page = page_of(get("/search"))
    names = [title.get_text() for title in page.select(".narrow h3")]
    assert names == ["年份", "站点", "级别", "地区", "栏目", "语言"]
    links = page.select(".narrow li a")
    assert len(links) > 12
    for link in links:
        narrowed = page_of(get(link["href"]))
        assert tally(narrowed) == f"共 {link.select_one('.number').get_text()} 篇", link
        (chip,) = narrowed.select(".chips a")
        assert chip.get_text().endswith(f"：{link.select_one('.name').get_text()}\xa0×")
        assert chip["href"] == "/search"


def test_a_chosen_value_is_shown_as_chosen_and_can_be_dropped(get):
    page = page_of(get("/search?q=培训班&section=基层&site=chengnan&after=2025-02-10&sort=relevance"))
    assert [chip.get_text() for chip in page.select(".chips a")] == [
        "站点：城南区总工会\xa0×",
        "栏目：基层\xa0×",
        "2025-02-10 起\xa0×",
    ]
    dropped = {chip["aria-label"]: parse_qs(urlsplit(chip["href"]).query) for chip in page.select(".chips a")}
    kept = {"q": ["培训班"], "site": ["chengnan"], "section": ["基层"], "sort": ["relevance"]}
    assert dropped["去掉 2025-02-10 起"] == kept
    chosen = page.select_one(".narrow a[aria-current=true]")
    assert chosen.select_one(".name").get_text() == "城南区总工会"
    assert "site" not in parse_qs(urlsplit(chosen["href"]).query)


def test_the_form_keeps_what_was_asked_and_hands_filters_on(get):
    page = page_of(get("/search?q=培训班&site=chengnan&section=基层&after=2025-02&lang=en&page=1"))
    form = page.select_one("form.ask")
    fields = {(field["name"], field.get("value")) for field in form.select("input")}
    assert fields == {
        ("q", "培训班"),
        ("after", "2025-02"),
        ("before", ""),
        ("site", "chengnan"),
        ("section", "基层"),
        ("lang", "en"),
    }
    assert all(form.select_one(f"label[for={field['id']}]") for field in form.select("input[id]"))


def test_a_page_speaks_one_language_and_its_links_keep_it(get):
    page = page_of(get("/search?q=培训班&lang=en"))
    assert page.html["lang"] == "en"
    assert tally(page) == "24 articles"
    assert "Chengnan Federation" in page.select_one(".hits .facts").get_text()
    ours = [link["href"] for link in page.select(".hits a, .narrow a, .orders a, .tally a") if link["href"][0] == "/"]
    assert len(ours) > 20
    assert all("lang=en" in link for link in ours)
    assert page_of(get("/search", **{"accept-language": "en"})).html["lang"] == "en"


def test_traditional_and_simplified_find_each_other(get):
    assert titles(page_of(get("/search?q=劳动竞赛"))) == ["勞動競賽落幕"]
    assert page_of(get("/search?q=劳动竞赛")).select_one(".hits mark").get_text() == "勞動競賽"


def test_every_link_of_a_page_of_results_leads_somewhere(get):
    page = page_of(get("/search?q=培训班&section=基层"))
    links = {link["href"] for link in page.select("main a, head link[rel=alternate]") if link["href"][0] == "/"}
    links -= {link for link in links if link.startswith("/article/")}
    assert len(links) > 10
    assert {link: get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_nothing_found_says_what_was_asked_and_how_to_ask_for_less(get):
    page = page_of(get("/search?q=培训班&language=en&before=2024-01-01"))
    said = page.select_one(".none").get_text()
    assert all(words in said for words in ("检索词 培训班", "语言：英语", "2024-01-01 之前"))
    links = {link.get_text(): link["href"] for link in page.select(".none a")}
    assert page_of(get(links["不限条件，只检索 培训班"])).select(".hits li")
    assert parse_qs(urlsplit(links["去掉 语言：英语"]).query) == {"q": ["培训班"], "before": ["2024-01-01"]}


def test_json_pages_lead_through_all_hits_once(get):
    address, uids = "/search.json?q=" + quote("培训班"), []
    while address:
        found = get(address).json()
        uids += [result["uid"] for result in found["results"]]
        assert found["count"] == {"number": 24, "more": False}
        address = (found["next"] or "").removeprefix("http://localhost")
    assert (len(uids), len(set(uids))) == (24, 24)


def test_json_holds_what_the_page_shows(get):
    found = get("/search.json?q=競賽&site=yunhe").json()
    (result,) = found["results"]
    assert (result["title"], result["language"], result["withdrawn_at"]) == ("勞動競賽落幕", "zh-Hant", None)
    assert result["article"] == f"http://localhost/article/{result['uid']}"
    assert "".join(piece["text"] for piece in result["snippet"]) == "職工之家舉辦勞動競賽，二十名選手參加焊接決賽。"
    assert [piece["text"] for piece in result["snippet"] if piece["hit"]] == ["競賽"]
    assert (found["query"], found["filters"], found["sort"]) == ("競賽", {"site": ["yunhe"]}, "newest")
    assert found["facets"]["site"] == [["yunhe", 1]]
    assert get("/search.json?q=競賽&facets=0").json()["facets"] is None


def test_relevance_puts_the_headline_first(get):
    newest = get("/search.json?q=training|三天|选手").json()
    assert newest["sort"] == "newest"
    best = get("/search.json?q=training&sort=relevance").json()
    assert best["results"][0]["title"] == "Safety training for dockers"
    assert "最新的 20,000 篇" in get("/search?q=training&sort=relevance").text


REFUSED = [
    ("q=" + "工" * 10_240, "10,240 characters"),
    ("q=%22%22", "nothing to search for"),
    ("q=" + quote("！，。…—()[]{}*-\"'"), "nothing to search for"),
    ("q=%ff%fe", "nothing to search for"),
    ("q=colour:red", "colour: is no field"),
    ("q=after:2024-13-45", "after: '2024-13-45' is no date"),
    ("q=site:nowhere", "names no site of this archive"),
    ("site=nowhere", "not in this archive"),
    ("after=yesterday", "after: 'yesterday' is no date"),
    ("before=2024-02-30", "before: '2024-02-30' is no date"),
    ("year=24", "give four digits, or unknown"),
    ("&".join(f"site=s{n}" for n in range(60)), "60 values"),
    ("q=" + "+".join(f"w{n}" for n in range(120)), "more than 100 words"),
]
PAGED = [
    ("page=0", "counted from 1"),
    ("page=-1", "give digits only"),
    ("page=1001", "first 20,000 hits"),
    ("page=" + "9" * 18, "first 20,000 hits"),
    ("page=" + "9" * 4_000, "give digits only"),
    ("page=２", "give digits only"),
    ("sort=worst", "give newest or relevance"),
]


@pytest.mark.parametrize(("query", "said"), [*REFUSED, *PAGED])
def test_what_cannot_be_understood_is_said_above_the_form(get, query, said):
    answer = get("/search?lang=en&" + query)
    page = page_of(answer)
    assert answer.status_code == 400
    assert said in page.select_one("[role=alert]").get_text()
    assert page.select_one("form.ask input[name=q]")["value"] == parse_qs(query).get("q", [""])[0]
    told = get("/search.json?lang=en&" + query)
    assert (told.status_code, told.json()["ok"], said in told.json()["error"]) == (400, False, True)


def test_a_refusal_speaks_the_language_of_the_page(get):
    for path in ("/search", "/timeline"):
        alert = page_of(get(f"{path}?q=colour:red")).select_one("[role=alert]")
        assert alert["lang"] == "zh-Hans"
        assert "colour" in alert.get_text()
        assert "is no field" not in alert.get_text()


@pytest.mark.parametrize(("query", "said"), REFUSED[::4])
@pytest.mark.parametrize("path", ["/timeline", "/timeline.json", "/timeline.csv", "/search.atom", "/export.jsonl"])
def test_other_forms_of_the_same_question_are_refused_alike(get, path, query, said):
    answer = get(f"{path}?lang=en&{query}")
    assert answer.status_code == 400
    assert said in (page_of(answer).get_text() if path == "/timeline" else answer.text)


@pytest.mark.parametrize(
    "query",
    [
        *(
            '"',
            '培训"',
            "培训 AND",
            "OR",
            "NOT 培训",
            "-培训",
            "- -",
            "(培训",
            "培训)",
            "培训*",
            "*",
            "^培训",
            "|",
            "培训|",
        ),
        *("title:", "a:b:c", "{title} : x", "NEAR(培训 工会)", "培训 + 工会", "培训;DROP TABLE articles", "%", "_"),
        *("\x00", "培\x00训", "\ud7ff\uffff", "\u202e训培", "\ud800", "𠮷野家", "👷", "x" * 1_999),
        *("date:unknown", "after:2024 before:2023", "level:district -site:yunhe", "author:李晓", "after:9999-12-31"),
        "http://chengnan.example.org/news/1.html",
    ],
)
def test_any_query_is_answered_or_refused(get, query):
    address = quote(query, errors="surrogatepass")
    for path in ("/search", "/search.json", "/search.atom", "/timeline.json"):
        answer = get(f"{path}?q={address}&sort=relevance")
        assert answer.status_code in (200, 400), (path, query, answer.text)


@pytest.mark.parametrize("query", ["q", "&&&=", "q=a&q=b", "a" * 3_000, "site=&section=", "%"])
def test_addresses_that_are_no_form_are_answered(get, query):
    assert get(f"/search?{query}").status_code == 200


def test_facets_that_take_too_long_are_left_out_and_the_page_says_so(get, monkeypatch):
    monkeypatch.setattr(web_asking, "_STEPS", 1)
    monkeypatch.setattr(search, "FACET_PATIENCE", 0)
    page = page_of(get("/search?q=培训班"))
    assert len(titles(page)) == 20
    assert page.select_one(".narrow") is None
    assert "用时过长" in page.select_one(".notice").get_text()
    assert page_of(get("/search?q=培训班&facets=0")).select(".notice") == []


def test_a_search_that_takes_too_long_is_refused_in_one_sentence(get, monkeypatch):
    monkeypatch.setattr(web_asking, "_STEPS", 1)
    monkeypatch.setattr(web_asking.ask, "__defaults__", (0,))
    answer = get("/search?q=培训班&lang=en")
    assert answer.status_code == 400
    assert "did not answer within 0 seconds" in page_of(answer).select_one("[role=alert]").get_text()


def test_an_archive_that_is_being_written_is_searched_as_it_was_committed(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))

    async def look() -> list[int]:
        datasette = application(filler.directory)

        async def number() -> int:
            answers = [
                await datasette.client.get(path + "?q=培训") for path in ("/search", "/timeline", "/search.atom")
            ]
            assert [answer.status_code for answer in answers] == [200] * 3
            return (await datasette.client.get("/search.json?q=培训")).json()["count"]["number"]

        seen = [await number()]
        with transaction(filler.db) as connection:
            connection.execute("DELETE FROM revisions")
            connection.execute("DELETE FROM articles")
            seen.append(await number())
        seen.append(await number())
        filler.page(article(2))
        return [*seen, await number()]

    assert asyncio.run(look()) == [1, 1, 0, 1]
    filler.close()


def test_an_archive_without_an_index_says_how_to_make_one(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    paths = (
        "/search",
        "/search.json",
        "/search.atom",
        "/timeline",
        "/timeline.json",
        "/export.jsonl?q=a",
        "/export.csv",
    )

    async def fetch():
        datasette = application(directory)
        return [await datasette.client.get(path) for path in paths]

    *answers, whole = asyncio.run(fetch())
    assert [answer.status_code for answer in answers] == [503] * 6
    assert all("union-archive reindex" in answer.text for answer in answers)
    assert whole.text.count("\n") > 2


def test_texts_of_pages_are_shown_and_never_live(get):
    for path in ("/search?site=yunhe", "/search?q=" + quote("<img src=x onerror=alert(1)>"), "/timeline?q=<b>x"):
        answer = get(path)
        assert answer.status_code == 200
        assert "<b>“" not in answer.text
        assert "<img" not in answer.text
        assert "<b>x" not in answer.text
    assert json.loads(get("/search.json?site=yunhe&q=date:unknown").text)["results"][0]["title"] == CONTROL
