"""A WACZ file in ReplayWeb.page, in a real browser: each date shows what the page said then, with its picture."""

import pytest
from browsers import Watched, browser
from filled import article
from replayed import replaying, scripts
from wacz_files import illustrated, packed

URL = article(1).url
#: Milliseconds for the service worker to start, read the index and show the page.
PATIENCE = 30_000


@pytest.fixture(scope="module")
def wacz(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay")
    packed(illustrated(path / "archive")[0], path / "x.wacz")
    return path / "x.wacz"


@pytest.fixture(scope="module")
def chromium():
    scripts()
    with browser() as started:
        yield started


@pytest.mark.parametrize(
    ("ts", "said"),
    [("20250301010100", "第一次报道"), ("20250301010400", "更正后的报道"), ("20250301010500", "更正后的报道")],
    ids=["first", "edited", "revisit"],
)
def test_a_page_is_replayed_as_it_was_that_day(chromium, wacz, ts, said):
    page = chromium.new_page()
    with replaying(scripts(), wacz, URL, ts) as address:
        watched = Watched(page, address)
        page.goto(address)
        shown = page.frame_locator("iframe").frame_locator("iframe")
        shown.locator("#said").wait_for(timeout=PATIENCE)
        assert shown.locator("#said").inner_text() == said
        assert shown.locator("#picture").evaluate(
            "one => one.decode().then(() => [one.naturalWidth, one.naturalHeight])"
        ) == [40, 30]
        file = "one => fetch(one.href).then(answer => answer.text())"
        assert "招聘公告" in shown.locator("#file").evaluate(file)
        page.close()
    assert [fault for fault in watched.faults if fault.startswith(("request", "script", "dialog"))] == []


def test_its_articles_are_listed_and_found_by_what_they_say(chromium, wacz):
    """ReplayWeb.page takes what stands between two marks for a word: a clause of Chinese is found as a whole."""
    page = chromium.new_page()
    with replaying(scripts(), wacz, "", "") as address:
        room = page.frame_locator("iframe")
        entries, box = room.locator("wr-page-entry"), room.get_by_placeholder("Search by Page")
        _opened(page, address, box)
        titles = "all => all.map(one => one.page.title)"
        expect = pytest.importorskip("playwright.sync_api").expect
        for words, found in (
            ("", ["第2期技能培训班开班", "培训班延期"]),
            ("第2期培训班在职工之家开课", ["第2期技能培训班开班"]),
            ("", ["第2期技能培训班开班", "培训班延期"]),
            ("培训班延期", ["培训班延期"]),
        ):
            box.fill(words)
            expect(entries).to_have_count(len(found), timeout=PATIENCE)
            assert entries.evaluate_all(titles) == found
        page.close()


def _opened(page, address, box):
    """Open the player. On a busy machine its service worker can come too late for its own page: it is loaded again."""
    error = pytest.importorskip("playwright.sync_api").TimeoutError
    for patience in (10_000, 20_000, PATIENCE):
        page.goto(address)
        try:
            box.wait_for(timeout=patience)
        except error:
            continue
        return
    box.wait_for(timeout=1)
