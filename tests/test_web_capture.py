"""Captures as readers see them: which may be seen, their records, their source, and pages in which nothing is live."""

import asyncio
import functools
import io
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from browsers import browser, served
from fastwarc.warc import ArchiveIterator
from filled import Filler, article, response, rows
from selectolax.lexbor import LexborHTMLParser

from archive.article import Attachment, Image, uid
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.excerpt import excerpt
from archive.restricting import restrict
from archive.web import captures, media
from archive.web.serve import application

HOST = "http://chengnan.example.org"
RASTER = {
    "a.png": (b"\x89PNG\r\n\x1a\n\0", "image/png"),
    "b.jpg": (b"\xff\xd8\xff\xe0\0", "image/jpeg"),
    "c.gif": (b"GIF89a\0", "image/gif"),
    "d.webp": (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    "e.avif": (b"\0\0\0\x1cftypavif\0", "image/avif"),
    "f.bmp": (b"BM\0\0", "image/bmp"),
}
OTHER = {
    "g.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "h.png": b"<html><script>alert(1)</script></html>",
    "i.tif": b"II*\0",
}
#: Everything by which a page can run or fetch something; {} is the address of a server that must not be asked.
LIVE = """<html lang="zh"><head><title>存档页面</title>
<meta http-equiv="refresh" content="0;url={0}/refresh"><base href="{0}/base/">
<link rel="preconnect" href="{0}/"><link rel="stylesheet" href="{0}/sheet.css"><link rel="prefetch" href="{0}/prefetch">
<link rel="icon" href="{0}/icon.ico"><script src="{0}/script.js"></script><script>fetch("{0}/fetch")</script>
<style>@import "{0}/import.css"; p {{ background: url({0}/back.png); color: rgb(1, 2, 3) }}
@font-face {{ font-family: x; src: url({0}/font.woff) }}</style></head>
<body onload="fetch('{0}/load')" background="{0}/body.png"><p style="font-family: x; background: url({0}/inline.png)">
正文\u202e反</p><img src="{0}/image.png" srcset="{0}/set.png 2x" onerror="fetch('{0}/error')">
<a href="{0}/link" ping="{0}/ping">链接</a><iframe src="{0}/frame"></iframe>
<iframe srcdoc="<img src={0}/srcdoc>"></iframe>
<object data="{0}/object"></object><embed src="{0}/embed"><video src="{0}/video" poster="{0}/poster" autoplay></video>
<form action="{0}/form"><input type="image" src="{0}/input" autofocus onfocus="fetch('{0}/focus')"></form>
<svg><image href="{0}/svg.png"/><use href="{0}/use#x"/></svg><table background="{0}/table.png"><td>格</td></table>
</body></html>"""


def wire(content: bytes, kind: str = "text/html") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nX-Note: <b>\xe9\r\n\r\n".encode("latin-1") + content


class Counting(BaseHTTPRequestHandler):
    """Notes every request."""

    def __init__(self, asked: list[str], *rest) -> None:
        self.asked = asked
        super().__init__(*rest)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        """Keep silent."""


@pytest.fixture(scope="module")
def counting():
    """A server that must not be asked: its address, what was asked of it."""
    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Counting, asked)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def directory(tmp_path_factory, counting) -> ArchiveDirectory:
    filler = Filler(tmp_path_factory.mktemp("capture"))
    typed = filler.capture
    held = {name: data for name, (data, _) in RASTER.items()} | OTHER
    images = tuple(Image(f"{HOST}/{name}") for name in held)
    for name, data in held.items():
        capture = typed(f"{HOST}/{name}", wire(data, "image/x"), site="chengnan")
        filler.db.execute("UPDATE captures SET content_type = 'image/x' WHERE id = ?", [capture])
    filler.page(article(1, images=images, attachments=(Attachment(f"{HOST}/g.svg", "图"),)))
    store(filler, 2, LIVE.format(counting[0]).encode())
    store(filler, 3, "<p>总工会\x00</p>".encode("gb18030"), charset="gb18030")
    typed(f"{HOST}/list.html", wire(b"<p>listing"), site="chengnan")
    store(filler, 4, b"<p>gone</p>")
    again = typed(article(1).url, response(article(1)), site="chengnan", same_as=ids(filler, 1)[0])
    filler.db.execute("UPDATE captures SET uid = ? WHERE id = ?", [uid(article(1).url), again])
    store(filler, 5, b"<div>" * 5000)
    filler.db.execute("DELETE FROM revisions WHERE uid = ?", [uid(article(4).url)])
    filler.db.execute("DELETE FROM articles WHERE uid = ?", [uid(article(4).url)])
    return filler.close()


def store(filler: Filler, number: int, content: bytes, charset: str = "utf-8") -> None:
    """Store an article whose page is `content`."""
    filler.page(article(number, charset=charset))
    capture = filler.capture(article(number).url, wire(content), site="chengnan")
    filler.db.execute("UPDATE captures SET uid = ? WHERE id = ?", [uid(article(number).url), capture])


def ids(filler: Filler, number: int) -> list[int]:
    found = filler.db.execute("SELECT id FROM captures WHERE url = ? ORDER BY id", [article(number).url])
    return [row[0] for row in found]


def capture_of(directory: ArchiveDirectory, url: str) -> dict:
    return rows(directory, f"SELECT * FROM captures WHERE url = '{url}' ORDER BY id DESC LIMIT 1")[0]


@pytest.fixture(scope="module")
def get(directory):
    with asyncio.Runner() as runner:
        datasette = application(directory)
        yield lambda path, **headers: runner.run(datasette.client.get(path, headers=headers))


def path_of(directory: ArchiveDirectory, number: int, rest: str = "") -> str:
    return f"/capture/{capture_of(directory, article(number).url)['id']}{rest}"


def test_a_capture_tells_what_was_sent_and_that_it_is_sound(get, directory):
    row = capture_of(directory, article(3).url)
    page = get(path_of(directory, 3)).text
    told = LexborHTMLParser(page).css_first("main").text()
    for fact in (row["digest"], row["warc"], row["record_id"], row["url"], "已核对", "X-Note: <b>é"):
        assert fact in told
    assert "<b>" not in page
    assert f'<a href="/article/{uid(article(3).url)}"' in page


def test_an_article_leads_to_its_captures(get, directory):
    page = get(f"/article/{uid(article(2).url)}").text
    assert f'href="{path_of(directory, 2)}"' in page
    assert get(path_of(directory, 2)).status_code == 200


def test_the_record_is_given_as_it_is_stored_with_its_request(get, directory):
    row = capture_of(directory, article(2).url)
    answer = get(path_of(directory, 2, ".warc.gz"))
    assert answer.headers["content-type"] == "application/gzip"
    assert answer.headers["content-disposition"] == f'attachment; filename="capture-{row["id"]}.warc.gz"'
    assert (directory.warc / row["warc"]).read_bytes()[row["offset"] :].startswith(answer.content)
    found = [
        (record.headers["WARC-Type"], record.record_id, record.headers.get("WARC-Concurrent-To"))
        for record in ArchiveIterator(io.BytesIO(answer.content), parse_http=False)
    ]
    assert [kind for kind, _, _ in found] == ["response", "request"]
    assert (found[0][1], found[1][2]) == (row["record_id"], row["record_id"])


def test_a_repeated_capture_leads_to_the_one_that_holds_the_content(get, directory):
    row = capture_of(directory, article(1).url)
    assert row["kind"] == "same"
    page = get(f"/capture/{row['id']}").text
    assert f'<a href="/capture/{row["payload"]}">内容见存档 {row["payload"]}</a>' in page
    assert article(1).text.split()[0] in get(f"/capture/{row['id']}/source").text


def test_source_is_shown_as_text_in_the_charset_that_the_article_was_read_with(get, directory):
    page = get(path_of(directory, 3, "/source")).text
    assert '&lt;p&gt;总工会<span class="control">U+0000</span>&lt;/p&gt;' in page
    live = get(path_of(directory, 2, "/source")).text
    assert "&lt;script src=" in live
    assert "<script src=" not in live
    assert '<span class="control">U+202E</span>反' in live


def test_long_source_is_cut_and_said_to_be(get, directory, monkeypatch):
    monkeypatch.setattr(captures, "MAX_SOURCE", 10)
    page = LexborHTMLParser(get(path_of(directory, 3, "/source?lang=en")).text)
    assert page.css_first(".headers").text() == "<p>总工会U+0000</p"
    assert "Only the first 10 characters" in page.css_first(".notice").text()


def test_a_stored_page_comes_without_what_is_live_and_with_a_policy_of_its_own(get, directory):
    answer = get(path_of(directory, 2, "/raw"))
    policy = answer.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert policy[0].startswith("sandbox; default-src 'none'; ")
    assert "script-src" not in policy[0]
    page = LexborHTMLParser(answer.text)
    assert "正文" in page.body.text()
    assert page.css("script, link, base, iframe, object, embed, form, input, svg, video, meta[http-equiv]") == []
    for node in page.css("*"):
        assert not {"href", "src", "srcset", "ping", "background", "action"} & set(node.attributes), node.html
        assert not any(name.startswith("on") for name in node.attributes), node.html
    frame = LexborHTMLParser(get(path_of(directory, 2, "/page")).text).css_first("iframe")
    assert frame.attributes["src"] == path_of(directory, 2, "/raw")
    assert frame.attributes["sandbox"] in ("", None)


def test_a_page_that_would_take_long_is_not_parsed(get, directory):
    page = get(path_of(directory, 5, "/page"))
    assert page.status_code == 200
    assert "<iframe" not in page.text
    assert "嵌套太深" in page.text
    assert get(path_of(directory, 5, "/raw")).status_code == 404


@pytest.mark.parametrize("rest", ["", "/source", "/page", "/raw", ".warc.gz"])
def test_only_captures_of_articles_that_are_held_can_be_seen(get, directory, rest):
    listing, gone = capture_of(directory, f"{HOST}/list.html"), capture_of(directory, article(4).url)
    for id_ in (listing["id"], gone["id"], 0, 999_999, 10**17):
        for more in ("", f"?article={uid(article(1).url)}", f"?article={uid(article(4).url)}", "?article=x"):
            answer = get(f"/capture/{id_}{rest}{more}")
            assert answer.status_code == 404
            assert "没有这次存档" in answer.text


@pytest.mark.parametrize(
    "path", ["/capture", "/capture/", "/capture/x", "/held/1", "/capture/1/2", "/capture/" + "9" * 40]
)
def test_what_is_no_capture_is_answered_in_a_sentence(get, path):
    answer = get(path)
    assert answer.status_code == 404
    assert "没有这次存档" in answer.text


@pytest.mark.parametrize("name", RASTER)
def test_pictures_are_shown_by_what_they_are(get, directory, name):
    content, kind = RASTER[name]
    answer = get(held(directory, name))
    assert answer.content == content
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("name", OTHER)
def test_what_is_no_plain_picture_can_only_be_saved(get, directory, name):
    answer = get(held(directory, name))
    id_ = capture_of(directory, f"{HOST}/{name}")["id"]
    assert answer.content == OTHER[name]
    assert answer.headers["content-type"] == "application/octet-stream"
    plain, _, own = answer.headers["content-disposition"].partition("; filename*=")
    assert plain == f'attachment; filename="{id_}-{name}"'
    assert own == (f"UTF-8''{id_}-{quote('图')}.svg" if name == "g.svg" else "")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def held(directory: ArchiveDirectory, name: str, number: int = 1) -> str:
    return f"/held/{uid(article(number).url)}/{capture_of(directory, f'{HOST}/{name}')['id']}"


def test_a_file_is_given_only_for_an_article_that_has_it(get, directory):
    page = capture_of(directory, article(1).url)["id"]
    for path in (held(directory, "a.png", 2), held(directory, "a.png", 4), f"/held/{uid(article(1).url)}/{page}"):
        assert get(path).status_code == 404
    of_article = f"?article={uid(article(1).url)}"
    seen = get(f"/capture/{capture_of(directory, f'{HOST}/a.png')['id']}{of_article}")
    assert seen.status_code == 200
    assert f'href="{held(directory, "a.png")}"' in seen.text
    assert f'.warc.gz{of_article}"' in seen.text


def test_captures_of_what_is_restricted_are_gone_and_so_is_their_content_elsewhere(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(2))
    other = filler.capture(article(2).url, response(article(1)), site="chengnan", same_as=ids(filler, 1)[0])
    filler.db.execute("UPDATE captures SET uid = ? WHERE id = ?", [uid(article(2).url), other])
    (first,), directory = ids(filler, 1), filler.close()
    restrict(directory, uid(article(1).url), "asked for")
    datasette = application(directory)
    secret = article(1).text[:8]
    for path in (f"/article/{uid(article(1).url)}", f"/capture/{first}", f"/capture/{first}/source"):
        answer = asyncio.run(datasette.client.get(path))
        assert answer.status_code == 404
        assert secret not in answer.text
    assert asyncio.run(datasette.client.get(f"/capture/{other}")).status_code == 200
    for rest in ("/source", "/raw"):
        assert asyncio.run(datasette.client.get(f"/capture/{other}{rest}")).status_code == 404


def test_a_record_that_is_lost_or_altered_is_said_to_be(tmp_path, directory):
    copy = tmp_path / "copy"
    shutil.copytree(directory.path, copy)
    row = capture_of(directory, article(3).url)
    path, file = f"/capture/{row['id']}", copy / "warc" / row["warc"]
    whole = file.read_bytes()
    datasette = application(ArchiveDirectory(copy))
    for bad in (None, whole[: row["offset"] + 40], whole[: row["offset"]] + b"x" * 400, whole[row["offset"] :]):
        file.unlink(missing_ok=True)
        if bad is not None:
            file.write_bytes(bad)
        facts = asyncio.run(datasette.client.get(path))
        assert facts.status_code == 200
        assert "现在读不到 WARC 文件" in facts.text
        for rest in ("/source", "/page", "/raw", ".warc.gz"):
            answer = asyncio.run(datasette.client.get(path + rest))
            assert answer.status_code == 404
            assert f"读不到 WARC 文件 {row['warc']} 中的这条记录" in answer.text
            assert str(tmp_path) not in answer.text


def test_content_that_is_not_what_was_noted_is_said_to_be(tmp_path, directory):
    copy = ArchiveDirectory(tmp_path / "copy")
    shutil.copytree(directory.path, copy.path)
    row = capture_of(directory, article(3).url)
    db = copy.open_database()
    db.execute("UPDATE captures SET digest = 'sha256:AAAA' WHERE id = ?", [row["id"]])
    db.close()
    page = asyncio.run(application(copy).client.get(f"/capture/{row['id']}")).text
    assert "内容与摘要不符" in page
    assert "已核对" not in page


def test_an_excerpt_stops_where_another_exchange_begins(directory):
    row = capture_of(directory, f"{HOST}/a.png")
    data = excerpt(directory.warc, row["warc"], row["offset"], row["record_id"])
    assert len([*ArchiveIterator(io.BytesIO(data), parse_http=False)]) == 2
    with pytest.raises(ArchiveError, match=r"no record <urn:x> at \d+; put the file back"):
        excerpt(directory.warc, row["warc"], row["offset"], "<urn:x>")
    with pytest.raises(ArchiveError, match="the file is missing"):
        excerpt(directory.warc, "none.warc.gz", 0, row["record_id"])


def test_names_to_save_a_file_under_are_plain(directory):
    capture = captures.Capture({"id": 7, "url": ""}, {}, {})
    for url, name in (
        ("http://a.example.org/x/%E8%A1%A8%20a.pdf?b", "7-a.pdf"),
        ("http://a.example.org/", "7-file"),
        ('http://a.example.org/"\r\nx', "7-x"),
        ("http://a.example.org/.." + "b" * 200, "7-" + "b" * 80),
    ):
        capture.row["url"] = url
        assert captures.file_name(capture) == name


def test_a_type_is_told_by_the_first_bytes():
    assert media.raster(b"") is None
    assert media.raster(b"<svg") is None
    assert media.raster(b"RIFF1234WAVE") is None


def test_in_a_browser_a_stored_page_runs_nothing_and_asks_nobody(directory, counting):
    address, asked = counting
    with browser() as chromium, served(directory) as home:
        page = chromium.new_page()
        answered = list[str]()
        page.on("requestfinished", lambda request: answered.append(request.url))
        for path in (path_of(directory, 2, "/page"), path_of(directory, 2, "/raw")):
            page.goto(home + path, wait_until="networkidle")
            frame = page.frames[-1]
            assert "正文" in frame.locator("body").inner_text()
            assert page.url == home + path
        # The page's own style sheet is in force: it was shown as it was, not stripped bare.
        assert page.locator("p").first.evaluate("node => getComputedStyle(node).color") == "rgb(1, 2, 3)"
        # The check can fail: the same server is reached by a page that is not held down.
        unbound = chromium.new_page()
        unbound.set_content(f'<img src="{address}/proof">', wait_until="networkidle")
    assert asked == ["/proof"]
    assert [url for url in answered if not url.startswith(home)] == []
    assert home + path_of(directory, 2, "/raw") in answered
