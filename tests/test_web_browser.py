"""The reading room in a real browser: search, filter, read, switch language, copy a citation, take JSON home."""

import json

import pytest
from browsers import Watched, browser, served
from filled import Filler, article, rows
from hostile import fill

WIDTHS = {"desktop": (1280, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    filler = Filler(tmp_path_factory.mktemp("browser"))
    filler.directory.config_file.write_text('name = "运河档案"', encoding="utf-8")
    for number in range(1, 46):
        site = "yunhe" if number % 3 == 0 else "chengnan"
        text = f"第{number}期：市总工会举办集体协商培训班，学员来自十二家企业。\n\n" + "课程讲谈判的准备和记录。" * 12
        filler.page(
            article(
                number, site=site, text=text, html="".join(f"<p>{p}</p>" for p in text.split("\n\n")), authors=("李晓",)
            )
        )
    return filler.close()


@pytest.fixture(scope="module")
def address(directory):
    with served(directory) as home:
        yield home


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module", params=WIDTHS)
def screen(request, chromium, address):
    width, height = WIDTHS[request.param]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        java_script_enabled=request.param == "desktop",
        accept_downloads=True,
        base_url=address,
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(screen, address):
    screen.clear_cookies()
    page = screen.new_page()
    watched = Watched(page, address)
    yield page
    page.close()
    assert watched.faults == []


def test_a_reader_finds_narrows_reads_cites_and_takes_home(page, directory, tmp_path):
    page.goto("/")
    page.get_by_role("searchbox").first.fill("工会")
    page.get_by_role("searchbox").first.press("Enter")
    page.wait_for_url("**/search?*")
    assert page.locator(".hits li").count() == 20
    assert "45" in page.locator(".tally").inner_text()
    assert page.locator(".hits mark").first.inner_text() == "工会"
    page.locator("#narrow").get_by_role("link", name="运河市总工会").click()
    page.wait_for_url("**site=yunhe**")
    assert page.locator(".hits li").count() == 15
    with page.expect_download() as taken:
        page.get_by_role("link", name="JSON", exact=True).first.click()
    taken.value.save_as(tmp_path / "taken.json")
    articles = json.loads((tmp_path / "taken.json").read_text(encoding="utf-8"))
    assert [one["site"] for one in articles] == ["yunhe"] * 15
    page.locator(".hits li a").first.click()
    page.wait_for_url("**/article/*")
    assert page.locator("h1").inner_text() == "第27期技能培训班开班"
    assert "集体协商" in page.locator("article").first.inner_text()
    citation = page.locator("pre", has_text="[EB/OL]").first
    citation.click(click_count=3)
    copied = page.evaluate("getSelection().toString()")
    uid = page.url.rsplit("/", 1)[1][:16]
    assert copied.startswith("李晓. 第27期技能培训班开班[EB/OL]")
    assert f"/article/{uid}" in copied
    page.get_by_role("link", name="English").first.click()
    page.wait_for_url("**lang=en**")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "第27期技能培训班开班"
    page.get_by_role("link", name="Sites").first.click()
    page.wait_for_url("**/sites?lang=en")


PATHS = [
    "/",
    "/search?q=工会",
    "/search?q=foo:bar",
    "/sites",
    "/sites/chengnan",
    "/timeline?q=工会",
    "/archive/articles",
]


def test_every_page_fits_its_screen_and_begins_with_the_way_past_its_head(page):
    for path in PATHS:
        page.goto(path)
        assert page.locator("html").evaluate("html => html.scrollWidth") <= page.viewport_size["width"], path
        assert page.locator("h1").count() == 1, path
        page.keyboard.press("Tab")
        assert page.locator("a.skip:focus").is_visible(), path


def test_in_a_browser_nothing_that_an_archive_holds_runs_or_leaves(chromium, tmp_path):
    directory = fill(tmp_path)
    # Every text stands in the body of two articles, eleven numbers apart: half of them show all.
    found = rows(directory, "SELECT uid, url FROM articles ORDER BY id")
    uids = [row["uid"] for row in found if int(row["url"].rpartition("/")[2].removesuffix(".html")) % 2]
    assert len(uids) >= 25
    paths = ["/", "/search?q=工会", "/search?q=hacked", "/timeline?q=工会", "/sites", "/sites/chengnan"]
    paths += ["/archive/articles?_col=html&_col=title", "/archive/revisions", *(f"/article/{uid}" for uid in uids)]
    captures = rows(directory, "SELECT id FROM captures WHERE uid IS NOT NULL LIMIT 3")
    paths += [f"/article/{uids[0]}/revisions", *(f"/capture/{row['id']}/page" for row in captures)]
    with served(directory) as home:
        page = chromium.new_page()
        watched = Watched(page, home)
        for path in paths:
            assert page.goto(home + path).status == 200, path
            assert page.evaluate("window.hacked") is None, path
            assert page.url.startswith(home), path
        page.context.close()
    assert watched.faults == []
