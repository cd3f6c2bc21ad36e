"""Charts drawn by the server, the months they show, and the cache that costly answers are kept in."""

import asyncio
from datetime import date
from xml.etree import ElementTree

import pytest
from filled import Filler, article

from archive.web import cache as web_cache
from archive.web import charts, monthly
from archive.web.cache import Answer, Cache, cached, cached_in
from archive.web.charts import Bar
from archive.web.language import Interface
from archive.web.serve import application


def drawn(bars: list[Bar], **options):
    return ElementTree.fromstring(charts.bars(bars, title="每月", description="说明", **options))


def labels(chart) -> list[tuple[str, str | None]]:
    return [(text.text, text.get("class")) for text in chart.iter("text") if text.get("y") == "193"]


def months(number: int, first: str = "2005-01") -> list[str]:
    year, month = int(first[:4]), int(first[5:])
    return charts.months_between(
        first, f"{year + (month - 1 + number - 1) // 12}-{(month - 1 + number - 1) % 12 + 1:02}"
    )


def test_bars_are_as_high_as_their_values_and_say_what_they_are():
    chart = drawn(
        [Bar("2024-01", 50, tooltip="一月 <50>"), Bar("2024-02", 0), Bar("2024-03", 100, href="/s?a=1&b=<2>")]
    )
    bars = [rect for rect in chart.iter("rect") if rect.get("class") == "bar"]
    assert [(rect.get("x"), rect.get("y"), rect.get("height")) for rect in bars] == [
        ("0.1", "50", "50"),
        ("2.1", "0", "100"),
    ]
    assert [link.get("href") for link in chart.iter("a")] == ["/s?a=1&b=<2>"]
    assert [tip.text for tip in chart.iterfind(".//rect/title")] == ["一月 <50>"]
    assert [text.text for text in chart.iter("text")][:2] == ["100", "50"]


def test_a_chart_is_named_and_described_for_those_who_do_not_see_it():
    chart = charts.bars([Bar("2024-01", 1)], title="<每月>", description='"说明" & 其他')
    root = ElementTree.fromstring(chart)
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root if element.get("id")}
    assert ids[root.get("aria-labelledby")] == "<每月>"
    assert ids[root.get("aria-describedby")] == '"说明" & 其他'


def test_without_months_there_is_no_chart():
    assert charts.bars([], title="每月", description="说明") == ""


def test_gaps_that_touch_are_one_and_a_bar_may_stand_before_them():
    chart = drawn([Bar(month, 1 if place == 1 else 0, gap=place in (0, 1, 3)) for place, month in enumerate(months(5))])
    gaps = [(rect.get("x"), rect.get("width")) for rect in chart.iter("rect") if rect.get("class") == "gap"]
    assert gaps == [("0", "2"), ("3", "1")]
    assert len([rect for rect in chart.iter("rect") if rect.get("class") == "bar"]) == 1


def test_the_line_of_shares_has_a_hole_where_no_share_is_known():
    shares = [0.1, 0.2, None, 0.05]
    chart = drawn([Bar(month, 1, share=share) for month, share in zip(months(4), shares, strict=True)])
    paths = [path.get("d") for path in chart.iter("path")]
    assert paths == ["M0.1 50L0.5 50L1.5 0L1.9 0", "M3.1 75L3.5 75L3.9 75"]
    assert not list(drawn([Bar("2024-01", 1, share=0), Bar("2024-02", 1)]).iter("path"))


def test_years_are_named_where_there_are_many_months_and_fewer_of_them_on_a_phone():
    shown = labels(drawn([Bar(month, 1) for month in months(240)]))
    assert [year for year, _ in shown] == ["2005", "2008", "2011", "2014", "2017", "2020", "2023"]
    assert [year for year, kind in shown if kind is None] == ["2005", "2011", "2017", "2023"]
    few = labels(drawn([Bar(month, 1) for month in months(3)]))
    assert few == [("2005-01", None), ("2005-02", None), ("2005-03", None)]


def test_a_chart_of_twenty_years_is_small():
    bars = [
        Bar(m, n % 97, n % 50 < 6, f"/search?after={m}-01&before={m}-28", f"{m}：9", n / 999)
        for n, m in enumerate(months(240))
    ]
    chart = charts.bars(bars, title="每月", description="说明")
    assert len(chart) < 80_000
    assert "http" not in chart
    assert "style" not in chart


@pytest.mark.parametrize(
    ("value", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (5, 6), (9, 10), (10, 10), (11, 20), (401, 600), (8_001, 10_000)]
)
def test_the_scale_ends_at_a_round_number(value, top):
    assert charts.round_up(value) == top


def test_months_are_arranged_by_year_with_their_sums():
    years = charts.by_year([Bar("2024-11", 1), Bar("2024-12", 2), Bar("2025-01", 4)])
    assert [(year.label, year.total) for year in years] == [("2025", 4), ("2024", 3)]
    assert [bar and bar.label for bar in years[1].months] == [None] * 10 + ["2024-11", "2024-12"]


@pytest.mark.parametrize(
    ("held", "first", "last", "number"),
    [
        ({"2024-11", "2025-02"}, "2024-11", "2025-02", 4),
        ({"0001-01", "2025-02"}, "1985-03", "2025-02", 480),
        ({"2025-01", "9999-12"}, "2025-01", "2025-01", 1),
        ({"2025-01", "2025-04"}, "2025-01", "2025-04", 4),
    ],
)
def test_a_date_that_cannot_be_does_not_stretch_the_chart(held, first, last, number):
    shown = monthly.window(held, date(2025, 3, 31))
    assert (shown[0], shown[-1], len(shown)) == (first, last, number)


def test_what_a_chart_leaves_out_is_counted():
    held = {"": 7, "1066-10": 2, "2025-01": 3, "9999-12": 5}
    shown = monthly.monthly(Interface("en", {}), held, lambda after, before: f"/?{after}.{before}", {"2025-01"})
    assert (shown.outside, shown.gaps, [year.total for year in shown.years][:1]) == (7, True, [3])
    assert "/?2025-01-01.2025-02-01" in shown.chart
    nothing = monthly.monthly(Interface("en", {}), {"": 7}, lambda after, before: "")
    assert (nothing.chart, nothing.years, nothing.outside) == ("", [], 0)


@pytest.fixture
def filler(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    yield filler
    filler.close()


class Computed:
    """Something to compute that counts how often it was."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times, self.error = 0, error
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> int:
        self.times += 1
        number = self.times
        await self.go.wait()
        if self.error:
            raise self.error
        return number


def test_an_answer_is_kept_until_anything_in_the_archive_changes(filler):
    async def ask():
        datasette, computed = application(filler.directory), Computed()
        found = [await cached(datasette, "key", computed), await cached(datasette, "key", computed)]
        found.append(await cached(datasette, "other", computed))
        for sql in ("UPDATE sites SET status = 'paused'", "DELETE FROM revisions", "DELETE FROM articles"):
            filler.db.execute(sql)
            found += [await cached(datasette, "key", computed), await cached(datasette, "key", computed)]
        return found

    assert asyncio.run(ask()) == [1, 1, 2, 3, 3, 4, 4, 5, 5]


def test_many_who_ask_at_once_wait_for_one_computation_also_when_the_first_is_gone(filler):
    async def ask():
        datasette, computed = application(filler.directory), Computed()
        computed.go.clear()
        waiting = [asyncio.ensure_future(cached(datasette, "key", computed)) for _ in range(20)]
        while not computed.times:
            await asyncio.sleep(0.001)
        waiting[0].cancel()
        computed.go.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        return found, computed.times, await cached(datasette, "key", computed)

    found, times, later = asyncio.run(ask())
    assert isinstance(found[0], asyncio.CancelledError)
    assert (found[1:], times, later) == ([1] * 19, 1, 1)


def test_a_failure_reaches_all_who_wait_and_is_not_kept(filler):
    async def ask():
        datasette, computed = application(filler.directory), Computed(ValueError("broken"))
        failed = await asyncio.gather(*(cached(datasette, "key", computed) for _ in range(3)), return_exceptions=True)
        computed.error, before = None, computed.times
        return failed, await cached(datasette, "key", computed) - before

    failed, later = asyncio.run(ask())
    assert [str(error) for error in failed] == ["broken"] * 3
    assert later == 1


def test_what_was_costly_is_kept_longer_than_the_archive_stays_the_same(filler):
    async def ask(cost: float, after: float):
        clock, times = [100.0], []
        cache, db = Cache(lambda: clock[0]), application(filler.directory).get_database("archive")

        async def compute() -> int:
            clock[0] += cost
            times.append(clock[0])
            return len(times)

        found = [await cached_in(cache, db, "key", compute)]
        clock[0] += after
        filler.db.execute("UPDATE sites SET next_check = ?", [f"after {cost} and {after}"])
        return [*found, await cached_in(cache, db, "key", compute)]

    assert asyncio.run(ask(2, 2 * web_cache.PATIENCE - 1)) == [1, 1]
    assert asyncio.run(ask(2, 2 * web_cache.PATIENCE + 1)) == [1, 2]
    assert asyncio.run(ask(web_cache.CHEAP, 0)) == [1, 2]


def test_the_answers_that_were_longest_not_asked_for_go_first():
    cache = Cache()
    for number in range(web_cache.MAX_ANSWERS + 1):
        cache.keep(number, Answer(number, 1, 0))
        cache.held(0, 1)
    assert [held and held.value for held in (cache.held(0, 1), cache.held(1, 1), cache.held(2, 1))] == [0, None, 2]


def test_the_table_beside_a_chart_says_the_same(filler):
    async def render():
        datasette = application(filler.directory)
        await datasette.invoke_startup()
        template = datasette.jinja_env.from_string(
            "{% from '_chart_table.html' import year_table %}{{ year_table(years, '<题>', t) }}"
        )
        bars = [Bar("2024-01", 1200, href="/s?a&b"), Bar("2024-02", 0, gap=True), Bar("2024-03", 0)]
        return await template.render_async(years=charts.by_year(bars), t=Interface("zh", {}).t)

    table = asyncio.run(render())
    assert "<caption>&lt;题&gt;</caption>" in table
    assert '<td class="number"><a href="/s?a&amp;b">1,200</a></td>' in table
    assert '<td class="number gap"><abbr title="当月未巡查">–</abbr></td><td class="number">0</td>' in table
    assert '<th scope="row">2024</th>' in table
    assert '<td class="number total">1,200</td>' in table
