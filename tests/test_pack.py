"""Packing: many small WARC files become a few, no record and no reference is lost, whenever it is killed."""

import gzip
import json
import os
import signal
from pathlib import Path

import processes
import pytest
from click.testing import CliRunner
from filled import Filler, article, response, rows
from packed import BELOW, settled

from archive import manifest, manifest_check, packing
from archive.cli import cli
from archive.cli_pack import bytes_of
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveBusy, ArchiveError
from archive.excerpt import excerpt
from archive.packing import pack, plan
from archive.problems import Problem
from archive.verify import verify
from archive.warc import read_record, records
from archive.warcfile import recover

STEPS = ("copied", "synced", "checked", "listed", "named", "moved", "removed")


def fill(path: Path, files: int = 4, pages: int = 2) -> ArchiveDirectory:
    """An archive of several closed WARC files, as old as `pack` wants them."""
    filler = Filler(path)
    for file in range(files):
        for page in range(pages):
            filler.page(article(file * pages + page + 1))
        filler.capture(article(1).url, response(article(1)), site="chengnan", same_as=1)
        filler.warc.close()
    return settled(filler.close())


def files(directory: ArchiveDirectory) -> list[str]:
    return sorted(path.name for path in directory.warc.iterdir() if path.name != manifest.FILE)


def problems(directory: ArchiveDirectory) -> list[Problem]:
    found = []
    verify(directory, found.append)
    return found


def manifest_problems(directory: ArchiveDirectory) -> list[Problem]:
    found = []
    manifest_check.check(directory.warc, found.append)
    return found


def held(directory: ArchiveDirectory) -> list[tuple]:
    """Every record of the archive's closed files, each by its id, with its block; in order, duplicates too."""
    found = [record for path in manifest.closed_files(directory.warc) for record in records(path)]
    return [(record.headers["WARC-Record-ID"], record.block) for record in found]


def captures(directory: ArchiveDirectory) -> list[dict]:
    return rows(directory, "SELECT id, warc, offset, record_id FROM captures ORDER BY id")


def check(directory: ArchiveDirectory, before: list[tuple]) -> None:
    """Nothing was lost, nothing is there twice, every row leads to its record, and the chain is whole."""
    assert held(directory) == before
    assert problems(directory) == []
    assert manifest_problems(directory) == []
    for row in captures(directory):
        record = read_record(directory.warc, row["warc"], row["offset"])
        assert record.headers["WARC-Record-ID"] == row["record_id"]
    manifest.read(directory.warc / manifest.FILE)


def test_small_files_become_one_and_every_reference_follows(tmp_path):
    directory = fill(tmp_path)
    names, old, before = files(directory), captures(directory), held(directory)
    whole = b"".join((directory.warc / name).read_bytes() for name in names)
    done = pack(directory, BELOW)
    (packed,) = done.joined
    assert files(directory) == [packed.file]
    assert (directory.warc / packed.file).read_bytes() == whole
    assert (packed.size, list(packed.replaces), done.problems) == (len(whole), names, [])
    assert {row["warc"] for row in captures(directory)} == {packed.file}
    assert [(row["id"], row["record_id"]) for row in captures(directory)] == [
        (row["id"], row["record_id"]) for row in old
    ]
    line = manifest.read(directory.warc / manifest.FILE)[-1]
    assert (line.what, line.file, list(line.replaces), line.number) == ("packed", packed.file, names, 5)
    check(directory, before)


def test_warcinfo_keeps_the_name_that_its_file_had(tmp_path):
    directory = fill(tmp_path)
    names = files(directory)
    pack(directory, BELOW)
    (path,) = directory.warc.glob("*.warc.gz")
    assert [one.headers["WARC-Filename"] for one in records(path) if one.type == "warcinfo"] == names


def test_readers_with_an_old_row_still_find_the_record(tmp_path):
    directory = fill(tmp_path)
    old = captures(directory)
    pack(directory, BELOW)
    for row in old:
        assert not (directory.warc / row["warc"]).exists()
        record = read_record(directory.warc, row["warc"], row["offset"])
        assert record.headers["WARC-Record-ID"] == row["record_id"]


def test_packed_files_are_packed_again_and_sort_where_their_first_was(tmp_path):
    directory = fill(tmp_path)
    before, old, names = held(directory), captures(directory), files(directory)
    size = max((directory.warc / name).stat().st_size for name in names)
    first = pack(directory, BELOW, most=2 * size + 100)
    assert [list(one.replaces) for one in first.joined] == [names[:2], names[2:]]
    check(directory, before)
    (again,) = pack(settled(directory), BELOW).joined
    assert [one.file for one in first.joined] == list(again.replaces)
    assert again.file == names[0].removesuffix(".warc.gz") + "-p2.warc.gz"
    check(directory, before)
    for row in old:
        assert read_record(directory.warc, row["warc"], row["offset"]).headers["WARC-Record-ID"] == row["record_id"]


def test_large_open_and_young_files_stay(tmp_path):
    directory = fill(tmp_path, files=3)
    names = files(directory)
    filler = Filler(tmp_path)
    filler.page(article(50))
    filler.warc.close()
    young = sorted(set(files(directory)) - set(names))
    filler.page(article(51))
    filler.warc.sync()
    (still_open,) = directory.warc.glob("*.open")
    large = directory.warc / names[1]
    below = large.stat().st_size + 100
    with large.open("ab") as file:
        file.write(gzip.compress(bytes(200), compresslevel=0))
    os.utime(large, (1, 1))
    done = pack(directory, below)
    assert [list(one.replaces) for one in done.joined] == [[names[0], names[2]]]
    assert done.young == 1
    assert {large.name, young[0], still_open.name} < set(files(directory))
    filler.close()


def test_one_small_file_is_left_as_it_is(tmp_path):
    directory = fill(tmp_path, files=1)
    before = files(directory)
    assert pack(directory, BELOW).joined == []
    assert files(directory) == before


def test_a_file_that_is_not_what_was_listed_is_left_and_named(tmp_path):
    directory = fill(tmp_path)
    names = files(directory)
    path = directory.warc / names[1]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    settled(directory)
    done = pack(directory, BELOW)
    assert [list(one.replaces) for one in done.joined] == [[names[0], *names[2:]]]
    (problem,) = done.problems
    assert (problem.where, problem.what) == (str(path), "it is not what line 2 of the manifest lists")
    assert path.read_bytes() == data
    assert {row["warc"] for row in captures(directory)} == {done.joined[0].file, names[1]}


def test_a_file_whose_record_was_damaged_before_it_was_listed_is_left_and_named(tmp_path):
    directory = fill(tmp_path)
    names, before = files(directory), captures(directory)
    offset = next(row["offset"] for row in before if row["warc"] == names[2])
    path = directory.warc / names[2]
    data = bytearray(path.read_bytes())
    data[offset + 60] ^= 1
    path.write_bytes(data)
    (directory.warc / manifest.FILE).unlink()
    settled(directory)
    done = pack(directory, BELOW)
    assert [list(one.replaces) for one in done.joined] == [[*names[:2], names[3]]]
    (problem,) = done.problems
    assert (problem.where, problem.what[:24]) == (str(path), "a record in it is damage")


def test_a_damaged_manifest_packs_nothing(tmp_path):
    directory = fill(tmp_path)
    path = directory.warc / manifest.FILE
    path.write_bytes(path.read_bytes().replace(b'"number":2', b'"number":7'))
    before = files(directory)
    with pytest.raises(ArchiveError, match="line 2 does not follow"):
        pack(directory, BELOW)
    assert files(directory) == before


def test_only_one_packs_at_a_time(tmp_path):
    directory = fill(tmp_path)
    with packing.held(directory), pytest.raises(ArchiveBusy):
        pack(directory, BELOW)


def test_a_full_disk_leaves_all_as_it_was(tmp_path, monkeypatch):
    directory = fill(tmp_path)
    before, names = held(directory), files(directory)

    def full(file):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(packing.manifest, "fsync", full)
        with pytest.raises(ArchiveError, match="No space left on device; mend the cause and pack again"):
            pack(directory, BELOW)
    assert files(directory) == names
    check(directory, before)
    assert len(pack(directory, BELOW).joined) == 1


def test_rows_that_came_late_are_mended(tmp_path):
    """A crawl that stood still for long commits rows that name a file which was packed meanwhile."""
    directory = fill(tmp_path)
    before, old = held(directory), captures(directory)
    pack(directory, BELOW)
    db = directory.open_database()
    db.execute("UPDATE captures SET warc = ?, offset = ? WHERE id = 3", [old[2]["warc"], old[2]["offset"]])
    db.close()
    assert (
        read_record(directory.warc, old[2]["warc"], old[2]["offset"]).headers["WARC-Record-ID"] == old[2]["record_id"]
    )
    pack(directory, BELOW)
    check(directory, before)


def _killed(path: str, step: str, number: int) -> None:
    """Pack until a step is reached for the nth time, and die there."""
    seen = []

    def at(name: str) -> None:
        seen.append(name)
        if seen.count(name) == number and name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    pack(ArchiveDirectory(Path(path)), BELOW, step=at)


@pytest.mark.parametrize(("step", "number"), [*((step, 1) for step in STEPS), ("removed", 2), ("removed", 4)])
def test_killed_at_any_step_nothing_is_lost_and_the_next_one_finishes(tmp_path, step, number):
    directory = fill(tmp_path)
    before, old, names = held(directory), captures(directory), files(directory)
    process = processes.start(_killed, str(tmp_path), step, number)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    # A crawl starts, a reader reads, and all records are read once each.
    assert recover(directory.warc, lambda name: 0) == []
    assert held(directory) == before
    for row in [*old, *captures(directory)]:
        record = read_record(directory.warc, row["warc"], row["offset"])
        assert record.headers["WARC-Record-ID"] == row["record_id"]
    assert problems(directory) == []
    assert manifest_problems(directory) == []
    done = pack(directory, BELOW)
    assert len(done.joined) + len(done.finished) == 1
    assert [path.name for path in directory.warc.glob("*.warc.gz")] == [
        *done.finished,
        *(one.file for one in done.joined),
    ]
    assert set(files(directory)) & set(names) == set()
    assert [line.what for line in manifest.read(directory.warc / manifest.FILE)] == ["closed"] * 4 + ["packed"]
    check(directory, before)


def test_what_a_killed_one_left_aside_is_removed(tmp_path):
    directory = fill(tmp_path, files=1)
    left = directory.warc / f"union-20200101000000-1-00001-p1.warc.gz{packing.SUFFIX}"
    left.write_bytes(b"half")
    pack(directory, BELOW)
    assert not left.exists()


@pytest.mark.parametrize("harm", ["gone", "altered"])
def test_a_packed_file_that_a_crash_spoilt_is_made_again(tmp_path, harm):
    directory = fill(tmp_path)
    before = held(directory)
    process = processes.start(_killed, str(tmp_path), "named", 1)
    process.communicate(timeout=60)
    (part,) = directory.warc.glob("*" + packing.SUFFIX)
    if harm == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-3] + b"xyz")
    assert len(pack(directory, BELOW).finished) == 1
    check(directory, before)


def test_sources_are_kept_when_the_packed_file_is_lost(tmp_path):
    """The file is gone and one of its sources too: what is left is not touched, and the fix is told."""
    directory = fill(tmp_path)
    names = files(directory)
    process = processes.start(_killed, str(tmp_path), "removed", 2)
    process.communicate(timeout=60)
    for path in directory.warc.glob("*-p1.warc.gz"):
        path.unlink()
    with pytest.raises(
        ArchiveError, match=r"-p1.warc.gz: line 5 of the manifest lists it, but it is missing .*put it back"
    ):
        pack(directory, BELOW)
    assert files(directory) == names[1:]


def test_crawls_write_while_files_are_packed(tmp_path):
    directory = fill(tmp_path)
    filler = Filler(tmp_path)

    def crawl(step: str) -> None:
        filler.page(article(100 + STEPS.index(step)))
        if step == "listed":
            filler.warc.close()

    done = pack(directory, BELOW, step=crawl)
    assert len(done.joined) == 1
    filler.close()
    assert problems(directory) == []
    assert len(rows(directory, "SELECT 1 FROM articles")) == 8 + len(STEPS)


def test_the_records_of_a_capture_are_cut_out_of_a_packed_file(tmp_path):
    directory = fill(tmp_path)
    row = captures(directory)[5]
    before = excerpt(directory.warc, row["warc"], row["offset"], row["record_id"])
    pack(directory, BELOW)
    row = captures(directory)[5]
    assert excerpt(directory.warc, row["warc"], row["offset"], row["record_id"]) == before


def run(directory: ArchiveDirectory, *args: str):
    return CliRunner().invoke(cli, ["--archive", str(directory.path), "pack", *args])


def test_a_dry_run_changes_nothing(tmp_path):
    directory = fill(tmp_path)
    before = {path.name: path.read_bytes() for path in directory.warc.iterdir()}
    shown = run(directory, "--dry-run")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[-1] == "would join 4 files into 1"
    told = json.loads(run(directory, "--dry-run", "--json").stdout)
    assert told["joined"] == [
        {"size": sum(map(len, before.values())) - len(before[manifest.FILE]), "replaces": files(directory)}
    ]
    assert {path.name: path.read_bytes() for path in directory.warc.iterdir()} == before


def test_the_command_tells_what_it_joined_and_fails_for_a_damaged_file(tmp_path):
    directory = fill(tmp_path)
    path = directory.warc / files(directory)[0]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    settled(directory)
    shown = run(directory, "--below", "1 MB")
    assert shown.exit_code == 1
    _, problem, last = shown.stdout.splitlines()
    assert problem.startswith(f"{path}: it is not what line 1 of the manifest lists; ")
    assert last == "joined 3 files into 1"
    told = json.loads(run(directory, "--json").stdout)
    assert (told["ok"], told["joined"], told["young"]) == (True, [], 1)


@pytest.mark.parametrize(
    ("text", "number"), [("64MB", 64 * 10**6), ("900 kB", 900_000), ("1.5gb", 1_500_000_000), ("7", 7)]
)
def test_sizes_are_read(tmp_path, text, number):
    assert bytes_of(text) == number
    assert run(ArchiveDirectory(tmp_path), "--below", "many").exit_code == 2


def test_groups_hold_no_more_than_they_may(tmp_path):
    directory = fill(tmp_path, files=5)
    sizes = [(directory.warc / name).stat().st_size for name in files(directory)]
    groups, young = plan(directory, BELOW, most=max(sizes) * 2)
    assert young == 0
    assert [len(group) for group in groups] == [2, 2]


def test_a_closed_file_can_be_packed_by_an_archive_that_never_crawled_with_a_manifest(tmp_path):
    directory = fill(tmp_path)
    before = held(directory)
    (directory.warc / manifest.FILE).unlink()
    assert len(pack(directory, BELOW).joined) == 1
    check(directory, before)
