"""Hostile and damaged files cost what is damaged: nothing is raised but ArchiveError, time and memory are bounded."""

import gzip
import io
import random
import re
import resource
import stat
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from foreign_files import PAGE, URL, arc, copies, http, id_of, packed, record, request, revisit, sha1, take, wacz

from archive.errors import ArchiveError
from archive.foreign import Tally, containers, read, size
from archive.foreign import wacz as wacz_reader
from archive.foreign.forms import WARC
from archive.foreign.model import MAX_BLOCK
from archive.foreign.walk import walk as walk_file
from archive.members import Fault, record_faults, walk

DIGEST = f"WARC-Payload-Digest: {sha1(PAGE)}"
FIRST, GOOD = record(http(b"first"), number=76), record(http(), DIGEST, number=77)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "hewan.warc.gz"


def numbers(found):
    return [int(one.response.headers["WARC-Record-ID"][-13:-1]) for one in found]


# Nothing of the kind


@pytest.mark.parametrize(
    ("data", "fix"),
    [
        (b"", "is empty"),
        (b"<!doctype html>" * 100, "is no WARC, ARC or WACZ file"),
        (gzip.compress(b"INSERT INTO articles" * 1000), "is no WARC, ARC or WACZ file"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 100, "unpack it (zstd -d)"),
        (b"\x1f\x8b", "is no WARC"),
        (b"PK\x03\x04" + b"x" * 100, "cannot be read as a zip"),
        (b"PK\x05\x06" + b"\0" * 18, "is a zip but no WACZ"),
    ],
)
def test_a_file_that_is_nothing_of_the_kind_is_an_error_that_says_so(file, data, fix):
    with pytest.raises(ArchiveError, match=re.escape(fix)) as error:
        take(file, data)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_directory_and_a_missing_file_are_errors(tmp_path):
    for path, fix in ((tmp_path, "give the files in it"), (tmp_path / "none", "check the name")):
        with pytest.raises(ArchiveError, match=fix):
            size(path)
        with pytest.raises(ArchiveError, match=fix):
            list(read(path, Tally()))


# Damage


def damages():
    member = gzip.compress(record(http(), number=2), mtime=0)
    middle, check = bytearray(member), bytearray(member)
    middle[len(middle) // 2] ^= 0xFF
    check[-6] ^= 0xFF
    return {
        "a byte in the midst": (bytes(middle), "damaged"),
        "its checksum": (bytes(check), "damaged"),
        "garbage in its place": (b"garbage" * 30_000, "damaged"),
        "zeros": (b"\0" * 512, "damaged"),
        "cut": (member[: len(member) // 2], "damaged"),
        "a length that is too small": (packed(record(http(), number=2, length=20)), "length"),
        "a length that is too large": (packed(record(http(), number=2, length=900)), "length"),
        "a length that is none": (packed(record(http(), number=2, length="-1")), "length"),
        "a length beyond all bounds": (packed(record(http(), number=2, length=10**17)), "large"),
        "no length": (packed(record(http(), number=2).replace(b"Content-Length", b"Length")), "length"),
        "headers without an end": (packed(b"WARC/1.0\r\n" + b"A: b\r\n" * 100_000), "damaged"),
        "no record": (packed(b"hello\r\n" * 10), "damaged"),
    }


@pytest.mark.parametrize(("data", "reason"), damages().values(), ids=damages())
def test_damage_in_a_packed_file_costs_the_record_that_has_it(file, data, reason):
    found, tally = take(file, packed(record(http(), number=1)) + data + packed(record(http(), number=3)))
    assert numbers(found) == [1, 3]
    assert tally.passed == {reason: 1}
    assert len(tally.problems) == 1


@pytest.mark.parametrize("length", [20, 160, 400, 10**6, 10**17, -1, "x"])
def test_a_wrong_length_in_a_file_that_is_not_packed_costs_that_record(file, length):
    parts = [record(http(), number=number, length=length if number == 2 else None) for number in (1, 2, 3)]
    found, tally = take(file, b"".join(parts))
    assert numbers(found) == [1, 3]
    assert sum(tally.passed.values()) == 1
    assert f"{file} at {len(parts[0])}: " in tally.problems[0]


@pytest.mark.parametrize("tail", range(62_000, 80_000, 2_000))
def test_the_record_behind_damage_is_found_wherever_it_lies(file, tail):
    noise = random.Random(tail).randbytes(tail)
    found, _ = take(file, packed(record(http(), number=1)) + noise + packed(record(http(), number=3)))
    assert numbers(found) == [1, 3]
    found, _ = take(file, record(http(), number=1) + noise + b"\n" + record(http(), number=3))
    assert numbers(found)[-1] == 3


def test_a_torn_file_gives_what_is_whole(file):
    data = packed(record(http(), number=1), record(http(), number=2))
    found, tally = take(file, data[:-9])
    assert numbers(found) == [1]
    assert tally.passed == {"torn": 1}
    found, tally = take(file, (record(http(), number=1) + record(http(), number=2))[:-30])
    assert numbers(found) == [1]
    assert tally.passed == {"torn": 1}


def test_damage_in_one_of_several_large_members_costs_the_records_that_have_it(file):
    noise = random.Random(3)
    bodies = {number: noise.randbytes(6000) for number in [*range(10, 15), *range(20, 25), *range(30, 35)]}
    parts = {n: record(http(data), f"WARC-Payload-Digest: {sha1(data)}", number=n) for n, data in bodies.items()}
    members = [bytearray(gzip.compress(b"".join(parts[at + n] for n in range(5)))) for at in (10, 20, 30)]
    members[1][len(members[1]) // 2] ^= 0xFF
    del members[1][-200:]
    found, tally = take(file, b"".join(members))
    assert numbers(found) == [number for number in bodies if number not in (22, 24)]
    assert tally.passed == {"damaged": 1, "digest": 1, "length": 1}


def test_a_file_that_begins_with_damage_is_read_from_its_first_sound_record(file):
    found, tally = take(file, b"\x1f\x8b\x08\0 broken" + packed(GOOD))
    assert numbers(found) == [77]
    assert tally.passed == {"damaged": 1}


def test_bytes_that_were_altered_are_not_taken_in(file):
    altered = http().replace(b"<title>", b"<TITLE>")
    block = f"WARC-Block-Digest: {sha1(http())}"
    data = packed(record(altered, DIGEST, number=1), record(altered, block, number=2), GOOD)
    found, tally = take(file, data)
    assert numbers(found) == [77]
    assert tally.passed == {"digest": 2}
    assert "payload digest does not hold" in tally.problems[0]
    assert "block digest does not hold" in tally.problems[1]


def test_a_request_that_was_altered_costs_itself_and_is_told(file):
    wrong = request(77).replace(
        b"WARC-Concurrent-To", f"WARC-Block-Digest: {sha1(b'x')}\r\nWARC-Concurrent-To".encode()
    )
    found, tally = take(file, packed(GOOD, wrong))
    assert found[0].request is None
    assert tally.remarks == {"request": 1}


def test_a_revisit_of_an_altered_original_is_not_kept(file):
    bad = record(http(b"other"), DIGEST, number=1)
    found, tally = take(file, packed(bad, revisit(DIGEST, f"WARC-Refers-To: {id_of(1)}")))
    assert not found
    assert tally.passed == {"digest": 1, "revisit": 1}
    assert "its original cannot be kept" in tally.problems[1]


def test_http_garbage_is_named(file):
    blocks = [b"", b"\0" * 50, b"HTTP", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"ICY 200 OK\r\n\r\n"]
    data = packed(*(record(block, number=number) for number, block in enumerate(blocks)))
    found, tally = take(file, data)
    assert not found
    assert tally.passed == {"not HTTP": len(blocks)}


def test_problems_are_one_line_each_and_not_many(file):
    odd = record(http(), url="http://a\x1b[2J\u2028b/\xe9 c")
    _, tally = take(file, packed(*[odd] * 50), limit=3)
    assert tally.passed == {"address": 50}
    assert len(tally.problems) == 3
    assert not any(re.search(r"[\x00-\x1f\u2028]", line) for line in tally.problems)


def test_headers_that_would_break_a_record_are_not_copied(file):
    plain = record(http(), "X-Odd: a\x00b\rc", "\u5de5\u4f1a: x", "a b: c", "WARC-IP-Address: 192.0.2.1\r\n  folded")
    found, _ = take(file, packed(plain))
    headers = found[0].response.headers
    assert headers["X-Odd"] == "a b c"
    assert headers["WARC-IP-Address"] == "192.0.2.1 folded"
    assert not {"a b", "\u5de5\u4f1a"} & set(headers)


# Bombs


def stored(payload):
    """A gzip member whose content stands in it unpacked."""
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    return packer.compress(payload) + packer.flush()


def members_in_members(levels=200):
    shell = b"x"
    for _ in range(levels):
        shell = stored(b"WARC/1.0\r\nContent-Length: 30000000\r\n\r\n" + shell)
    return shell


def chunks():
    wire = http(b"1\r\na\r\n" * 300_000 + b"0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Encoding: gzip")
    return gzip.compress(record(wire, DIGEST), 1)


def body(coding, data):
    return packed(record(http(data, f"Content-Encoding: {coding}"), DIGEST))


LONG = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 1000000\r\n\r\n"
#: Small files that unpack to much, or would have a reader go over the same again and again.
BOMBS = {
    "a block": lambda: gzip.compress(record(b"\0" * (MAX_BLOCK + 1)), 1),
    "a block that says it is small": lambda: gzip.compress(record(b"\0" * 10**7, length=100), 1),
    "headers": lambda: gzip.compress(b"WARC/1.0\r\n" + b"A: b\r\n" * 10**6, 1),
    "one header": lambda: gzip.compress(b"WARC/1.0\r\nA:" + b"b" * 10**7, 1),
    "blank lines": lambda: gzip.compress(b"\r\n" * 10**6, 1),
    "beginnings of members": lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\xff" * 10_000,
    "members in members": members_in_members,
    "chunks": chunks,
    "a body": lambda: body("gzip", gzip.compress(b"\0" * 10**8, 1)),
    "long claims": lambda: LONG * 1_000 + b"x" * 10**6 + b"\r\n",
    "version lines": lambda: b"WARC/1.0\r\n" * 5_000,
}
#: What costs the rest of the file too.
ENDS = {
    "empty members": lambda: gzip.compress(b"") * 20_000,
    "tiny records": lambda: gzip.compress(record(b"") * 20_000, 1),
    "more version lines": lambda: b"WARC/1.0\r\n" * 20_000,
}


@pytest.mark.parametrize("name", [*BOMBS, *ENDS])
def test_a_bomb_costs_little_time_and_memory(file, name):
    data = (BOMBS | ENDS)[name]()
    if data.startswith(b"WARC"):
        file.write_bytes(FIRST + data + GOOD)
    else:
        file.write_bytes(packed(FIRST) + data + packed(GOOD))
    started, before = time.monotonic(), memory()
    tally = Tally()
    found = list(read(file, tally))
    assert time.monotonic() - started < 20
    assert memory() - before < 8 * MAX_BLOCK
    assert numbers(found)[0] == 76
    assert (numbers(found)[-1] == 77) is (name in BOMBS)
    assert sum(tally.passed.values()) > 0
    assert len(tally.problems) <= 20


class Counting(io.BytesIO):
    """Counts the bytes that are read."""

    total = 0

    def read(self, size=-1):
        data = super().read(size)
        self.total += len(data)
        return data


@pytest.mark.parametrize(
    ("data", "packs"),
    [(LONG * 1_000 + b"x" * 10**6, False), (members_in_members(700) * 8, True)],
    ids=["claims", "shells"],
)
def test_what_lies_in_each_other_is_not_read_again_and_again(data, packs):
    file = Counting(data)
    flaws = list(walk_file(file, WARC, packed=packs, wanted=lambda _: True))
    assert len(flaws) > 100
    assert file.total < 40 * len(data) + 2**24


def memory():
    """Peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_large_file_is_read_in_little_memory(tmp_path):
    path = tmp_path / "large.warc.gz"
    noise = random.Random(7)
    with path.open("wb") as out:
        out.writelines(packed(record(http(noise.randbytes(2 * 10**6)), number=number)) for number in range(40))
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom archive.foreign import read, Tally\n"
        "def memory(): return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "before = memory()\n"
        "count = sum(1 for _ in read(Path(sys.argv[1]), Tally()))\nprint(count, memory() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True, timeout=60)
    count, grown = map(int, done.stdout.split())
    assert count == 40
    assert grown < 40_000  # KB; the file has 80 MB


def test_many_revisits_of_one_response_are_read_in_a_short_time(file):
    again = [revisit(DIGEST, number=number) for number in range(100, 1100)]
    file.write_bytes(packed(GOOD, *again))
    started = time.monotonic()
    assert sum(1 for one in read(file, Tally()) if one.original) == 1000
    assert time.monotonic() - started < 15


def test_a_whole_file_in_one_member_that_unpacks_to_too_much_is_cut_there(file, monkeypatch):
    monkeypatch.setattr(containers, "MAX_UNPACKED", 5000)
    data = gzip.compress(b"".join(record(http(), number=number) for number in range(100)))
    found, tally = take(file, data)
    assert numbers(found) == list(range(len(found)))
    assert 0 < len(found) < 100
    assert tally.passed["bomb"] == 1


# Zips


def test_names_that_lead_out_of_a_zip_are_passed_over_and_nothing_is_written(tmp_path):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "x.wacz"
    names = ["archive/../../up.warc", "archive/c:/x.warc", "archive/good.warc", "/archive/x.warc", "../archive/y.warc"]
    found, tally = take(wacz(path, dict.fromkeys(names, GOOD), package=False))
    assert [one.where for one in found] == [f"{path}!archive/good.warc at 0"]
    assert tally.passed == {"zip": 2}
    assert list(tmp_path.rglob("*.warc")) == []


def test_links_encrypted_and_oddly_packed_entries_are_passed_over(tmp_path):
    path = tmp_path / "x.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("archive/link.warc")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, FIRST)
        archive.writestr("archive/bzip.warc", GOOD, zipfile.ZIP_BZIP2)
        archive.writestr("archive/text.warc", b"text")
        archive.writestr("inner.wacz", b"PK")
        archive.writestr("archive/good.warc", GOOD)
        archive.writestr("archive/locked.warc", GOOD)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"archive/locked.warc") - 46 + 8  # its flags in the directory
    data[at] |= 1
    found, tally = take(path, bytes(data))
    assert numbers(found) == [77]
    assert tally.passed == {"nested": 1, "zip": 4}
    assert tally.remarks == {"datapackage": 1}


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc": record(b"\0" * 10**7)}, method=zipfile.ZIP_DEFLATED)
    found, tally = take(path)
    assert not found
    assert tally.passed == {"bomb": 1}


def test_a_zip_that_lies_about_its_sizes_is_not_unpacked_beyond_them(tmp_path):
    path = wacz(
        tmp_path / "x.wacz", {"archive/a.warc": GOOD + b"\0" * 10**6}, package=False, method=zipfile.ZIP_DEFLATED
    )
    data = path.read_bytes()
    real = (len(GOOD) + 10**6).to_bytes(4, "little")
    assert data.count(real) == 2
    found, tally = take(path, data.replace(real, len(GOOD).to_bytes(4, "little")))
    assert not found
    assert tally.passed == {"zip": 1}


def test_entries_that_share_their_bytes_are_read_once(tmp_path):
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc": GOOD, "archive/b.warc": GOOD}, package=False)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 42 : entry + 46] = (5).to_bytes(4, "little")  # where the second one begins
    found, tally = take(path, bytes(data))
    assert numbers(found) == [77]
    assert tally.passed == {"zip": 1}
    assert "overlaps" in tally.problems[-1]


def test_a_zip_directory_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(wacz_reader, "_MAX_DIRECTORY", 50)
    with pytest.raises(ArchiveError, match="directory of"):
        take(wacz(tmp_path / "x.wacz", {"archive/a.warc": GOOD}))


@pytest.mark.parametrize("told", [b"", b"{", b"[" * 100_000, b'{"resources": 7}', b"\xff"])
def test_a_datapackage_that_cannot_be_read_is_told(tmp_path, told):
    path = tmp_path / "x.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/a.warc", GOOD)
        archive.writestr("datapackage.json", told)
    found, tally = take(path)
    assert numbers(found) == [77]
    assert tally.remarks == {"datapackage": 1}


# Mutations


def originals(folder: Path):
    """Small files of every form."""
    odd = record(http(b"x", "Transfer-Encoding: chunked", "Content-Encoding: br"), number=5)
    parts = [record(http(), DIGEST), request(), revisit(DIGEST), odd, record(b"zz", number=6, type_="metadata")]
    lines = arc((URL, "20040102030405", http()), (URL, "20050102030405", http(b"y")), version=2)
    files = {"archive/a.warc.gz": packed(*parts), "archive/b.warc": parts[0]}
    zips = [wacz(folder / f"{method}.wacz", files, method=method).read_bytes() for method in (0, 8)]
    whole = gzip.compress(b"".join(parts))
    return [packed(*parts), b"".join(parts), whole, packed(*lines), b"".join(lines), *zips]


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Change, take out, put in, repeat bytes, or write another number."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            out[at : at + 1] = chance.randbytes(1)
        elif kind == 1:
            del out[at : at + chance.randrange(1, 40)]
        elif kind == 2:
            out[at:at] = chance.randbytes(chance.randrange(1, 20))
        elif kind == 3:
            other = chance.randrange(len(out) + 1)
            out[at:at] = out[other : other + 200]
        elif found := list(re.finditer(rb"[0-9]+", out)):
            one = chance.choice(found)
            out[one.start() : one.end()] = chance.choice((b"0", b"-1", b"99999999999", b"34000000", b"77"))
    return bytes(out)


@pytest.mark.parametrize("seed", range(4))
def test_mutations_raise_nothing_but_archive_errors_and_give_only_sound_records(tmp_path, seed):
    chance = random.Random(seed)
    files = originals(tmp_path)
    path = tmp_path / "mutated"
    kept = 0
    for _ in range(500):
        started = time.monotonic()
        try:
            found, _ = take(path, mutated(chance, chance.choice(files)))
        except ArchiveError:
            continue
        assert time.monotonic() - started < 5
        for one in found:
            assert one.url.startswith(("http://", "https://"))
        for one, _length in walk(io.BytesIO(copies(found))):
            assert not isinstance(one, Fault)
            assert not record_faults(one)
            kept += 1
    assert kept > 500
    assert {one.name for one in tmp_path.iterdir()} == {"mutated", "0.wacz", "8.wacz"}
