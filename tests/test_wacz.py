"""WACZ files: valid by `wacz validate`, whole by warcio, and saying what the archive says."""

import gzip
import hashlib
import io
import json
import zipfile

import pytest
from exported import command
from filled import Filler, article, rows
from wacz_files import (
    NOTICE,
    PICTURE,
    Packer,
    answer,
    export,
    illustrated,
    index,
    lines,
    packed,
    page,
    png,
    stored,
    unpacked,
    valid,
)  # fmt: skip
from warcio.archiveiterator import ArchiveIterator

from archive.article import Image
from archive.payload import parse_response
from archive.wacz import Written, records
from archive.wacz.surt import surt
from archive.warc import response_member


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """An illustrated archive, the uid of its first article, and the folder of its WACZ file."""
    path = tmp_path_factory.mktemp("two")
    directory, uid = illustrated(path / "archive")
    assert packed(directory, path / "two.wacz") == Written(articles=2, captures=8, missing=0)
    return directory, uid, unpacked(path / "two.wacz", path / "unpacked")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """An archive of 201 articles, and its WACZ file as the command writes it."""
    path = tmp_path_factory.mktemp("many")
    filler = Filler(path / "archive")
    for number in range(1, 201):
        filler.page(article(number))
    filler.page(article(1, site="yunhe", title="Spring meeting held", language="en"))
    directory = filler.close()
    result = export(directory, path / "many.wacz")
    assert (result.exit_code, result.stderr) == (0, "201 articles, 201 captures; next: --since 201\n")
    return directory, path / "many.wacz"


def test_the_validator_of_webrecorder_takes_two_hundred_articles(many):
    assert valid(many[1])


def test_the_validator_turns_an_altered_record_away(many, tmp_path):
    with zipfile.ZipFile(many[1]) as good, zipfile.ZipFile(tmp_path / "x.wacz", "w") as bad:
        for entry in good.infolist():
            content = bytearray(good.read(entry))
            content[-1] ^= entry.filename.startswith("archive/")
            bad.writestr(entry, content)
    assert not valid(tmp_path / "x.wacz")


def test_what_clients_seek_in_is_not_packed_and_the_rest_is(many):
    with zipfile.ZipFile(many[1]) as file:
        stored_ones = [entry.filename for entry in file.infolist() if entry.compress_type == zipfile.ZIP_STORED]
        assert stored_ones == ["archive/articles-00001.warc.gz", "indexes/index.cdx.gz"]
        assert file.namelist()[1:3] == ["pages/pages.jsonl", "articles/articles.jsonl"]


def test_every_record_opens_in_warcio_with_what_belongs_to_it(two):
    found = stored(two[2])
    assert [kind for kind, _ in found].count("warcinfo") == 1
    assert [kind for kind, _ in found].count("response") == 5
    assert [kind for kind, _ in found].count("revisit") == 3
    assert [kind for kind, _ in found].count("request") == 8
    assert {url for _, url in found} == {None, PICTURE, NOTICE, *(f"http://chengnan.example.org/news/{end}" for end in
                                                                   ("1.html", "2.html", "2.png"))}  # fmt: skip


def test_records_are_copied_byte_for_byte(two):
    directory, _, folder = two
    copied = (folder / "archive/articles-00001.warc.gz").read_bytes()
    (source,) = directory.warc.glob("*.warc.gz")
    original = source.read_bytes()
    for row in rows(directory, "SELECT offset FROM captures"):
        member = original[row["offset"] : original.index(b"\x1f\x8b\x08", row["offset"] + 1)]
        assert len(member) > 100
        assert member in copied


def test_the_index_leads_to_every_capture_that_shows_something(two):
    folder = two[2]
    copied = (folder / "archive/articles-00001.warc.gz").read_bytes()
    found = index(folder)
    assert found == sorted(found, key=lambda one: one[:2])
    assert len(found) == 7  # eight captures, of which one is a 304
    assert [facts["mime"] for _, _, facts in found].count("warc/revisit") == 2
    for key, at, facts in found:
        member = copied[int(facts["offset"]) :][: int(facts["length"])]
        assert facts["recordDigest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
        (record,) = ArchiveIterator(io.BytesIO(member))
        assert record.rec_headers.get_header("WARC-Target-URI") == facts["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == facts["digest"]
        assert key == surt(facts["url"])
        assert at == record.rec_headers.get_header("WARC-Date").translate(str.maketrans("", "", "-:TZ"))[:14]


def test_blocks_of_the_index_can_be_read_by_themselves(tmp_path, many, monkeypatch):
    monkeypatch.setattr("archive.wacz.cdxj._LINES", 50)
    packed(many[0], tmp_path / "blocks.wacz")
    folder = unpacked(tmp_path / "blocks.wacz", tmp_path / "blocks")
    meta, *blocks = (folder / "indexes/index.idx").read_text().splitlines()
    assert json.loads(meta.removeprefix("!meta 0 ")) == {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    data = (folder / "indexes/index.cdx.gz").read_bytes()
    assert len(blocks) == 5
    for line in blocks:
        key, at, where = line.split(" ", 2)
        block = data[json.loads(where)["offset"] :][: json.loads(where)["length"]]
        assert gzip.decompress(block).startswith(f"{key} {at} {{".encode())
    assert len(index(folder)) == 201


def test_pages_name_each_article_where_it_was_seen_last(two):
    _, uid, folder = two
    head, first, second = lines(folder / "pages/pages.jsonl")
    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}
    # Not the 304 a minute later, which has nothing to show.
    assert (first["url"], first["ts"]) == ("http://chengnan.example.org/news/1.html", "2025-03-01T01:05:00Z")
    assert (first["id"], first["title"], first["text"]) == (uid, "培训班延期", article(1).text)
    assert second["url"] == "http://chengnan.example.org/news/2.html"


def test_articles_are_those_of_an_export_with_revisions(two, many, tmp_path):
    assert (two[2] / "articles/articles.jsonl").read_bytes() == command(two[0], "--revisions")
    folder = unpacked(many[1], tmp_path)
    assert (folder / "articles/articles.jsonl").read_bytes() == command(many[0], "--revisions")


def test_the_package_says_what_it_is_and_lists_what_it_holds(two):
    folder = two[2]
    text = (folder / "datapackage.json").read_bytes()
    package = json.loads(text)
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    assert package["title"] == "运河档案"
    assert package["description"] == "2 articles, 8 captures. Selected: everything. © 各工会"
    listed = {one["path"]: (one["bytes"], one["hash"]) for one in package["resources"]}
    there = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*/*")}
    assert listed == {path: (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}") for path, data in there.items()}
    digest = json.loads((folder / "datapackage-digest.json").read_text())
    assert digest == {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}


def test_a_selection_takes_its_captures_only(many, tmp_path):
    result = export(many[0], tmp_path / "one.wacz", "--site", "yunhe", "--after", "2025")
    assert (result.exit_code, result.stderr) == (0, "1 articles, 1 captures; next: --since 201\n")
    folder = unpacked(tmp_path / "one.wacz", tmp_path / "one")
    assert [facts["url"] for _, _, facts in index(folder)] == ["http://yunhe.example.org/news/1.html"]
    assert (
        "Selected: site=yunhe, after=2025-01-01."
        in json.loads((folder / "datapackage.json").read_text())["description"]
    )


def test_what_an_article_repeats_of_another_comes_with_it(two, tmp_path):
    """The second article's picture is a revisit of the first one's."""
    packed(two[0], tmp_path / "x.wacz", selection={"query": "第2期技能培训班开班"})
    folder = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    assert len(lines(folder / "pages/pages.jsonl")) == 2
    assert [facts["url"].rpartition("/")[2] for _, _, facts in index(folder)] == ["hall.png", "2.html", "2.png"]


def test_an_empty_selection_is_still_a_right_file(many, tmp_path):
    result = export(many[0], tmp_path / "none.wacz", "--language", "ko")
    assert (result.exit_code, result.stderr) == (0, "0 articles, 0 captures; next: --since 201\n")
    assert valid(tmp_path / "none.wacz")
    folder = unpacked(tmp_path / "none.wacz", tmp_path / "none")
    assert stored(folder) == [("warcinfo", None)]
    assert index(folder) == []
    assert len(lines(folder / "pages/pages.jsonl")) == 1
    assert not (folder / "articles").exists()


def test_a_long_warc_file_is_followed_by_another(two, tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MAX_BYTES", 2_000)
    packed(two[0], tmp_path / "x.wacz")
    folder = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    names = [path.name for path in sorted((folder / "archive").iterdir())]
    assert names == [f"articles-{number:05}.warc.gz" for number in range(1, len(names) + 1)]
    assert len(names) > 2
    assert [kind for kind, _ in stored(folder)].count("response") == 5
    for _, _, facts in index(folder):
        member = (folder / "archive" / facts["filename"]).read_bytes()[int(facts["offset"]) :][: int(facts["length"])]
        assert facts["recordDigest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
    assert valid(tmp_path / "x.wacz")


def test_the_warcinfo_of_its_run_comes_with_a_record(tmp_path):
    packer = Packer(tmp_path / "archive")
    packer.db.execute(
        "INSERT INTO runs (id, site, started_at, outcome, version) VALUES (7, 'chengnan', '2025', 'finished', '0')"
    )
    info = packer.warc.run_info(7, {"description": "run 7 of chengnan"})

    def keep(url: str) -> int:
        """Write a response with a warcinfo, as a crawl does."""
        id_ = packer.keep(url, page("一页"))
        exchange = packer.exchange(url, page("一页"))
        row = packer.db.execute("SELECT * FROM captures WHERE id = ?", [id_]).fetchone()
        member = response_member(exchange, parse_response(page("一页")), id_=row["record_id"], warcinfo=info)
        place = packer.warc.append(member)
        packer.warc.sync()
        packer.db.execute("UPDATE captures SET warc = ?, offset = ?, run = 7 WHERE id = ?", [*place, id_])
        return id_

    for number in (1, 2):
        packer.store(number, [keep(article(number).url)])
    packed(packer.close(), tmp_path / "x.wacz")
    folder = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    with (folder / "archive/articles-00001.warc.gz").open("rb") as file:
        infos = [one.content_stream().read() for one in ArchiveIterator(file) if one.rec_type == "warcinfo"]
    assert len(infos) == 2
    assert b"description: run 7 of chengnan" in infos[1]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.Chengnan.example.org/News/1.html", "org,example,chengnan)/news/1.html"),
        ("https://www2.example.org", "org,example)/"),
        ("http://example.org:80/a/", "org,example)/a/"),
        ("https://example.org:8443/a", "org,example:8443)/a"),
        ("http://example.org/show?id=2&a=1#top", "org,example)/show?a=1&id=2"),
        (
            "http://example.org/工会/%E5%B7%A5?词=会 x",
            "org,example)/%E5%B7%A5%E4%BC%9A/%e5%b7%a5?%E8%AF%8D=%E4%BC%9A%20x",
        ),
        ("http://总工会.中国/", "xn--fiqs8s,xn--6oq837aiwb)/"),
        ("http://[broken/a b", "http://[broken/a%20b"),
        ("mailto:a b@example.org", "mailto:a%20b@example.org"),
    ],
)
def test_keys_are_those_that_replayweb_makes(url, key):
    assert surt(url) == key


def test_a_picture_of_an_earlier_revision_comes_too(tmp_path):
    packer = Packer(tmp_path / "archive")
    old, new = ("http://chengnan.example.org/images/old.png", "http://chengnan.example.org/images/new.png")
    packer.keep(old, answer(png(2, 2), "image/png"))
    packer.keep(new, answer(png(3, 3), "image/png"))
    packer.store(1, [packer.keep(article(1).url, page("先"))], images=(Image(old),))
    packer.store(1, [packer.keep(article(1).url, page("后"))], title="改了题目", images=(Image(new),))
    packed(packer.close(), tmp_path / "x.wacz")
    found = {facts["url"] for _, _, facts in index(unpacked(tmp_path / "x.wacz", tmp_path / "x"))}
    assert {old, new} <= found
