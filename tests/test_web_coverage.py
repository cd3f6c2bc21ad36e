"""Coverage as readers see it: the calendar on a site's page, /coverage with its months, sections and days, its data."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from browsers import Watched, browser
from bs4 import BeautifulSoup
from filled import Filler, article
from searched import asking
from test_web_browser import served

from archive import clock, restricting
from archive.coverage import KEYS
from archive.web import calendar
from archive.web.calendar import Square

HOSTILE = "<script>alert(1)</script>&\"'"


def look(filler: Filler, day: str, outcome: str, section: str = "", site: str = "chengnan") -> None:
    names = "site, section, day, depth, outcome, articles, articles_new"
    values = [site, section, day, 2, outcome, 20, 3]
    filler.db.execute(f"INSERT INTO looks ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def fill(filler: Filler) -> Filler:
    """A site looked at in December 2024 and in March 2025, of which one section failed, and was then forgotten."""
    look(filler, "2024-12-31", "read")
    for day in range(1, 9):
        look(filler, f"2025-03-{day:02}", "read")
        look(filler, f"2025-03-{day:02}", "failed" if day == 4 else "unchanged", "要闻")
    for day, outcome in ((11, "blocked"), (12, "empty"), (13, "disallowed"), (14, "unchanged")):
        look(filler, f"2025-03-{day}", outcome)
    look(filler, "2025-03-08", "empty", HOSTILE)
    for number, day in enumerate(["2025-03-01", "2025-03-01", "2025-03-10", "2025-03", "2024-12-31"], start=1):
        filler.page(article(number, published_at=day, section="要闻"))
    filler.page(article(6, published_at="2025-03-02", section="别处"))
    return filler


@pytest.fixture(scope="module", autouse=True)
def now():
    with clock.using(lambda: datetime(2025, 3, 20, 4, 0, tzinfo=UTC)):
        yield


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(Filler(tmp_path_factory.mktemp("coverage"))).close()


@pytest.fixture(scope="module")
def get(directory):
    with asking(directory) as get:
        yield get


def soup(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def table(page: BeautifulSoup, heading: str) -> list[list[str]]:
    found = page.find("h2", id=heading).find_parent("section").table
    return [[" ".join(cell.get_text().split()) for cell in row.select("th, td")] for row in found.select("tbody tr")]


def squares(page: BeautifulSoup) -> dict[str, list[str]]:
    """The days of the calendar by their class."""
    found: dict[str, list[str]] = {}
    for rect in page.select("svg.calendar rect"):
        found.setdefault(rect["class"][0], []).append(rect.title.get_text())
    return found


def test_a_year_is_counted_by_month_and_by_section(get):
    page = soup(get("/coverage?site=chengnan"))
    assert page.h1.get_text() == "城南区总工会 · 巡查覆盖"
    assert table(page, "months") == [
        ["2025-01", "–", "–", "31", "0"],
        ["2025-02", "–", "–", "28", "0"],
        ["2025-03", "10", "2", "7", "5"],
    ]
    (total,) = page.select(".tally tfoot tr")
    assert [cell.get_text() for cell in total.select("td")] == ["10", "2", "66", "5"]
    assert table(page, "sections") == [
        ["（首页）", "10", "2", "66", "0"],
        [HOSTILE, "1", "–", "77", "0"],
        ["要闻", "7", "1", "70", "4"],
        ["其他栏目", "–", "–", "–", "1"],
    ]
    assert page.find("h2", id="month") is None


def test_the_days_of_a_month_are_shown_when_it_is_opened(get):
    closed = soup(get("/coverage?site=chengnan"))
    address = closed.find("a", string="2025-03")["href"]
    assert address == "/coverage?site=chengnan&month=2025-03#month"
    page = soup(get(address.partition("#")[0]))
    days = table(page, "month")
    assert len(days) == 19
    assert days[0] == ["03-01 周六", "已读", "2", "2", "40", "6"]
    assert days[3] == ["03-04 周二", "已读 2 个栏目中有 1 个未能巡查", "0", "2", "40", "6"]
    assert days[8] == ["03-09 周日", "无人巡查", "–", "–", "–", "–"]
    assert days[9][:3] == ["03-10 周一", "无人巡查", "1"]
    assert [day[1] for day in days[10:14]] == ["被拦截", "空", "robots.txt 禁止", "无变化"]
    assert "另有 1 篇只印月份" in page.get_text()
    assert page.select_one("tr[aria-current]").th.get_text() == "2025-03"
    assert table(page, "sections")[0] == ["（首页）", "10", "2", "7", "0"]
    search = page.find("h2", id="month").find_parent("section").select_one("td a")["href"]
    assert search == "/search?site=chengnan&after=2025-03-01&before=2025-03-02"
    assert soup(get(search)).select_one(".tally strong").get_text() == "共 2 篇"


def test_a_section_is_chosen_by_a_link_that_keeps_the_month(get):
    page = soup(get("/coverage?site=chengnan&month=2025-03&lang=en"))
    links = {link.get_text(): link["href"] for link in page.select("nav.sections a")}
    assert list(links) == ["whole site", "(home page)", HOSTILE, "要闻"]
    section = soup(get(links["要闻"]))
    assert section.select_one("nav.sections [aria-current]").get_text() == "要闻"
    assert table(section, "month")[3] == ["03-04 Tue", "failed", "–", "2", "20", "3"]
    assert table(section, "months")[-1] == ["2025-03", "7", "1", "11", "4"]
    assert section.find("h2", id="sections") is None
    home = soup(get(links["(home page)"]))
    assert table(home, "months")[-1] == ["2025-03", "10", "2", "7", "0"]
    assert table(soup(get(links[HOSTILE])), "months")[-1] == ["2025-03", "1", "–", "18", "0"]


def test_the_calendar_tells_of_every_day(get):
    page = soup(get("/coverage?site=chengnan"))
    shown = squares(page)
    assert {kind: len(days) for kind, days in shown.items()} == {
        "nobody": 66,
        "read": 8,
        "blocked": 1,
        "empty": 1,
        "disallowed": 1,
        "unchanged": 1,
    }
    assert shown["read"][0] == "2025-03-01 周六：已读，2 篇文章"
    assert shown["read"][3] == "2025-03-04 周二：已读，2 个栏目中有 1 个未能巡查"
    assert shown["unchanged"] == ["2025-03-14 周五：无变化，当天没有发布"]
    assert shown["nobody"][-6] == "2025-03-10 周一：无人巡查，1 篇文章"
    assert len(page.select("svg.calendar circle")) == 3
    assert len(page.select("svg.calendar path")) == 1
    described = page.select_one("svg.calendar desc").get_text()
    assert described == "2025 年的 78 天中，10 天巡查成功，2 天未能巡查，66 天无人巡查。"
    assert page.select_one(".calendar-key").get_text(" ", strip=True).split(" ") == [
        *["已读", "无变化", "空", "被拦截", "robots.txt", "禁止", "无人巡查", "当天有文章", "部分栏目未能巡查"]
    ]
    english = squares(soup(get("/coverage?site=chengnan&lang=en")))
    assert english["read"][1] == "Sun 2025-03-02: read, 1 article"


def test_the_page_of_a_site_has_the_calendar_with_the_table_linked_beside_it(get):
    page = soup(get("/sites/chengnan"))
    assert squares(page) == squares(soup(get("/coverage?site=chengnan")))
    section = page.find("h2", id="coverage").find_parent("section")
    assert section.select_one("p.links a")["href"] == "/coverage?site=chengnan&year=2025"
    months = [link["href"] for link in section.select("svg a")]
    assert months == [f"/coverage?site=chengnan&month=2025-0{month}#month" for month in (1, 2, 3)]
    (before,) = section.select("nav.years a")
    assert before["href"] == "/sites/chengnan?year=2024#coverage"
    earlier = soup(get("/sites/chengnan?year=2024"))
    assert squares(earlier)["read"] == ["2024-12-31 周二：已读，1 篇文章"]
    assert len(squares(earlier)["nobody"]) == 365
    assert [link.get_text() for link in earlier.select("nav.years a")] == ["2025 ›"]
    assert "latest" in section.select_one(".calendar-box")["class"]
    assert "latest" not in earlier.select_one(".calendar-box")["class"]


def test_a_site_that_nobody_looked_at_has_no_calendar(get):
    assert soup(get("/sites/yunhe")).select_one("svg.calendar") is None
    page = soup(get("/coverage?site=yunhe"))
    assert "从未巡查过这个站点" in page.get_text()
    assert page.table is None
    assert {day["state"] for day in get("/coverage.json?site=yunhe").json()["days"]} == {"nobody"}


def test_the_last_year_that_was_looked_at_is_shown_of_a_site_that_is_crawled_no_more(get):
    with clock.using(lambda: datetime(2031, 1, 1, tzinfo=UTC)):
        page = soup(get("/coverage?site=chengnan"))
        assert page.select_one("nav.years strong").get_text() == "2025"
        assert [link.get_text() for link in page.select("nav.years a")] == ["‹ 2024", "2026 ›"]
        assert len(squares(page)["nobody"]) == 365 - 12
    future = soup(get("/coverage?site=chengnan&year=2099"))
    assert "这一年尚未到来" in future.get_text()
    assert [link.get_text() for link in future.select("nav.years a")] == ["‹ 2025"]


def test_programs_get_the_same_days_as_json_and_csv(get):
    page = soup(get("/coverage?site=chengnan&month=2025-03&section=要闻"))
    addresses = [link["href"] for link in page.find_all("a", rel="nofollow")]
    answers = [get(address) for address in addresses]
    found = answers[0].json()
    assert (found["ok"], found["site"], found["section"], found["year"]) == (True, "chengnan", "要闻", 2025)
    assert found["sections"] == ["", HOSTILE, "要闻"]
    values = ("2025-03-04", "failed", "failed", 2, 20, 3, 0, 0, 1)
    assert found["days"][3] == dict(zip(KEYS, values, strict=True))
    assert len(found["days"]) == len(table(page, "month")) == 19
    lines = list(csv.DictReader(io.StringIO(answers[1].text)))
    assert [{name: value or None for name, value in line.items()} for line in lines] == [
        {name: None if value is None else str(value) for name, value in day.items()} for day in found["days"]
    ]
    assert answers[1].headers["content-type"] == "text/csv; charset=utf-8"
    whole = get("/coverage.json?site=chengnan&year=2024&section=").json()
    assert (whole["section"], len(whole["days"])) == (None, 366)
    assert whole["days"][-1]["articles"] == 1


def test_without_a_site_those_that_were_looked_at_are_offered(get):
    page = soup(get("/coverage"))
    assert [link["href"] for link in page.select(".choices a")] == ["/coverage?site=chengnan"]
    assert get("/coverage.csv").status_code == 400


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("/coverage?site=chengna", "did you mean chengnan?", "是否指 chengnan？"),
        ("/coverage?site=chengnan&section=闻", "give one of 要闻", "可选 要闻"),
        ("/coverage?site=chengnan&year=25", "year: '25' is no year; write four digits", "“25”不是年份"),
        ("/coverage?site=chengnan&month=2025-13", "month: '2025-13' is no month", "“2025-13”不是月份"),
        ("/sites/chengnan?year=x", "year: 'x' is no year; write four digits", "“x”不是年份"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_the_readers_language(get, path, english, chinese):
    for language, said in (("en", english), ("zh", chinese)):
        answer = get(f"{path}&lang={language}")
        assert answer.status_code == 400
        assert said in BeautifulSoup(answer.text, "lxml").main.get_text()


def test_what_a_site_calls_its_sections_runs_nowhere(get):
    for path in ("/coverage?site=chengnan", "/sites/chengnan"):
        page = get(path).text
        assert "<script>alert" not in page
        assert "alert(1)" in page


def test_what_is_restricted_is_counted_nowhere_and_at_once(tmp_path):
    filler = fill(Filler(tmp_path))
    with asking(filler.directory) as get:
        before = soup(get("/coverage?site=chengnan"))
        restricting.restrict(filler.directory, article(1).url, "asked for")
        after = soup(get("/coverage?site=chengnan"))
        restricting.restrict(filler.directory, "chengnan", "asked for")
        whole = soup(get("/coverage?site=chengnan"))
    filler.close()
    assert [table(page, "months")[-1] for page in (before, after, whole)] == [
        ["2025-03", "10", "2", "7", "5"],
        ["2025-03", "10", "2", "7", "4"],
        ["2025-03", "10", "2", "7", "0"],
    ]


def drawn(year: int) -> ElementTree.Element:
    days = [date(year, 1, 1) + timedelta(days=place) for place in range(366)]
    given = [Square(day, "read", day.isoformat()) for day in days if day.year == year]
    months, weekdays = [f"{month}月" for month in range(1, 13)], list("一二三四五六日")
    return ElementTree.fromstring(
        calendar.year(
            given, title="<年>", description='"说" & 明', months=months, weekdays=weekdays, links={2: "/a?b&c"}
        )
    )


@pytest.mark.parametrize(("year", "weeks"), [(2025, 53), (2028, 53), (2012, 54), (2024, 53), (2018, 53)])
def test_a_year_has_a_column_a_week_and_a_row_a_weekday(year, weeks):
    root = drawn(year)
    places = {rect[0].text: (int(rect.get("x")), int(rect.get("y"))) for rect in root.iter("rect")}
    assert len(places) == len(set(places.values())) == (366 if year % 4 == 0 else 365)
    assert len({x for x, _ in places.values()}) == weeks
    assert int(root.get("width")) == calendar.LEFT + weeks * calendar.STEP
    for name, (x, y) in places.items():
        day = date.fromisoformat(name)
        assert (y - calendar.ABOVE) // calendar.STEP == day.weekday()
        monday = (day - timedelta(days=day.weekday())).isoformat()
        assert x == places.get(monday, (calendar.LEFT, 0))[0]


def test_a_calendar_is_named_and_described_and_its_months_lead_on():
    root = drawn(2025)
    ids = {element.get("id"): element.text for element in root if element.get("id")}
    assert ids[root.get("aria-labelledby")] == "<年>"
    assert ids[root.get("aria-describedby")] == '"说" & 明'
    labels = [element.text for element in root.iter("text")]
    assert labels == [*(f"{month}月" for month in range(1, 13)), "一", "三", "五"]
    assert [(link.get("href"), link[0].text) for link in root.iter("a")] == [("/a?b&c", "2月")]
    assert calendar.year([], title="", description="", months=[], weekdays=[], links={}) == ""


def test_in_a_browser_the_calendar_scrolls_in_its_box_and_nothing_else_does(tmp_path):
    directory = fill(Filler(tmp_path)).close()
    with browser() as chromium, served(directory) as home:
        page = chromium.new_page(color_scheme="dark", viewport={"width": 1280, "height": 800})
        watched = Watched(page, home)
        for path in ("/sites/chengnan", "/coverage?site=chengnan&month=2025-03"):
            page.goto(home + path)
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.locator("html").evaluate("html => html.scrollWidth") <= width, path
                box = page.locator(".calendar-box")
                assert box.evaluate("box => box.scrollWidth > box.clientWidth") == (width == 360), path
            colours = page.locator("svg.calendar rect").evaluate_all(
                "all => all.map(one => one.className.baseVal + ' ' + getComputedStyle(one).fill)"
            )
            # Each kind of day has a colour of its own.
            kinds = dict(colour.split(" ", 1) for colour in colours)
            assert len(set(kinds.values()) - {"rgb(0, 0, 0)"}) == len(kinds) == 6, path
            page.set_viewport_size({"width": 1280, "height": 800})
        page.context.close()
    assert watched.faults == []
