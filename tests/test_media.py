"""Pictures and attachments: fetched once, told by their first bytes, and no trouble to the articles that name them."""

import time
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from crawls import Crawls
from illustrated import CHALLENGE, HTML, PDF, digests, picture, put, sent
from local_server import LocalSite, Reply

from archive import hidden
from archive.firstbytes import is_right
from archive.wanted import TYPES, Wanted, size, size_text
from archive.warc import read_record

ROOT = Path(__file__).parent.parent

#: The engine looks for what it could do each moment, not every five seconds: what a 304 brings wakes nobody.
OFTEN = {"scrapy.core.engine:ExecutionEngine": {"_SLOT_HEARTBEAT_INTERVAL": 0.2}}
LIMITS = '[media]\nimage_size = "20 kB"\nhosts = ["bilder.example.org:{port}"]\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive after one crawl of a site with pictures and files of every kind."""
    archive = Crawls(tmp_path_factory.mktemp("media"))
    with LocalSite() as site:
        put(
            site,
            {
                1: ["/pic/a.png", "/f/form.pdf"],
                2: ["/pic/a.png", "/pic/same.png", "/pic/gone.png"],
                3: ["/pic/long.png", "/pic/page.png", "/f/page.pdf"],
                4: ["/pic/moved.png", "/pic/away.png", "/pic/circle.png"],
                5: [f"http://bilder.example.org:{site.port}/c.png", "http://other.example.org/x.png", "/secret/y.png"],
                6: ["/pic/lamp.png?v=2#top", "/f/office.xls"],
            },
        )
        site.pages |= {
            "/robots.txt": sent(b"User-agent: *\nDisallow: /secret/\n", "text/plain"),
            "/pic/a.png": sent(picture(1)),
            "/pic/same.png": sent(picture(1)),
            "/f/form.pdf": sent(PDF, "application/octet-stream"),
            "/pic/long.png": sent(picture(2, 30_000)),
            "/pic/page.png": sent(HTML, "image/png"),
            "/f/page.pdf": sent(HTML, "application/pdf"),
            "/pic/moved.png": Reply(status=302, reason="Found", headers=(("Location", "/pic/new.png"),)),
            "/pic/new.png": sent(picture(3)),
            "/pic/away.png": Reply(status=301, reason="Moved", headers=(("Location", "http://ads.example.org/"),)),
            "/pic/circle.png": Reply(status=301, reason="Moved", headers=(("Location", "/pic/round.png"),)),
            "/pic/round.png": Reply(status=301, reason="Moved", headers=(("Location", "/pic/circle.png"),)),
            "/c.png": sent(picture(4)),
            "/pic/lamp.png?v=2": sent(picture(5)),
            "/f/office.xls": sent(b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table></table></html>'),
        }
        archive.profile(site, more="", hosts=[f"127.0.0.1:{site.port}"])
        path = archive.directory.sites / "lokal.toml"
        path.write_text(path.read_text() + LIMITS.format(port=site.port))
        archive.site = site
        archive.ended = archive.crawl(resolve={"bilder.example.org": "127.0.0.1"})
        yield archive


def article(archive, number):
    (row,) = archive.rows("SELECT * FROM articles WHERE url LIKE ?", f"%/news/{number}.html")
    return row


def held(archive, path):
    """The captures whose key is a path of the site."""
    return archive.rows("SELECT * FROM captures WHERE key = ? ORDER BY id", archive.site.url + path)


def restart(archive, **options):
    """Crawl again; return what was asked for."""
    before = len(archive.site.log)
    archive.ended = archive.crawl(resolve={"bilder.example.org": "127.0.0.1"}, options=options)
    return [one.path for one in archive.site.log[before:]]


def test_a_picture_is_fetched_once_for_all_articles_and_bears_its_digest_in_each(made):
    assert made.site.requests("/pic/a.png") == {"/pic/a.png": 1}
    (capture,) = held(made, "/pic/a.png")
    assert capture["uid"] is None
    assert digests(article(made, 1))["/pic/a.png"] == digests(article(made, 2))["/pic/a.png"] == capture["digest"]
    record = read_record(made.directory.warc, capture["warc"], capture["offset"])
    assert record.http.content() == picture(1)


def test_media_ties_articles_to_what_they_name(made):
    uid = article(made, 1)["uid"]
    tied = made.rows("SELECT url, kind, site FROM media WHERE uid = ? ORDER BY kind", uid)
    assert [(row["url"].removeprefix(made.site.url), row["kind"], row["site"]) for row in tied] == [
        ("/f/form.pdf", "attachment", "lokal"),
        ("/pic/a.png", "image", "lokal"),
    ]


def test_the_same_bytes_at_a_second_address_are_kept_once(made):
    kinds = {path: held(made, path)[-1]["kind"] for path in ("/pic/a.png", "/pic/same.png")}
    assert sorted(kinds.values()) in (["response", "same"], ["response", "response"])  # in one batch nobody knows yet
    assert digests(article(made, 2))["/pic/same.png"] == digests(article(made, 2))["/pic/a.png"]


def test_a_file_is_told_by_its_first_bytes_and_not_by_its_type(made):
    assert digests(article(made, 1))["/f/form.pdf"] == held(made, "/f/form.pdf")[0]["digest"]
    assert digests(article(made, 6))["/f/office.xls"] is not None


def test_a_page_that_comes_instead_is_kept_and_gives_no_digest(made):
    for path, name in {"/pic/page.png": "picture", "/f/page.pdf": "file"}.items():
        assert held(made, path)[0]["status"] == 200
        assert digests(article(made, 3))[path] is None
        state, error = made.frontier[path]
        assert state == "failed"
        assert error == f"{made.site.url}{path}: no {name}, by its first bytes it is a page"


def test_of_one_that_is_too_long_nothing_is_kept_but_the_reason(made):
    assert held(made, "/pic/long.png") == []
    assert made.frontier["/pic/long.png"] == ("failed", f"{made.site.url}/pic/long.png: over 20 kB")
    assert made.site.requests("/pic/long.png") == {"/pic/long.png": 1}


def test_one_that_is_gone_costs_itself(made):
    assert made.frontier["/pic/gone.png"] == ("failed", f"{made.site.url}/pic/gone.png: HTTP 404")
    assert held(made, "/pic/gone.png")[0]["status"] == 404


def test_a_redirect_is_followed_on_the_sites_hosts_under_the_name_that_articles_have(made):
    there, moved = held(made, "/pic/moved.png")
    assert (there["status"], moved["status"], moved["url"]) == (302, 200, made.site.url + "/pic/new.png")
    assert digests(article(made, 4))["/pic/moved.png"] == moved["digest"]
    state, error = made.frontier["/pic/away.png"]
    assert state == "failed"
    assert "redirects off the site's hosts, to http://ads.example.org/" in error


def test_redirects_in_a_circle_come_to_an_end(made):
    state, error = made.frontier["/pic/circle.png"]
    assert state == "failed"
    assert "more than 5 redirects" in error
    assert sum(made.site.requests(path)[path] for path in ("/pic/circle.png", "/pic/round.png")) == 6


def test_other_hosts_are_asked_only_where_the_profile_names_them(made):
    found = digests(article(made, 5))
    assert found["/c.png"] is not None
    assert found["/x.png"] is None
    assert not made.rows("SELECT 1 FROM frontier WHERE url LIKE '%other.example.org%'")


def test_robots_txt_holds_for_pictures_too(made):
    assert made.frontier["/secret/y.png"] == ("disallowed", "robots.txt forbids it")
    assert not made.site.requests("/secret/")


def test_an_address_is_asked_for_without_its_fragment_and_kept_as_the_article_names_it(made):
    (capture,) = held(made, "/pic/lamp.png?v=2#top")
    assert capture["url"] == made.site.url + "/pic/lamp.png?v=2"
    assert digests(article(made, 6))["/pic/lamp.png?v=2#top"] == capture["digest"]


def test_missing_pictures_are_no_failed_pages(made):
    run = made.run
    assert (run["outcome"], run["failed"], run["disallowed"]) == ("finished", 0, 0)
    assert made.ended.stdout.startswith("lokal: finished; 6 new, 0 changed, 0 unchanged, 0 failed, ")
    assert "pictures and files: 7 came, 6 missing, 1 on other hosts\n" in made.ended.stdout
    assert "failed:" not in made.ended.stdout
    assert made.rows("SELECT * FROM incidents") == []


def test_a_digest_makes_a_change_and_no_revision(made):
    assert {row["revision"] for row in made.rows("SELECT revision FROM articles")} == {1}
    assert made.rows("SELECT count(*) AS n, max(change) AS last FROM articles")[0]["last"] >= 6 + 7
    assert not made.problems()


def test_the_next_crawl_asks_for_nothing_again_and_full_for_all(made):
    assert not [path for path in restart(made) if path.startswith(("/pic/", "/f/", "/c.png"))]
    before = article(made, 1)
    made.site.pages["/pic/a.png"] = sent(picture(9))
    asked = restart(made, full=True)
    assert asked.count("/pic/a.png") == asked.count("/f/form.pdf") == asked.count("/pic/moved.png") == 1
    after = article(made, 1)
    assert held(made, "/f/form.pdf")[-1]["kind"] == "same"
    assert digests(after)["/f/form.pdf"] == digests(before)["/f/form.pdf"]
    assert digests(after)["/pic/a.png"] == held(made, "/pic/a.png")[-1]["digest"] != digests(before)["/pic/a.png"]
    assert after["revision"] == 1
    # The article is read again, and says what it said: nothing flips.
    last = made.rows("SELECT max(change) AS last FROM articles")
    restart(made, full=True)
    assert made.rows("SELECT max(change) AS last FROM articles") == last
    assert not made.problems()


# Smaller sites.


@pytest.fixture
def archive(tmp_path):
    crawls = Crawls(tmp_path)
    yield crawls
    crawls.end()


@pytest.fixture
def site(archive):
    with LocalSite() as local:
        archive.profile(local)
        archive.site = local
        yield local


def test_pictures_that_an_edit_adds_are_fetched_and_those_that_it_drops_untied(archive, site):
    put(site, {1: ["/pic/1.png"]})
    site.pages["/pic/1.png"], site.pages["/pic/2.png"] = sent(picture(1)), sent(picture(2))
    archive.crawl()
    put(site, {1: ["/pic/2.png"]})
    archive.crawl(options={"full": True})
    assert [row["url"] for row in archive.rows("SELECT url FROM media")] == [site.url + "/pic/2.png"]
    assert [*digests(article(archive, 1))] == ["/pic/2.png"]
    assert digests(article(archive, 1))["/pic/2.png"] is not None
    assert article(archive, 1)["revision"] == 1  # addresses of pictures are no edit


def test_a_picture_that_is_held_gives_a_later_article_its_digest_at_once(archive, site):
    put(site, {1: ["/pic/1.png"]})
    site.pages["/pic/1.png"] = sent(picture(1))
    archive.crawl()
    put(site, {1: ["/pic/1.png"], 2: ["/pic/1.png"]})
    archive.crawl()
    assert digests(article(archive, 2)) == digests(article(archive, 1))
    assert site.requests("/pic/") == {"/pic/1.png": 1}


def test_pictures_come_when_no_page_is_due(archive, site):
    archive.profile(site, concurrency=1)
    put(site, {number: ["/pic/1.png"] for number in range(1, 31)})  # more than a batch: the picture is soon known
    site.pages["/pic/1.png"] = sent(picture(1))
    archive.crawl()
    asked = [one.path for one in site.log]
    assert asked.index("/pic/1.png") == len(asked) - 1
    assert len(asked) == 33


def test_articles_that_were_stored_before_there_were_media_get_theirs_when_they_are_visited(archive, site):
    put(site, {1: ["/pic/1.png"]})
    site.pages["/pic/1.png"] = sent(picture(1))
    page = site.pages["/news/1.html"]
    site.pages["/news/1.html"] = lambda request: (
        Reply(status=304, reason="Not Modified")
        if "if-none-match" in request.headers
        else sent(page, "text/html; charset=utf-8", ("ETag", '"1"'))
    )
    (archive.directory.config_file).write_text('contact = "x@example.org"\n[media]\nimages = false\n')
    archive.crawl()
    archive.directory.config_file.write_text('contact = "x@example.org"\n')
    with closing(archive.directory.open_database()) as db:
        db.execute("DELETE FROM media")
        db.execute("DELETE FROM frontier WHERE kind = 'media'")
        db.execute("UPDATE frontier SET next_check = '2020-01-01T00:00:00Z' WHERE kind = 'article'")
        db.conn.commit()
    archive.crawl(modules=OFTEN)
    assert [one.headers.get("if-none-match") for one in site.log if one.path == "/news/1.html"] == [None, '"1"']
    assert digests(article(archive, 1))["/pic/1.png"] is not None


def test_a_limit_counts_articles_and_their_pictures_come_along(archive, site):
    put(site, {number: [f"/pic/{number}.png"] for number in range(1, 7)})
    site.pages |= {f"/pic/{number}.png": sent(picture(number)) for number in range(1, 7)}
    archive.crawl(options={"limit": 2})
    assert len(archive.articles) == 2
    assert archive.run["reason"] == "limit of 2 articles reached"
    assert {f"/pic/{path[6:-5]}.png" for path in archive.articles} == set(site.requests("/pic/"))
    assert archive.rows("SELECT 1 FROM articles WHERE images NOT LIKE '%sha256:%'") == []


def test_what_archive_toml_and_the_profile_do_not_want_is_left_until_they_do(archive, site):
    put(site, {1: ["/pic/1.png", "/f/1.pdf", "/f/1.zip"]})
    site.pages |= {"/pic/1.png": sent(picture(1)), "/f/1.pdf": sent(PDF), "/f/1.zip": sent(b"PK\x03\x04")}
    with archive.directory.config_file.open("a") as file:
        file.write("[media]\nimages = false\n")
    path = archive.directory.sites / "lokal.toml"
    profile = path.read_text()
    path.write_text(profile + '[media]\nattachment_types = ["pdf"]\n')
    archive.crawl()
    assert [*site.requests("/pic/"), *site.requests("/f/")] == ["/f/1.pdf"]
    path.write_text(profile + "[media]\nimages = true\n")
    archive.crawl(options={"full": True})
    assert set(site.requests("/pic/")) | set(site.requests("/f/")) == {"/pic/1.png", "/f/1.pdf", "/f/1.zip"}


def test_a_host_that_does_not_answer_is_not_asked_for_a_hundred_pictures(archive, site):
    async def silent(request, writer):
        writer.close()

    put(site, {1: [f"/pic/{number}.png" for number in range(40)]})
    site.raw |= {f"/pic/{number}.png": silent for number in range(40)}
    ended = archive.crawl()
    assert sum(site.requests("/pic/").values()) <= 20  # eight, and what was on the wire
    assert archive.run["outcome"] == "finished"
    assert archive.run["failed"] == 0
    assert "no more pictures and files" in ended.stderr
    assert {state for path, (state, _) in archive.frontier.items() if path.startswith("/pic/")} == {"failed"}


def test_three_challenges_end_the_pictures_and_not_the_run(archive, site):
    archive.profile(site, concurrency=1)
    put(site, {1: [f"/pic/{number}.png" for number in range(20)]})
    site.pages |= {f"/pic/{number}.png": sent(CHALLENGE, "text/html") for number in range(20)}
    archive.crawl()
    assert sum(site.requests("/pic/").values()) <= 5
    assert archive.run["outcome"] == "finished"
    assert archive.rows("SELECT * FROM incidents") == []


def test_a_picture_that_is_busy_is_tried_again_and_then_left(archive, site):
    put(site, {1: ["/pic/1.png"], 2: ["/pic/2.png"]})
    answers = [Reply(b"", 500, "Error"), sent(picture(1))]
    site.pages["/pic/1.png"] = lambda _: answers.pop(0)
    site.pages["/pic/2.png"] = Reply(b"", 500, "Error")
    archive.crawl()
    assert digests(article(archive, 1))["/pic/1.png"] is not None
    assert archive.frontier["/pic/2.png"] == ("failed", f"{site.url}/pic/2.png: HTTP 500, 3 times")


def test_a_picture_with_an_articles_address_stays_an_article(archive, site):
    put(site, {1: ["/news/2.html"], 2: []})
    archive.crawl()
    (row,) = archive.rows("SELECT kind, state FROM frontier WHERE key LIKE '%/news/2.html'")
    assert row == {"kind": "article", "state": "done"}


def test_restricted_articles_get_their_digests_out_of_sight(archive, site):
    put(site, {1: ["/pic/1.png"], 2: ["/pic/1.png"]})
    site.pages["/pic/1.png"] = Reply(b"", 404, "Not Found")
    archive.crawl()
    (uid,) = [row["uid"] for row in archive.rows("SELECT uid FROM articles WHERE url LIKE '%/1.html'")]
    assert archive.command("restrict", uid, "--reason", "asked for").returncode == 0
    assert archive.rows("SELECT 1 FROM media WHERE uid = ?", uid) == []
    site.pages["/pic/1.png"] = sent(picture(1))
    archive.crawl(options={"full": True})
    with closing(hidden.open_restricted(archive.path / hidden.FILE)) as db:
        (row,) = db.execute("SELECT images, attachments FROM articles").fetchall()
        assert [one["uid"] for one in db.execute("SELECT uid FROM media")] == [uid]
    assert digests(row)["/pic/1.png"] == digests(article(archive, 2))["/pic/1.png"] is not None
    assert archive.command("restrict", "--lift", uid, "--reason", "settled").returncode == 0
    assert len(archive.rows("SELECT uid FROM media")) == 2
    assert not archive.problems()


def test_killed_among_the_pictures_a_crawl_goes_on_with_the_rest(archive, site):
    put(site, {1: [f"/pic/{number}.png" for number in range(60)]})
    site.pages |= {
        f"/pic/{n}.png": Reply(picture(n), headers=(("Content-Type", "image/png"),), delay=0.1) for n in range(60)
    }
    process = archive.start("crawl", "lokal")
    end = time.monotonic() + 30
    while len(site.requests("/pic/")) < 35:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    process.kill_group()
    process.communicate()
    archive.crawl()
    requests = site.requests("/pic/")
    assert len(requests) == 60
    assert sum(requests.values()) <= 60 + 28  # what was not committed is asked for again
    assert all(digests(article(archive, 1)).values())
    assert not archive.problems()


def test_a_replay_takes_the_pictures_that_its_files_hold_and_misses_none(archive, site, tmp_path):
    put(site, {1: ["/pic/1.png", "/pic/2.png"]})
    site.pages["/pic/1.png"] = sent(picture(1))
    site.pages["/pic/2.png"] = sent(picture(2))
    text = (archive.directory.sites / "lokal.toml").read_text()
    (archive.directory.sites / "lokal.toml").write_text(text + '[media]\nimages = true\nimage_size = "1 kB"\n')
    site.pages["/pic/2.png"] = sent(picture(2, 5000))
    archive.crawl()
    again = Crawls(tmp_path / "again").profile(site)
    files = tuple(str(path) for path in archive.directory.warc.glob("*.warc.gz"))
    ended = again.crawl(options={"replay": files})
    found = digests(article(again, 1))
    assert found["/pic/1.png"] == digests(article(archive, 1))["/pic/1.png"] is not None
    assert found["/pic/2.png"] is None
    assert "missing" not in ended.stdout
    assert "/pic/" not in ended.stdout + ended.stderr
    # The next crawl from the network fetches it.
    again.crawl(options={"full": True})
    assert digests(article(again, 1))["/pic/2.png"] is not None


def test_types_of_attachments_are_those_that_extraction_knows():
    lexicon = tomllib.loads((ROOT / "crawler/extraction/lexicon/media.toml").read_text(encoding="utf-8"))
    assert {*lexicon["file"]["words"]} == {*TYPES}


@pytest.mark.parametrize(("text", "bytes_"), [("5 MB", 5_000_000), ("1.5MB", 1_500_000), ("500 kB", 500_000)])
def test_sizes_are_read_as_they_are_written(text, bytes_):
    assert size(text) == bytes_
    assert size(size_text(bytes_)) == bytes_


@pytest.mark.parametrize("value", ["5", 5, "33 MB", "0 kB", "5 mb", "5 GB", None])
def test_a_wrong_size_says_what_is_right(value):
    with pytest.raises(ValueError, match='give a size from "1 kB" to "32 MB"'):
        size(value)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("http://x.org/a.pdf", True),
        ("http://x.org/a.PDF?x=1", True),
        ("http://x.org/a.zip", False),
        ("http://x.org/down.jsp?name=%E8%A1%A8.zip", False),
        ("http://x.org/down.jsp?id=7", True),
    ],
)
def test_files_of_other_types_are_left(address, wanted):
    assert Wanted(attachment_types=("pdf",)).wants("attachment", address) is wanted


@pytest.mark.parametrize(
    ("kind", "content", "right"),
    [
        ("image", picture(), True),
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", False),
        ("image", PDF, False),
        ("image", b"", False),
        ("attachment", PDF, True),
        ("attachment", "姓名,单位\n".encode("gb18030"), True),
        ("attachment", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", True),
        ("attachment", b"  \r\n<!-- x --><HTML><body>", False),
        ("attachment", b"\xef\xbb\xbf<!DOCTYPE html>", False),
        ("attachment", b" \n", False),
    ],
)
def test_first_bytes_tell_what_content_is(kind, content, right):
    assert is_right(kind, content) is right
