"""Health as readers see it: /health with its JSON and its feed, and a site's own page."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from browsers import Watched, browser
from bs4 import BeautifulSoup
from filled import Filler, article, version_1
from searched import asking
from test_web_browser import served

from archive import clock, restricting
from archive.clock import stamp
from archive.directory import ArchiveDirectory
from archive.health import incidents
from archive.health.incidents import Finding
from archive.publishing import publish
from archive.store import save_site

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\u202e"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module", autouse=True)
def now():
    with clock.using(lambda: NOW):
        yield


def site(filler, id_, name, english=None, status="active"):
    row = {"id": id_, "name": name, "name_en": english, "home": f"http://{id_}.example.org/", "family": "generic"}
    save_site(filler.db.conn, row | {"status": status})


def run(filler, site, ago, outcome="finished"):
    at = stamp(NOW - timedelta(days=ago))
    filler.db.execute(
        "INSERT INTO runs (site, started_at, ended_at, outcome, version) VALUES (?, ?, ?, ?, '0')",
        [site, at, at, outcome],
    )


def found(filler, site, ago, section="", /, **kinds):
    """Have a run find these and no others of the kinds named; None is that it is over."""
    held = incidents.open_incidents(filler.db.conn, site)
    named = {kind: {} if finding is None else {section: finding} for kind, finding in kinds.items()}
    incidents.settle(filler.db.conn, site, stamp(NOW - timedelta(days=ago)), named, held)


def finding(ago, url=None, **facts):
    day = NOW - timedelta(days=ago)
    return Finding(stamp(day), {"day": f"{day:%Y-%m-%d}", **facts}, url)


LAYOUT = {"pages": 14, "matched": 0, "layout": "1"}


def fill(filler):
    """Six sites: one fails, one fails in a section, one is warned of, one is well, one forgotten, one paused."""
    site(filler, "beigang", "北港工会", "Beigang Union")
    site(filler, "dongshan", "东山工会")
    site(filler, "xihu", "西湖工会")
    site(filler, "nanling", "南岭工会", status="paused")
    for id_ in ("beigang", "dongshan", "chengnan", "yunhe"):
        for ago in (3, 2, 1):
            run(filler, id_, ago, "failed" if id_ == "beigang" and ago < 3 else "finished")
    for ago in (42, 41, 40):
        run(filler, "xihu", ago)
    run(filler, "nanling", 1, "failed")
    filler.db.execute("UPDATE sites SET next_check = '2026-11-20T16:00:00Z' WHERE id = 'chengnan'")
    filler.db.execute("UPDATE sites SET next_check = '2026-11-19T16:00:00Z' WHERE id = 'dongshan'")
    filler.db.execute("UPDATE sites SET next_check = '2026-10-12T16:00:00Z' WHERE id = 'xihu'")
    found(filler, "beigang", 2, down=finding(2, "http://beigang.example.org/", visits=2, reason="silence"))
    found(filler, "dongshan", 1, HOSTILE, layout=finding(1, "javascript:alert(1)", **LAYOUT))
    found(
        filler,
        "dongshan",
        9,
        "旧闻",
        quiet=Finding("2026-09-01T00:00:00Z", {"last": "2026-09-01", "days": 80, "longest": 9}),
    )
    found(filler, "yunhe", 1, errors=finding(1, requests=30, failed=12, before=0.02))
    found(filler, "chengnan", 20, blocked=finding(21, reason="blocked: captcha"))
    found(filler, "chengnan", 5, blocked=None)
    found(filler, "chengnan", 90, failed=finding(91, reason="broken"))
    found(filler, "chengnan", 80, failed=None)
    found(filler, "nanling", 1, down=finding(1, reason="silence"))
    for number, day in enumerate(("2026-11-18", "2026-11-17", "2026-11-10", "2026-11-03", "2026-11-02"), start=1):
        filler.page(article(number, published_at=day))
    return filler


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(Filler(tmp_path_factory.mktemp("health"))).close()


@pytest.fixture(scope="module")
def get(directory):
    with asking(directory) as get:
        yield get


def soup(answer):
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def told(page, heading):
    """What stands below a heading, an item each."""
    found = page.find("h2", id=heading)
    section = found and found.find_parent("section")
    return [" ".join(item.get_text().split()) for item in section.select("li")] if section else []


def test_what_is_wrong_comes_first_and_the_whole_site_before_a_section(get):
    page = soup(get("/health"))
    assert page.h1.get_text() == "状况"
    assert [(one.dt.get_text(), one.dd.get_text()) for one in page.select(".figures div")] == [
        ("故障", "2"), ("警告", "2"), ("正常", "1"),
    ]  # fmt: skip
    first, second = told(page, "wrong")
    assert first == (
        "北港工会 自 2026-11-18 起无法连接（已 2 次）：silence；系统会自动重试，间隔逐次加长 "
        "2026-11-18 04:00 起 · 网页：http://beigang.example.org/"
    )
    assert second.startswith(
        "东山工会 栏目“<script>alert(1)</script>”：2026-11-19 版式改变：14 页中有 0 页符合版式 1；请用"
    )
    errors, quiet = told(page, "warnings")
    assert "30 次请求中有 12 次失败" in errors
    assert "栏目“旧闻”：2026-09-01 以后已有 80 天没有新文章" in quiet
    assert told(page, "ended") == [
        "城南区总工会 自 2026-10-30 起被网站拦截：captcha（2026-11-15 已恢复） 2026-10-30 04:00 至 2026-11-15 04:00"
    ]
    assert told(page, "not-looked") == ["西湖工会 40 天无人巡查"]
    order = [heading["id"] for heading in page.select("h2")]
    assert order == ["wrong", "not-looked", "warnings", "ended", "sites"]


def test_every_active_site_has_a_row(get):
    page = soup(get("/health?lang=en"))
    rows = [[" ".join(cell.get_text().split()) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert rows == [
        ["Beigang Union", "failing", "2026-11-17 04:00", "–", "0", "–"],
        ["东山工会", "failing", "2026-11-19 04:00", "–", "0", "due now"],
        ["西湖工会", "not looked at", "2026-10-11 04:00", "–", "0", "due now"],
        ["运河市总工会", "warning", "2026-11-19 04:00", "–", "0", "–"],
        ["城南区总工会", "ok", "2026-11-19 04:00", "2026-11-18", "2 (usual 1.5)", "2026-11-20 16:00"],
    ]
    assert page.select_one("tbody a")["href"] == "/sites/beigang?lang=en"
    assert "layout changed on 2026-11-19: 0 of 14 pages matched layout 1" in page.get_text()


def test_pages_that_show_it_are_linked_and_nothing_of_a_site_runs(get):
    answer = get("/health")
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    links = [link["href"] for link in soup(answer).select(".incidents a")]
    assert "http://beigang.example.org/" in links
    assert not any(link.startswith("javascript:") for link in links)
    outside = soup(answer).select_one('.incidents a[href^="http:"]')
    assert "noopener" in outside["rel"]


def test_the_navigation_leads_to_it(get):
    for path, marked in (("/", None), ("/health", "page")):
        (link,) = soup(get(path)).select('.site-nav a[href="/health"]')
        assert (link.get_text(), link.get("aria-current")) == ("状况", marked)


def test_one_site_alone(get):
    page = soup(get("/health?site=yunhe"))
    assert told(page, "wrong") == []
    assert "没有故障" in page.get_text()
    assert [item[:9] for item in told(page, "warnings")] == ["自 2026-11"]  # its name is not repeated
    assert len(page.select("tbody tr")) == 1
    assert get("/health.json?site=yunhe").json()["status"] == "warning"
    assert get("/health.json?site=chengnan").json()["ended"][0]["kind"] == "blocked"


@pytest.mark.parametrize("path", ["/health", "/health.json", "/health.atom"])
def test_a_site_that_is_not_there_is_said(get, path):
    answer = get(f"{path}?site=chengna&lang=en")
    assert answer.status_code == 400
    assert "did you mean chengnan?" in answer.text


def test_programs_get_the_same(get):
    answer = get("/health.json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    health = answer.json()
    assert (health["ok"], health["status"], health["at"]) == (True, "failing", "2026-11-20T04:00:00Z")
    assert {one["id"]: (one["status"], one["state"]) for one in health["sites"]} == {
        "beigang": ("failing", "failing"),
        "dongshan": ("failing", "failing"),
        "xihu": ("warning", "unlooked"),
        "yunhe": ("warning", "warning"),
        "chengnan": ("ok", "ok"),
    }
    beigang, chengnan = health["sites"][0], health["sites"][-1]
    (down,) = beigang["incidents"]
    assert (down["kind"], down["severity"], down["began_at"]) == ("down", "bad", "2026-11-18T04:00:00Z")
    assert down["words"]["en"].startswith("does not answer since 2026-11-18 (2 visits): silence")
    assert down["words"]["zh"].startswith("自 2026-11-18 起无法连接")
    assert beigang["last_success"] == "2026-11-17T04:00:00Z"
    assert (chengnan["week"], chengnan["median_week"], chengnan["newest"]) == (2, 1.5, "2026-11-18")
    assert chengnan["next_check"] == "2026-11-20T16:00:00Z"
    assert [one["kind"] for one in health["ended"]] == ["blocked"]


def test_the_feed_has_an_entry_when_it_begins_and_another_when_it_ends(get):
    answer = get("/health.atom?lang=en")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert [(one.title, one.updated[:10]) for one in feed.entries] == [
        ("运河市总工会: errors", "2026-11-19"),
        ("东山工会: layout changed", "2026-11-19"),
        ("Beigang Union: down", "2026-11-18"),
        ("城南区总工会: blocked (over)", "2026-11-15"),
        ("东山工会: section silent", "2026-11-11"),
        ("城南区总工会: blocked", "2026-10-31"),
        ("城南区总工会: crawl fails (over)", "2026-09-01"),
        ("城南区总工会: crawl fails", "2026-08-22"),
    ]
    assert len({one.id for one in feed.entries}) == 8
    assert feed.feed.updated == feed.entries[0].updated
    by_title = {one.title: one for one in feed.entries}
    assert by_title["Beigang Union: down"].link.endswith("/sites/beigang?lang=en")
    assert "(over on 2026-11-15)" in by_title["城南区总工会: blocked (over)"].content[0].value
    assert "over on" not in by_title["城南区总工会: blocked"].content[0].value
    assert get("/health.atom?lang=en", **{"if-none-match": answer.headers["etag"]}).status_code == 304
    one = feedparser.parse(get("/health.atom?site=yunhe").content)
    assert [entry.title for entry in one.entries] == ["运河市总工会：请求出错"]
    assert one.entries[0].id == by_title["运河市总工会: errors"].id
    assert one.feed.id != feed.feed.id


def test_an_entry_keeps_its_id_while_what_it_tells_of_goes_on_and_ends(tmp_path):
    filler = fill(Filler(tmp_path))
    with asking(filler.directory) as get:
        before = {one.id: one for one in feedparser.parse(get("/health.atom").content).entries}
        found(filler, "beigang", 0, down=finding(2, visits=3, reason="silence"))
        found(filler, "yunhe", 0, errors=None)
        after = {one.id: one for one in feedparser.parse(get("/health.atom").content).entries}
    filler.close()
    assert set(before) < set(after)
    (new,) = set(after) - set(before)
    assert after[new].title == "运河市总工会：请求出错（已恢复）"
    assert {id_: (one.title, one.updated) for id_, one in before.items()} == {
        id_: (after[id_].title, after[id_].updated) for id_ in before
    }


def test_the_page_of_a_site_says_how_it_is(get):
    page = soup(get("/sites/dongshan"))
    section = page.find("h2", id="health").find_parent("section")
    assert section.h2.get_text() == "状况 故障"
    layout, quiet = told(page, "health")
    assert "版式改变：14 页中有 0 页符合版式 1；请用" in layout
    assert "没有新文章" in quiet
    facts = dict(zip((one.get_text() for one in section.select("dt")), (" ".join(one.get_text().split()) for one in section.select("dd")), strict=True))  # fmt: skip # noqa: E501
    assert facts == {"最近成功": "2026-11-19 04:00", "最新文章": "–", "近七天": "0", "下次巡查": "已到期"}
    assert "<script>alert" not in str(page)
    assert section.select("a")[-1]["href"] == "/health.atom?site=dongshan"
    assert "（通常 1.5）" in soup(get("/sites/chengnan")).find("h2", id="health").find_parent("section").get_text()
    assert soup(get("/sites/nanling")).find("h2", id="health") is None
    assert "40 天无人巡查" in soup(get("/sites/xihu")).get_text()


def test_what_is_restricted_is_shown_nowhere_and_at_once(tmp_path):
    filler = Filler(tmp_path)
    hidden = article(1)
    filler.page(hidden)
    for id_ in ("chengnan", "yunhe"):
        run(filler, id_, 1, "failed")
        found(filler, id_, 1, failed=finding(1, hidden.url, reason=f"{hidden.url}: HTTP 500"))
    paths = ("/health", "/health.json", "/health.atom", "/sites/chengnan")
    with asking(filler.directory) as get:
        assert all(hidden.url in get(path).text for path in paths)
        restricting.restrict(filler.directory, hidden.url, "asked for")
        restricting.restrict(filler.directory, "yunhe", "asked for")
        for path in paths:
            text = get(path).text.replace(f"{hidden.url}&", "")
            assert hidden.url not in text.partition('id="runs"')[0], path
            assert "yunhe" not in text, path
        assert [one["id"] for one in get("/health.json").json()["sites"]] == ["chengnan"]
        assert "…: HTTP 500" in get("/health").text
        for path in ("/health", "/health.json", "/health.atom"):
            assert get(f"{path}?site=yunhe").status_code == 400
        assert soup(get("/sites/yunhe")).find("h2", id="health") is None
    filler.close()


def test_readers_sql_does_not_see_incidents(get):
    refused = get("/archive.json?sql=select+facts+from+incidents")
    assert refused.status_code != 200
    assert "captcha" not in refused.text


def copy_for_readers(directory, path):
    path.mkdir()
    publish(directory, path / "archive.db")
    return ArchiveDirectory(path)


@pytest.mark.parametrize("made", ["published", "version 1"])
def test_where_nobody_keeps_account_it_is_said_kindly(directory, tmp_path, made):
    if made == "published":
        copy = copy_for_readers(directory, tmp_path / "copy")
    else:
        version_1(tmp_path / "archive.db")
        copy = ArchiveDirectory(tmp_path)
    with asking(copy) as get:
        page = soup(get("/health?lang=en"))
        assert "keeps no record of its crawls" in page.select_one(".notice").get_text()
        assert page.table is None
        assert get("/health.json").json()["status"] == "unknown"
        feed = feedparser.parse(get("/health.atom").content)
        assert (feed.bozo, feed.entries) == (False, [])
        assert get("/sites/chengnan").status_code == 200


def test_an_archive_that_was_never_crawled(tmp_path):
    with asking(Filler(tmp_path).close()) as get:
        page = soup(get("/health?lang=en"))
        rows = [[cell.get_text() for cell in row.select("th, td")][:2] for row in page.select("tbody tr")]
        assert rows == [["城南区总工会", "never crawled"], ["运河市总工会", "never crawled"]]
        assert get("/health.json").json()["status"] == "ok"
        assert soup(get("/sites/chengnan")).find("h2", id="health") is None


def test_years_of_a_hundred_sites_are_shown_in_time(tmp_path):
    filler = Filler(tmp_path)
    with closing(filler.db.conn.cursor()) as cursor:
        cursor.execute("BEGIN")
        for number in range(100):
            id_ = f"s{number}"
            site(filler, id_, f"第{number}工会")
            for ago in range(200):
                run(filler, id_, ago)
            found(filler, id_, 1, down=finding(1, reason="silence"))
        cursor.execute("COMMIT")
    with asking(filler.directory) as get:
        page = soup(get("/health"))
    filler.close()
    assert len(page.select("tbody tr")) == 102
    assert len(told(page, "wrong")) == 100


def test_in_a_browser_it_fits_and_is_quiet(directory):
    with browser() as chromium, served(directory) as home:
        page = chromium.new_page(color_scheme="dark", viewport={"width": 1280, "height": 800})
        watched = Watched(page, home)
        for path in ("/health?lang=en", "/sites/dongshan"):
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(home + path)
                assert page.locator("html").evaluate("html => html.scrollWidth") <= width, path
        page.context.close()
    assert watched.faults == []
