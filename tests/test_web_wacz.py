"""WACZ files of the reading room: those of the command, within a limit, offered where articles are exported."""

import io
import zipfile

import pytest
from exported import PLAIN, get
from wacz_files import illustrated, index, packed, unpacked, valid

from archive.web.pages import export as exporting_pages


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return illustrated(tmp_path_factory.mktemp("rooms"))[0]


def test_the_reading_room_gives_the_same_file(directory, tmp_path):
    response = get(directory, "/export.wacz?site=chengnan")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/wacz"
    assert response.headers["content-disposition"].startswith('attachment; filename="articles-')
    assert "content-encoding" not in get(directory, "/export.wacz", **{"accept-encoding": "gzip"}).headers
    (tmp_path / "x.wacz").write_bytes(response.content)
    assert valid(tmp_path / "x.wacz")
    packed(directory, tmp_path / "y.wacz")
    folder = unpacked(tmp_path / "y.wacz", tmp_path / "y")
    served = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    for name in ("pages/pages.jsonl", "articles/articles.jsonl"):
        assert (served / name).read_bytes() == (folder / name).read_bytes()
    assert [one[:2] for one in index(served)] == [one[:2] for one in index(folder)]


def test_the_reading_room_says_where_too_many_articles_are_to_be_had(directory, monkeypatch):
    monkeypatch.setattr(exporting_pages, "MOST", 1)
    english, chinese, narrowed = (
        get(directory, path) for path in ("/export.wacz", "/export.wacz?lang=zh", "/export.wacz?q=第2期技能培训班开班")
    )
    assert (english.status_code, chinese.status_code, narrowed.status_code) == (400, 400, 200)
    assert "2 articles: a WACZ file made here holds 1 at most; narrow the search" in english.text
    assert "共 2 篇：此处生成的 WACZ 文件最多收 1 篇" in chinese.text
    assert zipfile.is_zipfile(io.BytesIO(narrowed.content))


def test_search_and_the_page_of_a_site_offer_it(directory):
    search, site = get(directory, "/search?q=培训班", "/sites/chengnan", **PLAIN)
    assert 'href="/export.wacz?q=%E5%9F%B9%E8%AE%AD%E7%8F%AD" rel="nofollow">WACZ</a>' in search.text
    assert 'href="/export.wacz?site=chengnan" rel="nofollow">With their captures (WACZ)</a>' in site.text
