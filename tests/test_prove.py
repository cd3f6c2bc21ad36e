"""Proofs: whole and checkable with Python alone, and worth nothing once a byte of them is changed."""

import ast
import gzip
import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from filled import START, Filler, article, response, rows
from packed import BELOW, settled
from warcio.archiveiterator import ArchiveIterator

from archive import check_proof, manifest
from archive.article import uid as uid_of
from archive.check_proof import NotProved, check, unpacked, zipped
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.packing import pack
from archive.payload import parse_response
from archive.proof import prove
from archive.proof_readme import TEXT
from archive.restricting import restrict
from archive.warc import Exchange, response_member

CHECKER = Path(check_proof.__file__)
UID = uid_of(article(2).url)


@pytest.fixture
def directory(tmp_path) -> ArchiveDirectory:
    """Two files; article 2 has two revisions, the second of which was then sent again and confirmed."""
    filler = Filler(tmp_path / "archive")
    filler.page(article(1))
    filler.page(article(2))
    filler.warc.close()
    filler.page(article(2, title="第2期技能培训班延期"))
    filler.page(article(3))
    last = filler.db.execute("SELECT max(id) FROM captures WHERE uid = ?", [UID]).fetchone()[0]
    filler.warc.close()
    for wire in (response(article(2, title="第2期技能培训班延期")), b"HTTP/1.1 304 Not Modified\r\n\r\n"):
        again = filler.capture(article(2).url, wire, site="chengnan", same_as=last)
        with filler.db.conn:
            filler.db.execute("UPDATE captures SET uid = ? WHERE id = ?", [UID, again])
    return filler.close()


def told(path: Path) -> dict:
    return json.loads(unpacked(path)["proof.json"])


def run(path: Path, *, code: int = 0) -> str:
    """Run the checker that lies in the proof, as a stranger would: isolated, in another folder."""
    with zipfile.ZipFile(path) as archive:
        alone = path.with_name("check-alone.py")
        alone.write_bytes(archive.read("check.py"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


def test_a_proof_is_checked_without_this_project(directory, tmp_path):
    out = tmp_path / "proof.zip"
    made = prove(directory, UID, out)
    shown = run(out)
    assert shown.splitlines()[0] == f"article {UID}, {article(2).url}"
    assert "PROVED, as far as README.txt says" in shown
    assert "NOT PROVED" not in shown
    assert made.sums in shown
    assert made.last in shown
    assert made.last == manifest.read(directory.warc / manifest.FILE)[-1].hash
    assert hashlib.sha256(unpacked(out)["SHA256SUMS"]).hexdigest() == made.sums


def test_it_holds_the_records_of_the_article_byte_for_byte(directory, tmp_path):
    out = tmp_path / "proof.zip"
    made = prove(directory, UID, out)
    members = unpacked(out)
    records = told(out)["records"]
    at = 0
    for record in records:
        data = (directory.warc / record["file"]).read_bytes()[record["offset"] :][: record["length"]]
        assert members["records.warc.gz"][at : at + record["length"]] == data
        at += record["length"]
    # Three files' warcinfo; two responses, two revisits, a request each.
    kinds = [record["type"] for record in records]
    assert (made.captures, made.records) == (4, len(kinds))
    assert {kind: kinds.count(kind) for kind in kinds} == {"warcinfo": 3, "response": 2, "revisit": 2, "request": 4}
    (tmp_path / "records.warc.gz").write_bytes(members["records.warc.gz"])
    with (tmp_path / "records.warc.gz").open("rb") as file:
        assert [one.rec_type for one in ArchiveIterator(file, check_digests="raise")] == kinds


def test_each_capture_tells_its_revision_and_what_it_stands_for(directory, tmp_path):
    prove(directory, UID, tmp_path / "proof.zip")
    captures = told(tmp_path / "proof.zip")["captures"]
    assert [one["revision"] for one in captures[:2]] == [1, 2]
    assert [one["stands_for"] for one in captures] == [None, None, *[captures[1]["record_id"]] * 2]
    assert [one["status"] for one in captures] == [200, 200, 200, 304]


def test_the_article_is_as_it_is_exported_with_its_revisions(directory, tmp_path):
    prove(directory, UID, tmp_path / "proof.zip")
    found = json.loads(unpacked(tmp_path / "proof.zip")["article.json"])
    assert (found["uid"], found["title"]) == (UID, "第2期技能培训班延期")
    assert found["revisions"][0]["content"]["title"] == article(2).title


def test_one_revision_takes_its_own_captures_only(directory, tmp_path):
    made = prove(directory, UID, tmp_path / "proof.zip", revision=1)
    (capture,) = told(tmp_path / "proof.zip")["captures"]
    assert (made.captures, capture["revision"]) == (1, 1)
    assert "PROVED" in run(tmp_path / "proof.zip")
    with pytest.raises(ArchiveError, match="no capture of revision 3; it has revisions 1 to 2"):
        prove(directory, UID, tmp_path / "other.zip", revision=3)


def test_captures_are_dated_to_the_microsecond_and_revisions_to_the_second(directory, tmp_path):
    db = directory.open_database()
    with db.conn:
        db.execute("UPDATE captures SET fetched_at = substr(fetched_at, 1, 19) || '.734512Z' WHERE uid = ?", [UID])
    db.close()
    for number, path in enumerate((tmp_path / "first.zip", tmp_path / "second.zip"), 1):
        prove(directory, UID, path, revision=number)
        assert {one["revision"] for one in told(path)["captures"]} == {number}


def test_stock_tools_open_it_and_check_its_sums(directory, tmp_path):
    prove(directory, UID, tmp_path / "proof.zip")
    with zipfile.ZipFile(tmp_path / "proof.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "unpacked")
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path / "unpacked", check=True, stdout=-3)
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tq", str(tmp_path / "proof.zip")], check=True, stdout=-3)
    inside = [sys.executable, "-I", "-S", "check.py"]
    done = subprocess.run(inside, cwd=tmp_path / "unpacked", capture_output=True, text=True, check=False)
    assert (done.returncode, "PROVED, as" in done.stdout) == (0, True)
    assert check(tmp_path / "unpacked") == check(tmp_path / "proof.zip")


def test_one_flipped_byte_anywhere_is_noticed(directory, tmp_path):
    """Hundreds of places, and every byte of the zip's own headers."""
    path = tmp_path / "proof.zip"
    prove(directory, UID, path)
    data = path.read_bytes()
    members = unpacked(path)
    inside = set()
    for content in members.values():
        at = data.index(content)
        inside.update(range(at, at + len(content)))
    headers = sorted(set(range(len(data))) - inside)
    chance = random.Random(1)
    places = [*chance.sample(headers, 150), *chance.sample(sorted(inside), 250), 0, len(data) - 1]
    for content in members.values():  # short files too
        places.extend(data.index(content) + chance.randrange(len(content)) for _ in range(20))
    assert check(path)
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        assert check_proof.main([str(path)]) == 1, place


@pytest.mark.parametrize("harm", ["cut", "longer", "empty", "comment", "folder"])
def test_a_proof_cut_or_added_to_is_none(directory, tmp_path, harm):
    path = tmp_path / "proof.zip"
    prove(directory, UID, path)
    data = path.read_bytes()
    if harm == "comment":
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"checked"
    elif harm == "folder":
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "more")
        (tmp_path / "more" / "added.txt").write_text("more")
        path = tmp_path / "more"
    else:
        path.write_bytes({"cut": data[:-1], "longer": data + b"\0", "empty": b""}[harm])
    assert check_proof.main([str(path)]) == 1


def forged(path: Path, out: Path, change) -> Path:
    """A proof made anew by somebody who keeps its sums and its zip file in order."""
    members = dict(unpacked(path))
    proof = json.loads(members["proof.json"])
    members = change(members, proof) or members
    members["proof.json"] = json.dumps(proof).encode()
    members["SHA256SUMS"] = check_proof.sums(members)
    out.write_bytes(zipped(members))
    return out


def another_body(members, proof):
    """Put another page into a record, with digests and lengths that fit."""
    at = 0
    for record in proof["records"]:
        if record["type"] == "response":
            break
        at += record["length"]
    exchange = Exchange(article(2).url, START, b"", response(article(9)))
    new = response_member(exchange, parse_response(exchange.response), id_=record["record_id"], warcinfo=None)
    data = members["records.warc.gz"]
    members["records.warc.gz"] = data[:at] + new + data[at + record["length"] :]
    label = re.search(rb"WARC-Payload-Digest: (\S+)", gzip.decompress(new))[1].decode()
    record.update(length=len(new), sha256=hashlib.sha256(new).hexdigest(), digest=label)


def no_path(members, proof):
    proof["records"][3]["path"].pop()


def other_place(members, proof):
    proof["records"][3]["offset"] += 1


def other_index(members, proof):
    proof["records"][3]["index"] ^= 1


def other_line(members, proof):
    one = proof["records"][3]
    one["line"] = one["line"] % 3 + 1


def less_manifest(members, proof):
    lines = members["manifest.jsonl"].splitlines(keepends=True)
    members["manifest.jsonl"] = b"".join([lines[0], lines[2]])


def no_record(members, proof):
    last = proof["records"].pop()
    members["records.warc.gz"] = members["records.warc.gz"][: -last["length"]]
    proof["captures"][0]["record_id"] = last["record_id"]


def other_address(members, proof):
    proof["captures"][0]["url"] = "http://chengnan.example.org/another.html"


def other_date(members, proof):
    proof["captures"][0]["fetched_at"] = "2020-01-01T00:00:00.000000Z"


def other_article(members, proof):
    members["article.json"] = members["article.json"].replace(UID.encode(), b"0" * 16)


def nothing(members, proof):
    proof["captures"] = []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (another_body, "its path does not lead to line"),
        (no_path, "path"),
        (other_place, "its path does not lead to line"),
        (other_index, "path"),
        (other_line, "names another file than its line"),
        (less_manifest, "the chain breaks at 2"),
        (no_record, "a capture's record is missing"),
        (other_address, "another address or date"),
        (other_date, "another address or date"),
        (other_article, "article.json is about another article"),
        (nothing, "it holds no capture"),
    ],
)
def test_a_proof_that_was_put_together_anew_does_not_hold(directory, tmp_path, change, message):
    path = tmp_path / "proof.zip"
    prove(directory, UID, path)
    assert check(forged(path, tmp_path / "same.zip", lambda members, proof: None))
    with pytest.raises(NotProved, match=message):
        check(forged(path, tmp_path / "forged.zip", change))
    shown = run(tmp_path / "forged.zip", code=1)
    assert shown.startswith("NOT PROVED: ")
    assert len(shown.splitlines()) == 1


def test_nothing_in_a_proof_steers_the_terminal(directory, tmp_path):
    path = tmp_path / "proof.zip"
    prove(directory, UID, path)

    def change(members, proof):
        proof["url"] += "\x1b[2J\u202e"
        article = json.loads(members["article.json"]) | {"url": proof["url"]}
        members["article.json"] = json.dumps(article).encode()

    shown = run(forged(path, tmp_path / "forged.zip", change))
    assert shown.splitlines()[0] == f"article {UID}, {article(2).url}?[2J?"


def test_packing_keeps_the_line_that_a_record_was_first_listed_in(directory, tmp_path):
    prove(directory, UID, tmp_path / "before.zip")
    for _ in range(2):
        pack(settled(directory), BELOW)
        other = Filler(directory.path)
        other.page(article(20))
        other.close()
    assert len({row["warc"] for row in rows(directory, "SELECT warc FROM captures WHERE uid IS NOT NULL")}) == 2
    prove(directory, UID, tmp_path / "after.zip")
    assert "PROVED" in run(tmp_path / "after.zip")
    before, after = told(tmp_path / "before.zip"), told(tmp_path / "after.zip")
    assert after["records"] == before["records"]
    assert (before["manifest"]["lines"], after["manifest"]["lines"]) == (3, 7)


def test_a_row_that_still_names_a_packed_file_is_proved(directory, tmp_path):
    (old,) = rows(directory, "SELECT warc, offset FROM captures WHERE id = 2")
    pack(settled(directory), BELOW)
    db = directory.open_database()
    db.execute("UPDATE captures SET warc = ?, offset = ? WHERE id = 2", list(old.values()))
    db.close()
    assert prove(directory, UID, tmp_path / "proof.zip").captures == 4


def test_captures_in_an_open_file_are_left_out_and_told(directory, tmp_path):
    filler = Filler(directory.path)
    filler.page(article(2, title="第2期技能培训班再次延期"))
    filler.warc.sync()
    made = prove(directory, UID, tmp_path / "proof.zip")
    (left,) = made.left_out
    assert (left["url"], left["why"]) == (article(2).url, "it lies in a file that is still being written")
    assert told(tmp_path / "proof.zip")["left_out"] == made.left_out
    assert "left out: 1 captures" in run(tmp_path / "proof.zip")
    with pytest.raises(
        ArchiveError, match="is still being written, and what is to be proved lies in it; end the crawl"
    ):
        prove(directory, UID, tmp_path / "other.zip", revision=3)
    filler.close()
    assert prove(directory, UID, tmp_path / "third.zip").left_out == []


def test_files_of_an_older_archive_are_listed_first(directory, tmp_path):
    (directory.warc / manifest.FILE).unlink()
    prove(directory, UID, tmp_path / "proof.zip")
    assert {line.what for line in manifest.read(directory.warc / manifest.FILE)} == {"adopted"}
    assert "PROVED" in run(tmp_path / "proof.zip")


def test_a_restricted_article_is_refused(directory, tmp_path):
    restrict(directory, UID, "asked for")
    with pytest.raises(ArchiveError, match=r"is kept from readers.*restrict --lift"):
        prove(directory, UID, tmp_path / "proof.zip")
    assert not (tmp_path / "proof.zip").exists()


def test_an_original_of_a_restricted_article_is_refused(directory, tmp_path):
    filler = Filler(directory.path)
    copy = article(30)
    filler.page(copy)
    (first,) = rows(directory, f"SELECT id FROM captures WHERE uid = '{uid_of(article(3).url)}'")
    again = filler.capture(copy.url, response(article(3)), site="chengnan", same_as=first["id"])
    with filler.db.conn:
        filler.db.execute("UPDATE captures SET uid = ? WHERE id = ?", [uid_of(copy.url), again])
    filler.close()
    prove(directory, uid_of(copy.url), tmp_path / "proof.zip")
    restrict(directory, uid_of(article(3).url), "asked for")
    with pytest.raises(ArchiveError, match="an article that is kept from readers"):
        prove(directory, uid_of(copy.url), tmp_path / "other.zip")


def test_what_cannot_be_proved_is_said_in_one_line(directory, tmp_path):
    out = tmp_path / "proof.zip"
    with pytest.raises(ArchiveError, match="0123456789abcdef: the archive holds none"):
        prove(directory, "0123456789abcdef", out)
    (name,) = {row["warc"] for row in rows(directory, "SELECT warc FROM captures WHERE id = 2")}
    data = (directory.warc / name).read_bytes()
    (directory.warc / name).write_bytes(data[:-9] + bytes(9))
    with pytest.raises(ArchiveError, match="is not what line 1 of the manifest lists; put it back"):
        prove(directory, UID, out)
    (directory.warc / name).unlink()
    with pytest.raises(ArchiveError, match="is gone"):
        prove(directory, UID, out)
    assert list(tmp_path.glob("*.zip*")) + list(tmp_path.glob(".*")) == []
    (directory.warc / name).write_bytes(data)
    prove(directory, UID, out)
    with pytest.raises(ArchiveError, match="is there already"):
        prove(directory, UID, out)


def test_the_checker_is_plain_python_3_9():
    tree = ast.parse(CHECKER.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_payload_digests_hold_whatever_the_body_looks_like():
    body = b"5\r\nabcde\r\n3;x=1\r\nfgh\r\n0\r\n\r\n"
    label = "sha256:" + hashlib.sha256(b"abcdefgh").hexdigest()
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert check_proof.payload_fits(label, head + body)
    assert check_proof.payload_fits(
        "sha256:" + hashlib.sha256(body).hexdigest(), head.replace(b"\r\n\r\n", b"\n\n") + body
    )
    assert not check_proof.payload_fits(label, head + body.replace(b"a", b"b"))


def test_the_readme_tells_what_is_not_proved_in_both_languages():
    assert "What it does not prove" in TEXT
    assert "不能证明什么" in TEXT
    assert max(map(len, TEXT.splitlines())) <= 120


def command(directory: ArchiveDirectory, *args: str):
    return CliRunner().invoke(cli, ["--archive", str(directory.path), "prove", *args])


def test_the_command_prints_the_hashes_to_publish(directory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = command(directory, UID)
    assert shown.exit_code == 0, shown.output
    first, sums, last = shown.stdout.splitlines()
    assert first.startswith(f"proof-{UID}.zip: captures 4, records 11, bytes ")
    assert sums == "SHA256SUMS: " + hashlib.sha256(unpacked(tmp_path / f"proof-{UID}.zip")["SHA256SUMS"]).hexdigest()
    assert last.endswith(manifest.read(directory.warc / manifest.FILE)[-1].hash)
    answer = json.loads(command(directory, UID, "--json", "-o", "two.zip", "--revision", "2").stdout)
    assert (answer["captures"], answer["left_out"]) == (1, [])
    refused = command(directory, "no-such-uid")
    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1
