"""WACZ files where something is missing: it costs what is missing, and is said; a part never passes for the whole."""

import io
import json
import zipfile
from contextlib import closing

import pytest
from filled import article, rows
from wacz_files import NOTICE, Packer, export, illustrated, index, lines, packed, page, stored, unpacked, valid

from archive import restricting
from archive.search.selection import Selection
from archive.wacz import Facts, Written, write
from archive.wacz.members import Source, Unreadable


@pytest.fixture
def illustrated_one(tmp_path):
    """An illustrated archive."""
    return illustrated(tmp_path / "archive")[0]


def test_restricted_articles_are_not_in_it_nor_their_pages_under_other_articles(tmp_path):
    packer = Packer(tmp_path / "archive")
    first = packer.keep(article(1).url, page("同一页"))
    uid = packer.store(1, [first])
    other = packer.store(2, [packer.keep(article(2).url, page("同一页"), same_as=first)])
    directory = packer.close()
    restricting.restrict(directory, uid, "asked to")
    assert packed(directory, tmp_path / "x.wacz") == Written(articles=1, captures=1, missing=0)
    folder = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    assert [one["uid"] for one in lines(folder / "articles/articles.jsonl")] == [other]
    assert [url for kind, url in stored(folder) if kind == "revisit"] == [article(2).url]
    assert not [url for _, url in stored(folder) if url == article(1).url]
    # What it repeats is not here, so it cannot be replayed.
    assert index(folder) == []
    assert len(lines(folder / "pages/pages.jsonl")) == 1


def test_a_missing_warc_file_is_one_line_and_the_rest_is_there(tmp_path):
    packer = Packer(tmp_path / "archive")
    for number in (1, 2, 3):
        packer.store(number, [packer.keep(article(number).url, page(f"第{number}页"))])
        if number == 2:
            packer.warc.close()
    directory = packer.close()
    lost, _ = sorted(directory.warc.glob("*.warc.gz"))
    lost.unlink()
    result = export(directory, tmp_path / "x.wacz")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{lost}: the file is missing; put it back from a copy of the archive",
        "3 articles, 1 captures; next: --since 3",
        "2 captures are missing in it; mend that and export again",
    ]
    folder = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    assert [facts["url"] for _, _, facts in index(folder)] == [article(3).url]
    assert [one["url"] for one in lines(folder / "pages/pages.jsonl")[1:]] == [article(3).url]
    assert len(lines(folder / "articles/articles.jsonl")) == 3
    assert "2 captures are missing" in json.loads((folder / "datapackage.json").read_text())["description"]
    assert valid(tmp_path / "x.wacz")


def test_a_damaged_record_costs_that_record(tmp_path):
    directory, _ = illustrated(tmp_path / "archive")
    (row,) = rows(directory, f"SELECT * FROM captures WHERE url = '{NOTICE}'")
    path = directory.warc / row["warc"]
    data = bytearray(path.read_bytes())
    data[row["offset"] + 30 : row["offset"] + 60] = bytes(30)
    path.write_bytes(data)
    said = []
    assert packed(directory, tmp_path / "x.wacz", note=said.append) == Written(articles=2, captures=7, missing=1)
    assert said == [f"{path}: no record {row['record_id']} at {row['offset']}; put the file back from a copy"]
    folder = unpacked(tmp_path / "x.wacz", tmp_path / "x")
    assert len(stored(folder)) == 15


class Full(io.RawIOBase):
    """A disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        if len(self.data) + len(data) > self.room:
            raise OSError(28, "No space left on device")
        self.data += data
        return len(data)


@pytest.mark.parametrize("room", [500, 5_000, 8_500])
def test_a_part_never_passes_for_the_whole(illustrated_one, room):
    out = Full(room)
    with closing(illustrated_one.read_database()) as db, pytest.raises(OSError, match="No space left"):
        write(out, db, illustrated_one.warc, Selection(), Facts("运河档案"))
    assert out.data
    assert not zipfile.is_zipfile(io.BytesIO(bytes(out.data)))


class Hiccup(io.BytesIO):
    """A disk that fails once, in the middle of a record."""

    failed = False

    def write(self, data) -> int:
        if not self.failed and self.tell() > 3_000:
            self.failed = True
            raise OSError(5, "Input/output error")
        return super().write(data)


def test_what_cannot_be_written_is_never_taken_for_what_cannot_be_read(illustrated_one):
    said = []
    with closing(illustrated_one.read_database()) as db, pytest.raises(OSError, match="Input/output error"):
        write(Hiccup(), db, illustrated_one.warc, Selection(), Facts("运河档案"), note=said.append)
    assert said == []


def test_a_file_that_fails_while_it_is_read_costs_its_records(illustrated_one, tmp_path, monkeypatch):
    (path,) = illustrated_one.warc.glob("*.warc.gz")
    before = Source.read

    def read(self, size: int) -> bytes:
        data = before(self, size)
        if self._file.tell() == path.stat().st_size:
            raise Unreadable("Input/output error")
        return data

    monkeypatch.setattr(Source, "read", read)
    said = []
    assert packed(illustrated_one, tmp_path / "x.wacz", note=said.append).missing == 8
    assert said == [f"{path}: cannot be read (Input/output error); put it back from a copy"]
    assert zipfile.is_zipfile(tmp_path / "x.wacz")


def test_a_file_that_is_still_being_written_is_read(tmp_path):
    packer = Packer(tmp_path / "archive")
    packer.store(1, [packer.keep(article(1).url, page("正在写"))])
    directory = packer.leave_open()
    assert [path.suffix for path in directory.warc.iterdir()] == [".open"]
    assert packed(directory, tmp_path / "x.wacz") == Written(articles=1, captures=1, missing=0)


def test_a_file_that_was_packed_meanwhile_is_found_where_its_records_are_now(tmp_path, monkeypatch):
    directory, _ = illustrated(tmp_path / "archive")
    (old,) = directory.warc.glob("*.warc.gz")
    new = old.with_name("packed.warc.gz")
    old.rename(new)
    monkeypatch.setattr("archive.locating.manifest.moved", lambda _, name, offset: (new.name, offset))
    assert packed(directory, tmp_path / "x.wacz") == Written(articles=2, captures=8, missing=0)


def test_a_file_stays_as_it_was_when_the_export_fails(illustrated_one, tmp_path, monkeypatch):
    path = tmp_path / "out" / "x.wacz"
    path.parent.mkdir()
    path.write_text("before")
    monkeypatch.setattr("archive.wacz.writing.cdxj.write", lambda *_: 1 / 0)
    assert isinstance(export(illustrated_one, path).exception, ZeroDivisionError)
    assert path.read_text() == "before"
    assert list(path.parent.iterdir()) == [path]
