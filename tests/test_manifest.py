"""The manifest of the closed WARC files: each file once, a chain that no change survives, whole after any crash."""

import gzip
import hashlib
import json
import os
import time
from pathlib import Path

import processes
import pytest
from filled import Filler, article, filled, rows

from archive import manifest, manifest_check, merkle
from archive.check_proof import root
from archive.errors import ArchiveError
from archive.manifest import FIRST, Line, adopt, append, moved, read
from archive.merkle import Sums
from archive.warc import read_record
from archive.warcfile import WarcFile, recover

SOFTWARE = {"software": "union-archive tests"}


def lines(warc) -> list[Line]:
    return read(warc / manifest.FILE)


def written(warc, number=1, records=3) -> str:
    """Write and close a WARC file whose records name each other's number; return its name."""
    file = WarcFile(warc, {**SOFTWARE, "number": str(number)})
    for record in range(records):
        file.run_info(record, {"description": f"run {record}"})
    name = file._name
    file.close()
    return name


def sums_of(path) -> Sums:
    with path.open("rb") as file:
        return Sums.of(file)


def made_by_definition(path) -> str:
    """The root of a file's tree, written down as RFC 6962 defines it."""
    with path.open("rb") as file:
        leaves = [b"\0" + one.offset.to_bytes(8, "big") + one.data for one in merkle.members(file)]

    def tree(part):
        if len(part) == 1:
            return hashlib.sha256(part[0]).digest()
        half = 1 << (len(part) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + tree(part[:half]) + tree(part[half:])).digest()

    return tree(leaves).hex()


def test_a_closed_file_has_a_line_that_fits_it(tmp_path):
    directory = filled(tmp_path)
    (line,) = lines(directory.warc)
    data = (directory.warc / line.file).read_bytes()
    assert (line.number, line.what, line.before) == (1, "closed", FIRST)
    assert (line.size, line.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert line.members == 13
    assert line.records == made_by_definition(directory.warc / line.file)


def test_what_is_hashed_while_writing_is_what_reading_gives(tmp_path):
    for number in range(1, 10):
        name = written(tmp_path, number, records=number)
        line, sums = lines(tmp_path)[-1], sums_of(tmp_path / name)
        assert (line.sha256, line.members, line.records) == (sums.sha256, sums.tree.count, sums.tree.root().hex())
        assert line.records == made_by_definition(tmp_path / name)


def test_each_line_names_the_hash_of_the_line_before(tmp_path):
    names = [written(tmp_path, number) for number in range(3)]
    stored = (tmp_path / manifest.FILE).read_bytes().splitlines()
    assert [json.loads(line)["file"] for line in stored] == names
    assert [json.loads(line)["before"] for line in stored[1:]] == [
        hashlib.sha256(one).hexdigest() for one in stored[:2]
    ]
    assert [line.hash for line in lines(tmp_path)] == [hashlib.sha256(one).hexdigest() for one in stored]


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda one: [one[0], one[2]], "line 2 does not follow"),
        (lambda one: [one[1], one[0], one[2]], "line 1 does not follow"),
        (lambda one: [one[0].replace(b'"size":', b'"size":1'), *one[1:]], "line 2 does not follow"),
        (lambda one: [one[0], b"{}", one[2]], "line 2 is no line of a manifest"),
        (lambda one: [one[0], b"\xff\xfe", one[2]], "line 2 is no line of a manifest"),
        (lambda one: [one[0].replace(b'"closed"', b'"opened"'), *one[1:]], "line 1 is no line of a manifest"),
        (lambda one: [one[0].replace(b'"union-', b'"../union-'), *one[1:]], "line 1 is no line of a manifest"),
    ],
)
def test_a_changed_line_is_named(tmp_path, harm, message):
    for number in range(3):
        written(tmp_path, number)
    path = tmp_path / manifest.FILE
    path.write_bytes(b"".join(line + b"\n" for line in harm(path.read_bytes().splitlines())))
    with pytest.raises(ArchiveError, match=message) as told:
        lines(tmp_path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_damaged_line_does_not_stop_crawls(tmp_path):
    """What is appended later names the bytes that are there; the damage stays visible."""
    written(tmp_path, 1)
    written(tmp_path, 2)
    path = tmp_path / manifest.FILE
    stored = path.read_bytes().splitlines()
    path.write_bytes(b"".join(one + b"\n" for one in (b"#" + stored[0], stored[1])))
    name = written(tmp_path, 3)
    last = json.loads(path.read_bytes().splitlines()[-1])
    assert (last["number"], last["file"], last["before"]) == (3, name, hashlib.sha256(stored[1]).hexdigest())
    with pytest.raises(ArchiveError, match="line 1 is no line"):
        read(path)


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_a_torn_last_line_is_cut_off_and_its_file_listed_again(tmp_path, kept):
    first, second = written(tmp_path, 1), written(tmp_path, 2)
    path = tmp_path / manifest.FILE
    one, two, _ = path.read_bytes().split(b"\n")
    path.write_bytes(one + b"\n" + two[:kept])
    assert [line.file for line in lines(tmp_path)] == [first]
    assert recover(tmp_path, lambda name: 0) == []
    assert [(line.what, line.file) for line in lines(tmp_path)] == [("closed", first), ("adopted", second)]


def test_a_file_is_listed_once(tmp_path):
    name = written(tmp_path)
    assert append(tmp_path, "adopted", name, sums_of(tmp_path / name)) is False
    assert adopt(tmp_path) == []
    assert len(lines(tmp_path)) == 1


def test_files_of_an_archive_made_before_are_adopted(tmp_path):
    names = [written(tmp_path, number) for number in range(3)]
    before = lines(tmp_path)
    (tmp_path / manifest.FILE).unlink()
    read_bytes: list[int] = []
    assert adopt(tmp_path, read_bytes.append) == names
    adopted = lines(tmp_path)
    assert {line.what for line in adopted} == {"adopted"}
    assert [(one.sha256, one.records) for one in adopted] == [(one.sha256, one.records) for one in before]
    assert sum(read_bytes) == sum((tmp_path / name).stat().st_size for name in names)


def test_open_files_are_in_no_line(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    assert adopt(filler.directory.warc) == []
    assert lines(filler.close().warc)[0].what == "closed"


def test_a_file_left_open_is_listed_when_it_is_closed(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    warc = filler.leave_open().warc
    (name,) = recover(warc, lambda name: 0)
    (line,) = lines(warc)
    assert (line.what, line.file, line.sha256) == ("closed", name, sums_of(warc / name).sha256)


def test_a_damaged_file_is_adopted_up_to_its_damage(tmp_path):
    name = written(tmp_path, records=5)
    (tmp_path / manifest.FILE).unlink()
    data = bytearray((tmp_path / name).read_bytes())
    data[-200:] = bytes(200)
    (tmp_path / name).write_bytes(data)
    assert adopt(tmp_path) == [name]
    (line,) = lines(tmp_path)
    assert (line.size, line.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert 0 < line.members < 7


def test_what_could_not_be_synced_is_in_no_hash(tmp_path):
    """A full disk cuts the file back: the hashes go on from where it was cut."""
    file = WarcFile(tmp_path, SOFTWARE)
    file.run_info(1, {"description": "kept"})
    file.sync()
    file.run_info(2, {"description": "lost"})
    real, file._file = file._file, _Full(file._file)
    with pytest.raises(ArchiveError, match="No space left"):
        file.sync()
    file._file = real
    real.seek(0, os.SEEK_END)
    file.run_info(3, {"description": "kept again"})
    file.close()
    (line,) = lines(tmp_path)
    assert line.sha256 == sums_of(tmp_path / line.file).sha256
    assert line.records == made_by_definition(tmp_path / line.file)


class _Full:
    """A file on a disk that is full."""

    def __init__(self, file):
        self.truncate = file.truncate

    def write(self, data):
        raise OSError(28, "No space left on device")


def _close_some(warc, begin, count):
    for number in range(begin, begin + count):
        written(Path(warc), number)
        adopt(Path(warc))


def test_processes_that_close_at_once_make_one_chain(tmp_path):
    started = [processes.start(_close_some, str(tmp_path), begin, 15) for begin in (0, 100, 200)]
    for process in started:
        assert process.communicate(timeout=60)[1] == ""
        assert process.returncode == 0
    found = lines(tmp_path)
    assert len(found) == 45
    assert sorted(line.file for line in found) == sorted(path.name for path in tmp_path.glob("*.warc.gz"))


def _die_between(warc):
    manifest.append = lambda *_: os._exit(9)
    written(Path(warc))


def test_a_kill_between_name_and_line_heals(tmp_path):
    process = processes.start(_die_between, str(tmp_path))
    process.communicate(timeout=60)
    assert process.returncode == 9
    (path,) = tmp_path.glob("*.warc.gz")
    assert lines(tmp_path) == []
    recover(tmp_path, lambda name: 0)
    assert [(line.what, line.file) for line in lines(tmp_path)] == [("adopted", path.name)]


def test_a_manifest_that_cannot_be_written_loses_no_record(tmp_path):
    file = WarcFile(tmp_path, SOFTWARE)
    file.run_info(1, {"description": "kept"})
    (tmp_path / manifest.FILE).mkdir()
    with pytest.raises(ArchiveError, match=r"manifest.jsonl: cannot be written .*the next crawl lists union-"):
        file.close()
    file.close()
    (path,) = tmp_path.glob("union-*.warc.gz")
    assert read_record(tmp_path, path.name, 0).type == "warcinfo"
    (tmp_path / manifest.FILE).rmdir()
    assert adopt(tmp_path) == [path.name]


def test_a_big_manifest_is_read_quickly(tmp_path):
    before, text = FIRST, []
    for number in range(1, 20_001):
        values = {
            "number": number, "at": "2025-03-01T00:00:00Z", "what": "closed", "file": f"union-{number}.warc.gz",
            "size": 1, "sha256": FIRST, "records": FIRST, "members": 1, "before": before,
        }  # fmt: skip
        text.append(json.dumps(values))
        before = hashlib.sha256(text[-1].encode()).hexdigest()
    (tmp_path / manifest.FILE).write_text("\n".join(text) + "\n")
    begun = time.process_time()
    assert len(lines(tmp_path)) == 20_000
    written(tmp_path)
    assert time.process_time() - begun < 3
    assert lines(tmp_path)[-1].number == 20_001


def test_records_of_a_packed_file_are_found_behind_their_old_names(tmp_path):
    names = [written(tmp_path, number) for number in range(3)]
    sizes = [(tmp_path / name).stat().st_size for name in names]
    for name, parts in (("p.warc.gz", names[:2]), ("q.warc.gz", ["p.warc.gz", names[2]])):
        (tmp_path / name).write_bytes(b"".join((tmp_path / part).read_bytes() for part in parts))
        append(tmp_path, "packed", name, sums_of(tmp_path / name), parts)
    assert moved(tmp_path, names[0], 0) == ("q.warc.gz", 0)
    assert moved(tmp_path, names[1], 7) == ("q.warc.gz", sizes[0] + 7)
    assert moved(tmp_path, names[2], 7) == ("q.warc.gz", sizes[0] + sizes[1] + 7)
    assert moved(tmp_path, "q.warc.gz", 7) is None
    assert [path.name for path in manifest.closed_files(tmp_path)] == ["q.warc.gz"]
    for name in [*names, "p.warc.gz"]:
        (tmp_path / name).unlink()
    assert b"number: 1" in read_record(tmp_path, names[1], 0).block


def test_paths_lead_to_the_root_for_trees_of_any_size():
    for count in range(1, 35):
        members = [bytes([number]) * 3 for number in range(count)]
        leaves = [merkle.leaf(number * 3, member) for number, member in enumerate(members)]
        tree = merkle.Tree()
        for leaf in leaves:
            tree.add(leaf)
        found = merkle.paths(leaves, range(count))
        for number, member in enumerate(members):
            path = [one.hex() for one in found[number]]
            assert root(number * 3, member, number, count, path) == tree.root().hex()
            assert root(number * 3 + 1, member, number, count, path) != tree.root().hex()


def test_the_check_names_what_is_missing_or_altered(tmp_path):
    directory = filled(tmp_path)
    other = written(directory.warc, 2)
    told = []
    assert manifest_check.check(directory.warc, told.append) == 2
    assert told == []
    (directory.warc / other).unlink()
    (capture,) = rows(directory, "SELECT DISTINCT warc FROM captures")
    path = directory.warc / capture["warc"]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    manifest_check.check(directory.warc, told.append)
    assert [(one.where, one.what) for one in told] == [
        (str(path), "is not the file that line 1 of the manifest lists"),
        (str(directory.warc / other), "line 2 of the manifest lists it, it is missing"),
    ]
    told.clear()
    manifest_check.check(directory.warc, told.append, told=[other])
    assert len(told) == 1
    (directory.warc / manifest.FILE).write_text("{}\n")
    told.clear()
    assert manifest_check.check(directory.warc, told.append) == 0
    assert told[0].what.startswith("line 1 is no line of a manifest")


def test_members_written_one_by_one_or_together_make_the_same_tree(tmp_path):
    parts = [gzip.compress(bytes([number]) * 5000) for number in range(7)]
    parts.append(gzip.compress(merkle.MAGIC * 9, compresslevel=0))  # a member that holds what another begins with
    together, apart = Sums(), Sums()
    together.add(b"".join(parts))
    for part in parts:
        apart.add(part)
    assert together.tree.count == len(parts)
    assert (together.tree.root(), together.sha256) == (apart.tree.root(), apart.sha256)
    file = WarcFile(tmp_path, SOFTWARE)
    name, offset = file.append(*parts)
    assert file.append(parts[0]) == (name, offset + sum(map(len, parts)))
    file.close()
    assert lines(tmp_path)[0].records == made_by_definition(tmp_path / name)
