"""A `verify` that was stopped goes on: what was checked and is as it was is not read again, its problems are told."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from filled import Filler, article
from test_verify import change

from archive import cli_verify, verify_files, verify_index
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.verify import verify
from archive.verify_place import Part, Place

FILES = 4


@pytest.fixture
def directory(tmp_path) -> ArchiveDirectory:
    """An archive of four files with two articles each; a record of the second file is damaged."""
    filler = Filler(tmp_path)
    for number in range(FILES):
        filler.page(article(2 * number + 1))
        filler.page(article(2 * number + 2))
        filler.warc.close()
    directory = filler.close()
    damage(paths(directory)[1])
    return directory


def paths(directory: ArchiveDirectory):
    return sorted(directory.warc.glob("*.warc.gz"))


def damage(path) -> None:
    data = bytearray(path.read_bytes())
    data[-60] ^= 0xFF
    path.write_bytes(data)


def run(directory: ArchiveDirectory, *args: str):
    return CliRunner().invoke(cli, ["--archive", str(directory.path), "verify", *args])


@pytest.fixture
def read(monkeypatch):
    """Tells which files are read from now on, by name; the process is stopped `after` so many of them."""
    names: list[str] = []
    most: list[int] = [FILES]
    check_file = verify_files.check_file

    def checked(db, warc, name, *rest):
        if len(names) == most[0]:
            raise KeyboardInterrupt
        names.append(name)
        return check_file(db, warc, name, *rest)

    def begin(after: int = FILES) -> list[str]:
        names.clear()
        most[0] = after
        return names

    monkeypatch.setattr(verify_files, "check_file", checked)
    return begin


def stopped(directory: ArchiveDirectory, read, after: int):
    read(after)
    result = run(directory)
    assert result.exit_code == 1
    return result


def test_a_stopped_one_says_how_to_go_on_and_keeps_its_place(directory, read):
    result = stopped(directory, read, 3)
    assert "stopped; 1 problem: 1 needs a copy of a file; go on with `union-archive verify --resume`" in result.stderr
    assert "Traceback" not in result.output
    assert (directory.locks / "verify.jsonl").exists()


def test_it_goes_on_with_what_was_not_read_and_tells_all_problems(directory, read):
    whole = run(directory)
    stopped(directory, read, 2)
    names = read()
    result = run(directory, "--resume")
    assert names == [path.name for path in paths(directory)[2:]]
    assert (result.stdout, result.exit_code) == (whole.stdout, 1)
    assert result.stderr.startswith("going on with the `verify` that began at 20")
    assert not (directory.locks / "verify.jsonl").exists()


def test_a_file_that_has_changed_is_read_again_and_what_was_found_in_it_is_forgotten(directory, read):
    stopped(directory, read, 3)
    first, second = paths(directory)[:2]
    damage(second)  # twice is mended
    damage(first)
    names = read()
    result = run(directory, "--resume")
    assert names == [path.name for path in (first, second, paths(directory)[3])]
    problems = result.stdout.splitlines()[:-1]
    assert problems
    assert all(line.startswith(str(first)) for line in problems)


@pytest.mark.parametrize("statement", ["DELETE FROM captures", "UPDATE captures SET offset = 5"])
def test_a_file_whose_rows_have_changed_is_read_again(directory, read, statement):
    stopped(directory, read, 3)
    change(directory, f"{statement} WHERE id = 2")
    names = read()
    run(directory, "--resume")
    assert names == [path.name for path in (paths(directory)[0], paths(directory)[3])]


def test_a_database_that_is_as_it_was_is_not_read_again(directory, read, monkeypatch):
    stopped(directory, read, 1)
    monkeypatch.setattr(verify_index, "check", lambda *_: pytest.fail("the index was compared again"))
    read()
    assert "checked 8 articles, 8 revisions, 8 captures" in run(directory, "--resume").stdout


def test_a_database_that_has_changed_is_checked_again(directory, read):
    stopped(directory, read, 1)
    change(directory, "UPDATE articles SET title = 'x' WHERE change = 1")
    read()
    assert "what it says does not have its digest" in run(directory, "--resume").stdout


def test_without_resume_it_begins_anew(directory, read):
    stopped(directory, read, 3)
    names = read()
    run(directory)
    assert len(names) == FILES


def test_with_nothing_to_go_on_with_it_begins_anew(directory, read):
    names = read()
    result = run(directory, "--resume")
    assert "none to go on with" in result.stderr
    assert len(names) == FILES


def test_another_version_begins_anew(directory, read):
    stopped(directory, read, 3)
    place = directory.locks / "verify.jsonl"
    first, *rest = place.read_text(encoding="utf-8").splitlines()
    other = json.dumps({**json.loads(first), "verify": "0"})
    place.write_text("\n".join([other, *rest, ""]), encoding="utf-8")
    names = read()
    run(directory, "--resume")
    assert len(names) == FILES


@pytest.mark.parametrize("lost", [5, 60])
def test_a_line_that_a_kill_tore_is_checked_again(directory, read, lost):
    stopped(directory, read, 3)
    place = directory.locks / "verify.jsonl"
    os.truncate(place, place.stat().st_size - lost)
    names = read(1)
    run(directory, "--resume")  # stopped once more
    assert names == [paths(directory)[2].name]
    names = read()
    result = run(directory, "--resume")
    assert names == [paths(directory)[3].name]
    assert "1 problem" in result.stdout


def test_a_file_that_is_being_written_is_read_again(tmp_path, read):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.warc.close()
    filler.page(article(2))
    filler.warc.sync()
    with Place.of(filler.directory, resume=False) as place:
        place.finish = lambda: None
        verify(filler.directory, print, place=place)
    names = read()
    with Place.of(filler.directory, resume=True) as place:
        assert verify(filler.directory, print, place=place).records == 6
    assert len(names) == 1
    filler.close()


def test_progress_adds_up_when_it_goes_on(directory, read):
    stopped(directory, read, 2)
    read()
    heard: list[int] = []
    with Place.of(directory, resume=True) as place:
        verify(directory, lambda _: None, heard.append, place=place)
    assert sum(heard) == cli_verify.size(directory)


def test_where_no_place_can_be_kept_it_is_checked_all_the_same(directory):
    directory.locks.rename(directory.path / "aside")
    directory.locks.write_text("in the way", encoding="utf-8")
    result = run(directory)
    assert "verify.jsonl: cannot be written" in result.stderr
    assert "1 problem: 1 needs a copy of a file" in result.stdout


def test_a_second_one_keeps_no_place_and_leaves_that_of_the_first(directory):
    with Place.of(directory, resume=False) as place:
        place.add(Part("warc/x", (1, 2), {}, ()))
        result = run(directory)
        assert "another `verify` keeps its place there" in result.stderr
    with Place.of(directory, resume=True) as place:
        assert place.held("warc/x", [1, 2]) is not None
        assert place.held("warc/x", [1, 3]) is None


def test_a_disk_that_is_full_costs_the_place_alone(directory):
    with Place.of(directory, resume=False) as place:
        place._file.close()
        place._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
        found = []
        verify(directory, found.append, place=place)
        assert not place.is_kept
        assert "cannot be written" in place.why_not
    assert len(found) == 1


def test_nothing_of_the_archive_is_changed(directory):
    def state():
        return {path: path.read_bytes() for path in directory.path.rglob("*") if path.is_file()}

    run(directory)
    before = state()
    assert run(directory, "--json").exit_code == 1
    assert state() == before


def test_json_counts_problems_by_what_mends_them(directory):
    change(directory, "UPDATE captures SET digest = 'sha256:AAAA' WHERE id = 1", "UPDATE months SET articles = 1")
    answer = json.loads(run(directory, "--json").stdout)
    assert answer["ok"] is False
    assert answer["mended_by"] == {"reindex": 1, "copy": 1, "rebuild": 1}
    assert [problem["by"] for problem in answer["problems"]] == ["reindex", "rebuild", "copy"]
    assert answer["problems"][0].keys() == {"where", "what", "fix", "by"}
