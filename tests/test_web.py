"""The pages that Datasette serves of an archive: what they show, escape, link to and allow."""

import asyncio
import base64
import hashlib
import html
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from datasette.database import Database
from filled import Filler, article, filled, response, rows, version_1

from archive.article import Attachment, Credit, Image, uid
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.web import cells
from archive.web.serve import application, listen, url

ROOT = Path(__file__).parent.parent
CREDITS = (Credit("责任编辑", ("王五", "何川")), Credit("<b>终审</b>", ("赵六",)))
TEXT = "运河市总工会举办职工书画展，展出作品一百二十件。" * 12


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    filler = Filler(tmp_path_factory.mktemp("web"))
    filler.directory.config_file.write_text('name = "运河档案"\n[publish]\nrights = "© 各工会"', encoding="utf-8")
    filler.page(article(1, authors=("李晓", "王大山"), credits=CREDITS, text=TEXT))
    filler.page(
        article(
            2,
            title="<script>alert(1)</script> & 标题",
            html='<p>正文</p><script>alert(2)</script><img src="x" onerror="alert(3)">',
            images=(Image("http://chengnan.example.org/a.jpg", "<b>开幕</b>"), Image("javascript:alert(4)", "点我")),
            attachments=(Attachment("http://chengnan.example.org/b.pdf", "报名表"),),
        )
    )
    filler.page(article(3))
    filler.page(article(3, title="第3期技能培训班延期"))
    filler.page(article(1, site="yunhe", published_at=None))
    filler.capture(article(1).url, response(article(1)), site="chengnan", same_as=1)
    return filler.close()


def get(directory: ArchiveDirectory, *paths: str):
    """The answers of the site to several requests."""

    async def fetch():
        datasette = application(directory)
        return [await datasette.client.get(path) for path in paths]

    answers = asyncio.run(fetch())
    return answers if len(answers) > 1 else answers[0]


def row_path(directory: ArchiveDirectory, number: int) -> str:
    found = rows(directory, f"SELECT id FROM articles WHERE url = '{article(number).url}'")
    return f"/archive/articles/{found[0]['id']}"


def test_articles_are_listed_newest_first_with_facets_in_few_columns(directory):
    page = get(directory, "/archive/articles").text
    assert "Articles 文章" in page
    dates = re.findall(r'<td class="date">([^<]*)</td>', page)
    assert dates == ["2025-02-03", "2025-02-02", "2025-02-01", "无日期"]
    facets = re.findall(r'<div class="facet-info [^>]* data-column="(\w+)">', page)
    assert sorted(facets) == ["language", "site"]
    assert f'<a href="/article/{uid(article(1).url)}">第1期技能培训班开班</a>' in page
    assert "第 2 版" in page
    assert article(1).html not in page


def test_long_texts_are_cut_in_the_table_and_whole_on_their_page(directory):
    table, row = get(directory, "/archive/articles", row_path(directory, 1))
    assert TEXT[:120] + "…" in table.text
    assert TEXT[:125] not in table.text
    assert TEXT in row.text


def test_asked_for_columns_are_shown_as_datasette_shows_them(directory):
    page = get(directory, "/archive/articles?_col=title&_col=authors&_col=url").text
    assert "李晓、王大山" in page
    assert 'data-column="authors"' in page
    address = article(1).url
    assert f'<a href="{address}" rel="noopener noreferrer nofollow">{address}</a>' in page


def test_nothing_of_a_page_is_ever_live(directory):
    paths = ["/", "/archive/articles", "/archive/articles?_nocol=uid", row_path(directory, 2), "/archive/revisions"]
    pages = get(directory, *paths)
    assert "alert(2)" in pages[2].text
    for path, page in zip(paths, pages, strict=True):
        assert page.status_code == 200
        for live in ("<script>alert", "<img", 'onerror="', 'href="javascript:', "<b>开幕"):
            assert live not in page.text, (path, live)


def test_the_row_of_an_article_holds_every_column_and_leads_to_its_page(directory):
    page = get(directory, row_path(directory, 2)).text
    held = rows(directory, f"SELECT * FROM articles WHERE url = '{article(2).url}'")[0]
    assert held["sha256"] in page
    assert f'<a href="/article/{held["uid"]}">&lt;script&gt;alert(1)&lt;/script&gt; &amp; 标题</a>' in page
    assert '<a href="http://chengnan.example.org/b.pdf" rel="noopener noreferrer nofollow">报名表</a>' in page


def test_every_link_of_the_pages_leads_somewhere(directory):
    for path in ("/", "/archive/articles", row_path(directory, 3), "/archive/revisions", "/archive/captures"):
        page = get(directory, path).text
        links = {html.unescape(link) for link in re.findall(r'href="(/[^"#]*)"', page)}
        assert len(links) > 5
        answers = get(directory, *sorted(links))
        assert [(answer.url, answer.status_code) for answer in answers if answer.status_code not in (200, 302)] == []


def test_a_uid_elsewhere_leads_to_its_article_by_title(directory):
    (held,) = rows(directory, f"SELECT uid FROM articles WHERE url = '{article(3).url}'")
    page = get(directory, f"/archive/revisions?uid={held['uid']}").text
    assert f'<a href="/article/{held["uid"]}">第3期技能培训班延期</a>' in page


def test_json_stays_as_it_is_stored(directory):
    found = get(directory, "/archive/articles.json?_shape=array&_col=authors&_col=url&_sort=id").json()
    assert found[1]["authors"] == '["李晓", "王大山"]'
    assert found[1]["url"] == article(1).url


def test_columns_are_described_in_both_languages(directory):
    page = get(directory, "/archive/captures").text
    assert "Where its record begins, in bytes · 字节偏移" in page


def test_the_crawlers_own_tables_are_hidden_and_cannot_be_seen(directory):
    database, frontier = get(directory, "/archive", "/archive/frontier")
    shown = re.findall(r'<h3><a href="/archive/(\w+)">', database.text)
    assert sorted(shown) == ["articles", "captures", "revisions", "runs", "sites", "withdrawals"]
    assert "Download SQLite" not in database.text
    assert frontier.status_code == 403


def test_only_the_scripts_of_datasette_may_run(directory):
    paths = ["/", "/archive", "/archive/articles", row_path(directory, 1), "/archive?sql=select+1", "/nowhere"]
    inline = 0
    for answer in get(directory, *paths):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in re.search(r"script-src [^;]*", policy)[0]
        for script in re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
            inline += 1
        assert not re.search(r"<[^>]+ on\w+=", answer.text)
    assert inline >= len(paths)


def test_every_answer_forbids_guessing_its_type(directory):
    paths = ["/", "/archive/articles.json", "/archive/articles.csv", "/-/static/app.css", "/nowhere"]
    answers = get(directory, *paths, "/-/static-plugins/archive.web/archive.css")
    assert [answer.headers.get("x-content-type-options") for answer in answers] == ["nosniff"] * 6
    assert answers[-1].status_code == 200


def test_what_a_crawl_adds_is_seen_at_once_and_nothing_can_be_written(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))

    async def look() -> tuple[str, str]:
        datasette = application(filler.directory)
        before = (await datasette.client.get("/")).text
        filler.page(article(2))
        after = (await datasette.client.get("/")).text
        db: Database = datasette.get_database("archive")
        assert db.is_mutable
        with pytest.raises(Exception, match="readonly database"):
            await db.execute_fn(lambda connection: connection.execute("DELETE FROM runs"))
        refused = await datasette.client.get("/archive", params={"sql": "delete from articles"})
        assert refused.status_code == 400
        return before, after

    before, after = asyncio.run(look())
    assert article(2).title not in before
    assert article(2).title in after
    filler.close()


def test_rights_that_are_an_address_become_a_link(tmp_path):
    directory = filled(tmp_path)
    directory.config_file.write_text('[publish]\nrights = "https://example.org/rights"')
    assert '<a href="https://example.org/rights" rel="license' in get(directory, "/").text


def test_a_wrong_configuration_or_a_missing_archive_is_named(tmp_path):
    with pytest.raises(ArchiveError, match=r"holds no archive\.db"):
        application(ArchiveDirectory(tmp_path))
    directory = filled(tmp_path)
    directory.config_file.write_text("[publish]\nright = 1")
    with pytest.raises(ArchiveError, match="unknown key 'right'; expected one of rights, address"):
        application(directory)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('["李晓", "<b>"]', "李晓、<b>"),
        ("[]", ""),
        ("not JSON", "not JSON"),
        ('{"a": 1}', '{"a": 1}'),
    ],
)
def test_lists_of_names_are_joined(value, shown):
    assert cells.names(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            '[{"role": "责任编辑", "names": ["王五", "何川"]}, {"role": "终审", "names": ["赵六"]}]',
            "责任编辑 王五、何川；终审 赵六",
        ),
        ("[]", ""),
        ("not JSON", "not JSON"),
        ('["李晓"]', '["李晓"]'),
        ('[{"role": "终审", "names": "赵六"}]', '[{"role": "终审", "names": "赵六"}]'),
    ],
)
def test_credits_are_read_with_their_roles(value, shown):
    assert cells.credits(value) == shown


def test_credits_are_shown_in_the_table_and_on_the_page_of_their_article(directory):
    for path in ("/archive/articles?_col=credits", row_path(directory, 1)):
        page = get(directory, path).text
        assert "责任编辑 王五、何川；&lt;b&gt;终审&lt;/b&gt; 赵六" in page
    assert "Credits" not in get(directory, row_path(directory, 3)).text


def test_an_archive_of_an_older_version_is_shown_as_it_is(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    index, table, row = get(directory, "/", "/archive/articles?_col=title&_col=editors", row_path(directory, 1))
    assert [answer.status_code for answer in (index, table, row)] == [200] * 3
    assert "王五" in table.text
    assert "王五" in row.text


def test_only_web_addresses_become_links():
    link = cells.external("https://example.org/?a=1&b=<2>", "附件 <1>")
    assert link == (
        '<a href="https://example.org/?a=1&amp;b=&lt;2&gt;" rel="noopener noreferrer nofollow">附件 &lt;1&gt;</a>'
    )
    for address in ("javascript:alert(1)", "data:text/html,x", "//example.org/", "ftp://example.org/"):
        assert "<a" not in cells.external(address, "x")
    assert "…</a>" in cells.external("https://example.org/" + "a" * 300)


def test_a_taken_port_is_named_or_the_next_free_one_is_taken():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ArchiveError, match=f"127.0.0.1:{port}: the port is taken; choose another with --port"):
            listen("127.0.0.1", port)
        with listen("127.0.0.1", port, find_free=True) as second:
            assert second.getsockname()[1] > port


@pytest.mark.parametrize("host", ["no..host", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_named(host):
    with pytest.raises(ArchiveError, match=rf"{host}.*(--host|address of this machine)"):
        listen(host, 0)


def test_the_printed_address_is_one_that_opens():
    with listen("127.0.0.1", 0) as listener:
        assert url(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with socket.socket() as everywhere:
        everywhere.bind(("0.0.0.0", 0))
        assert url(everywhere) == f"http://127.0.0.1:{everywhere.getsockname()[1]}/"


def test_serve_prints_its_address_and_ends_with_ctrl_c(directory):
    program = "from archive.cli import cli; cli(prog_name='union-archive')"
    command = [sys.executable, "-c", program, "--archive", str(directory.path), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
            assert line.startswith("运河档案: ")
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert "第3期技能培训班延期" in answer.read().decode()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=15)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_after_a_corrected_date_and_a_vacuum_every_way_to_an_article_is_still_right(tmp_path):
    filler = Filler(tmp_path / "first")
    for number in range(1, 6):
        filler.page(article(number))
    (before,) = rows(filler.directory, f"SELECT id FROM articles WHERE url = '{article(3).url}'")
    filler.page(article(3, published_at="2025-03-01"))
    (tmp_path / "second").mkdir()
    filler.db.execute("VACUUM INTO ?", [str(tmp_path / "second" / "archive.db")])
    filler.close()
    directory = ArchiveDirectory(tmp_path / "second")
    (held,) = rows(directory, f"SELECT id, uid FROM articles WHERE url = '{article(3).url}'")
    assert held["id"] > before["id"]
    found, old, row, page, cited, exported, table = get(
        directory,
        "/search.json?q=第3期",
        f"/archive/articles/{before['id']}",
        f"/archive/articles/{held['id']}.json?_shape=array",
        f"/article/{held['uid']}",
        f"/article/{held['uid']}.bib",
        "/export.jsonl?after=2025-03",
        "/archive/articles.json?_search=第3期&_shape=array",
    )
    assert [one["published_at"] for one in found.json()["results"]] == ["2025-03-01"]
    assert old.status_code == 404
    assert row.json()[0]["uid"] == held["uid"]
    assert "2025-03-01" in page.text
    assert "2025-03-01" in cited.text
    assert [json.loads(line)["uid"] for line in exported.text.splitlines()] == [held["uid"]]
    assert [one["uid"] for one in table.json()] == [held["uid"]]
