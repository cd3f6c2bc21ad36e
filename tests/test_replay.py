"""Replay: crawls from WARC files, without the network; the two sites that the project began with."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from commands import crawl, rows, run
from saved_pages import PAGES, load

from archive.payload import parse_response
from archive.warc import Exchange, read_record, record_id, records, request_member, response_member

MOMENT = datetime(2024, 6, 1, 2, 0, tzinfo=UTC)


def exchange(url, body, content_type, moment=MOMENT, status="200 OK"):
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    asked = f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    return Exchange(url, moment, asked, head.encode() + body)


def write_warc(path, exchanges):
    """Write exchanges as another archiver might: response first, then its request."""
    with path.open("wb") as file:
        for one in exchanges:
            id_ = record_id()
            file.write(response_member(one, parse_response(one.response), id_=id_, warcinfo=None))
            file.write(request_member(one, response_id=id_, warcinfo=None))
    return path


SEEDS = {
    name: load(PAGES / f"{name}.html")
    for name in (
        "workercn/2024-05-training",
        "workercn/2024-05-training-baidu",
        "qdcyzgh/chairs-in-training",
        "qdcyzgh/chairs-in-training-baidu",
    )
}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """An archive after `crawl workercn qdcyzgh --replay FILE`, and its articles by URL."""
    directory = tmp_path_factory.mktemp("replay")
    captures = [exchange(page.url, page.html, page.content_type or "text/html") for page in SEEDS.values()]
    captures.append(exchange("http://elsewhere.example/news/1.html", b"<h1>Not of these sites</h1>", "text/html"))
    file = write_warc(directory / "seeds.warc.gz", captures)
    summaries = crawl(directory / "archive", "workercn", "qdcyzgh", "--replay", file)
    assert {one["outcome"] for one in summaries.values()} == {"finished"}
    run(directory / "archive", "verify")
    exported = run(directory / "archive", "export").stdout.splitlines()
    return directory / "archive", {one["url"]: one for one in map(json.loads, exported)}


@pytest.mark.parametrize("name", SEEDS)
def test_seed_is_read_from_first_to_last_sentence(replayed, name):
    page = SEEDS[name]
    # The site's home is https; its canonical addresses are, too.
    address = page.url.replace("http://www.workercn.cn/", "https://www.workercn.cn/")
    article = replayed[1][address]
    fields = ("title", "kicker", "subtitle", "source", "authors", "editors", "published_at", "language", "text")
    wanted = {field: page.expected[field] for field in fields}
    assert {field: article[field] for field in fields} == wanted
    assert article["translation_of"] == page.expected.get("translation_of")
    for furniture in ("客户端", "举报", "版权", "首页", "上一篇", "hotline", "Copyright", "Media Matrix", "扫码"):
        assert furniture not in article["text"]
    assert article["fetched_at"] == "2024-06-01T02:00:00Z"


def test_seeds_hold_what_the_issue_asks_for(replayed):
    training = next(one for one in replayed[1].values() if one["url"].endswith("/c/2024-05-25/8266417.shtml"))
    assert training["kicker"]
    assert len(training["authors"]) == 2
    assert len(training["editors"]) == 1
    assert training["published_at"] == "2024-05-25T07:05:00+08:00"
    chairs = next(one for one in replayed[1].values() if one["site"] == "qdcyzgh" and one["language"] == "zh-Hans")
    assert chairs["subtitle"]
    assert chairs["section"] == "热点聚焦"
    assert chairs["published_at"] is None


def test_translated_copy_is_a_row_of_its_own(replayed):
    copies = [one for one in replayed[1].values() if one["translation_of"]]
    assert len(copies) == 2
    assert {one["language"] for one in copies} == {"en"}
    assert all(one["revision"] == 1 for one in replayed[1].values())
    assert len(replayed[1]) == 4


def test_replayed_records_are_copied_as_they_were(replayed):
    archive, _ = replayed
    original = archive.parent / "seeds.warc.gz"
    ids = {}
    for capture in rows(archive, "SELECT * FROM captures"):
        ids[capture["record_id"]] = read_record(archive / "warc", capture["warc"], capture["offset"])
    assert len(ids) == len(SEEDS)
    for record in records(original):
        if record.headers["WARC-Record-ID"] in ids:
            copy = ids[record.headers["WARC-Record-ID"]]
            assert (copy.block, copy.headers) == (record.block, record.headers)


def test_captures_of_one_address_play_in_order_one_a_run(tmp_path):
    page = SEEDS["qdcyzgh/chairs-in-training"]
    first = page.expected["text"].split("\n")[0][:12].encode(page.encoding)
    edited = page.html.replace(first, first + "（更正）".encode(page.encoding), 1)
    later = exchange(page.url, edited, "text/html", MOMENT + timedelta(days=3))
    file = write_warc(tmp_path / "two.warc.gz", [later, exchange(page.url, page.html, "text/html")])
    archive = tmp_path / "archive"
    assert crawl(archive, "qdcyzgh", "--replay", file)["qdcyzgh"]["counts"]["new"] == 1
    assert rows(archive, "SELECT fetched_at, revision FROM articles") == [
        {"fetched_at": "2024-06-01T02:00:00Z", "revision": 1}
    ]
    assert crawl(archive, "qdcyzgh", "--replay", file)["qdcyzgh"]["counts"]["changed"] == 1
    held = rows(archive, "SELECT fetched_at, first_seen_at, revision, text FROM articles")[0]
    assert (held["fetched_at"], held["first_seen_at"]) == ("2024-06-04T02:00:00Z", "2024-06-01T02:00:00Z")
    assert held["revision"] == 2
    assert "（更正）" in held["text"]
    # What was played to the end stays as it is.
    assert crawl(archive, "qdcyzgh", "--replay", file)["qdcyzgh"]["counts"]["unchanged"] == 1
    assert rows(archive, "SELECT count(*) AS n FROM captures")[0]["n"] == 2
    run(archive, "verify")


def test_twin_address_is_the_same_article(tmp_path):
    page, twin = (load(PAGES / f"workercn/{name}.html") for name in ("2024-06-night-drill", "2024-06-night-drill-show"))
    captures = [
        exchange(page.url, page.html, "text/html"),
        exchange(twin.url, twin.html, "text/html", MOMENT + timedelta(hours=1)),
    ]
    archive = tmp_path / "archive"
    crawl(archive, "workercn", "--replay", write_warc(tmp_path / "twins.warc.gz", captures))
    assert rows(archive, "SELECT count(*) AS n FROM articles")[0]["n"] == 1


def test_article_of_several_pages_is_joined(tmp_path):
    pages = [load(PAGES / f"workercn/2013-05-pairs{part}.html") for part in ("", "-2")]
    captures = [exchange(page.url, page.html, "text/html") for page in pages]
    archive = tmp_path / "archive"
    crawl(archive, "workercn", "--replay", write_warc(tmp_path / "parts.warc.gz", captures))
    (held,) = rows(archive, "SELECT text, title FROM articles")
    assert held["title"] == pages[0].expected["title"]
    for page in pages:
        assert page.expected["text"].split("\n\n")[-1] in held["text"]


def test_file_without_the_site_fails(tmp_path):
    file = write_warc(tmp_path / "other.warc.gz", [exchange("http://elsewhere.example/", b"<h1>x</h1>", "text/html")])
    summary = crawl(tmp_path / "archive", "qdcyzgh", "--replay", file, check=False)["qdcyzgh"]
    assert (summary["outcome"], summary["reason"]) == ("failed", "the replayed files hold nothing of this site")
