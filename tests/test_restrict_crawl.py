"""A crawl over restricted articles: it reads, follows and stores as ever, and nothing of it reaches readers."""

from contextlib import closing

from commands import crawl, rows, run
from local_server import Reply
from test_crawl_parts import FIRST, archive, page, put, site  # noqa: F401 (fixtures)

from archive import hidden


def restricted(path, sql):
    with closing(hidden.open_restricted(path / hidden.FILE)) as db:
        return [dict(row) for row in db.execute(sql).fetchall()]


def test_restricted_article_of_several_pages_is_crawled_on_out_of_sight(archive, site):  # noqa: F811
    put(site, 2)
    site.pages["/list/"] = '<meta charset=utf-8><a href="/news/90.html">长消息，从前的地址</a>'.encode()
    site.pages["/news/90.html"] = Reply(status=301, reason="Moved", headers=(("Location", FIRST),))
    crawl(archive, "local")
    (uid,) = [row["uid"] for row in rows(archive, "SELECT uid FROM articles")]
    run(archive, "restrict", uid, "--reason", "asked for")
    # Read by other code since: the earlier captures are read again, to tell the site's changes from ours.
    restricted(archive, "UPDATE articles SET derived_with = 'other code'")
    site.pages["/news/9_2.html"] = page(2, (1, "上一页"), text="第2页改过：职工代表看过以后，工会又补充了三条意见。")
    counts = crawl(archive, "local", "--full")["local"]["counts"]
    assert (counts["new"], counts["changed"], counts["failed"]) == (0, 1, 0)
    assert rows(archive, "SELECT uid FROM articles") == rows(archive, "SELECT uid FROM revisions") == []
    (held,) = restricted(archive, "SELECT uid, revision, text FROM articles")
    assert (held["uid"], held["revision"]) == (uid, 2)
    assert "三条意见" in held["text"]
    assert restricted(archive, "SELECT url FROM aliases") == [{"url": f"{site.url}/news/90.html"}]
    captures = rows(archive, "SELECT part FROM captures WHERE uid = ? ORDER BY id", uid)
    assert [row["part"] for row in captures] == [1, 2, 1, 2]
    run(archive, "verify")
    run(archive, "restrict", "--lift", uid, "--reason", "settled")
    assert [row["revision"] for row in rows(archive, "SELECT revision FROM revisions ORDER BY 1")] == [1, 2]
    run(archive, "verify")
