"""Archives that cannot be used or were torn: one line that names the file and the fix, and nothing changed."""

import gzip
import os
import resource
import shutil
import sqlite3
from pathlib import Path

import processes
import pytest
from click.testing import CliRunner
from crawls import Crawls, failures, finish
from filled import Filler, article, filled
from local_server import LocalSite, News

from archive.lock import lock
from archive.schema import VERSION
from archive.warc import StoredRecord, copy_member, records
from crawler.cli import main


def union_archive(archive, *arguments, limit=None):
    """Run the command; `limit` is the most bytes that a file may grow to, as on a disk that is full."""
    return finish(processes.start(_limited, limit, "--archive", str(archive), *map(str, arguments)))


def _limited(limit, *arguments):
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    processes.command(*arguments)


def check_refused(archive, command, *names):
    """The command, in this process, ends in one line that holds all of `names`."""
    ended = CliRunner().invoke(main, ["--archive", str(archive), *COMMANDS.get(command, (command,))])
    assert ended.exit_code == 1, ended
    assert isinstance(ended.exception, SystemExit), ended.exception
    (line,) = ended.output.splitlines()
    assert line.startswith("Error: ")
    for name in names:
        assert str(name) in line


def state(path):
    """Every file below a directory with what it holds, the locks apart."""
    return {
        str(one.relative_to(path)): one.read_bytes()
        for one in sorted(path.rglob("*"))
        if one.is_file() and one.suffix != ".lock"
    }


@pytest.fixture
def site():
    with LocalSite() as found:
        News(12).put(found)
        yield found


@pytest.fixture
def crawls(tmp_path, site):
    return Crawls(tmp_path / "archive").profile(site)


COMMANDS = {
    "crawl": ("crawl", "workercn"),
    "verify": ("verify",),
    "export": ("export",),
    "init": ("init",),
    "sites": ("sites",),
}


@pytest.mark.parametrize("command", ["crawl", "verify", "export", "init"])
def test_an_archive_that_is_a_file(tmp_path, command):
    path = tmp_path / "archive"
    path.write_text("a file", encoding="utf-8")
    check_refused(path, command, path)
    assert path.read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize("command", ["crawl", "init"])
def test_an_archive_where_nothing_can_be_written(tmp_path, command):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    contact = 'contact = "crawls@example.org"\n'
    for path in (file / "archive", Path("/proc/self/archive")):
        check_refused(path, command, path)
    writable = tmp_path / "archive"
    writable.mkdir()
    (writable / "archive.toml").write_text(contact, encoding="utf-8")
    (writable / "warc").write_text("in the way", encoding="utf-8")
    check_refused(writable, command, writable / "warc")


def test_locks_that_cannot_be_made(crawls, site):
    (crawls.path / "locks").write_text("in the way", encoding="utf-8")
    ended = crawls.command("crawl", "lokal")
    assert ended.returncode == 1
    assert ended.clean
    assert str(crawls.path / "locks") in ended.said
    assert site.log == []


@pytest.mark.parametrize("command", ["crawl", "verify", "export", "sites"])
def test_a_database_of_a_newer_version(tmp_path, command):
    directory = filled(tmp_path / "archive")
    db = sqlite3.connect(directory.database)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    (directory.config_file).write_text('contact = "crawls@example.org"\n', encoding="utf-8")
    before = state(directory.path)
    check_failed(
        union_archive(directory.path, *COMMANDS[command]), directory.database, "newer union-archive", "upgrade"
    )
    after = state(directory.path)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("command", ["crawl", "verify", "export", "sites"])
def test_a_database_that_is_none(tmp_path, command):
    directory = filled(tmp_path / "archive")
    for extra in directory.path.glob("archive.db-*"):
        extra.unlink()
    directory.database.write_bytes(b"no database, " * 400)
    (directory.config_file).write_text('contact = "crawls@example.org"\n', encoding="utf-8")
    check_failed(union_archive(directory.path, *COMMANDS[command]), directory.database, "rebuild")
    assert directory.database.read_bytes() == b"no database, " * 400


def check_failed(ended, *names):
    """As `check_refused`, but a crawl says in its summary why it failed."""
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stdout + ended.stderr
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    assert len(lines) == 1, lines
    for name in names:
        assert str(name) in lines[0], lines


def test_a_database_whose_pages_are_damaged(crawls, site):
    """Names what is wrong, wherever in a crawl it is met."""
    assert crawls.crawl().returncode == 0
    data = bytearray(crawls.directory.database.read_bytes())
    for extra in crawls.path.glob("archive.db-*"):
        extra.unlink()
    data[4096:] = b"\xa5" * (len(data) - 4096)
    crawls.directory.database.write_bytes(data)
    site.log.clear()
    ended = crawls.command("crawl", "lokal")
    assert ended.clean, ended.stderr
    assert ended.returncode == 1
    assert str(crawls.directory.database) in ended.stdout + ended.stderr
    assert site.log == []


# archive.toml and profiles


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('contact = "a@example.org"\ncolour = "red"\n', "unknown key 'colour'"),
        ('contact = "a@example.org"\n[crawl]\nspeed = 3\n', "unknown key 'speed'"),
        ("contact = \n", "mend the TOML"),
        ('contact = "a@example.org"\n[crawl]\njobs = 0\n', "jobs = 0"),
        ("\xff", "archive.toml"),
    ],
)
@pytest.mark.parametrize("command", ["crawl", "init"])
def test_an_archive_toml_that_cannot_be_used(tmp_path, text, says, command):
    path = tmp_path / "archive"
    path.mkdir()
    (path / "archive.toml").write_bytes(text.encode("latin-1"))
    before = state(path)
    check_refused(path, command, path / "archive.toml", says)
    assert state(path) == before


def test_a_crawl_from_the_network_needs_a_contact(tmp_path):
    path = tmp_path / "archive"
    path.mkdir()
    (path / "archive.toml").write_text('name = "Archive"\n', encoding="utf-8")
    check_refused(path, "crawl", path / "archive.toml", 'add contact = "you@example.org"')
    assert list(state(path)) == ["archive.toml"]


GOOD = 'name = "a"\nhome = "http://a.example.org/"\nhosts = ["a.example.org"]\narticle_url = "/n/"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + 'colour = "red"\n', "unknown key 'colour'"),
        (GOOD.replace('"/n/"', '"/n/("'), "article_url"),
        (GOOD.replace('name = "a"\n', ""), "missing key 'name'"),
        (GOOD.replace("hosts", "hosts = ["), "mend the TOML"),
        (GOOD + "delay = 0\n", "delay = 0"),
        (GOOD + '[[layout]]\nbody = "div["\n', "body"),
        (GOOD.replace("http://a", "file://a"), "home"),
    ],
)
def test_a_profile_that_cannot_be_used_stops_every_command(tmp_path, text, says):
    path = tmp_path / "archive"
    (path / "sites").mkdir(parents=True)
    (path / "archive.toml").write_text('contact = "a@example.org"\n', encoding="utf-8")
    (path / "sites" / "gonghui.toml").write_text(text, encoding="utf-8")
    before = state(path)
    for command in ("crawl", "sites"):
        check_refused(path, command, "gonghui.toml", says)
    assert state(path) == before


# WARC files


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """An archive of a small site."""
    crawls = Crawls(tmp_path_factory.mktemp("crawled"))
    with LocalSite() as site:
        News(5).put(site)
        assert crawls.profile(site).crawl().returncode == 0
    return crawls


@pytest.fixture
def replayed(tmp_path, crawled):
    """An archive with a profile, and a WARC file of its site."""
    other = Crawls(tmp_path / "archive")
    shutil.copy(crawled.directory.sites / "lokal.toml", other.directory.sites)
    (warc,) = crawled.directory.warc.glob("*.warc.gz")
    return other, warc


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-100], "torn or corrupt"),
        (lambda data: data[:500] + bytes(50) + data[550:], "torn or corrupt"),
        (lambda _: b"", "holds no WARC record"),
        (lambda _: b"<html>", "torn or corrupt"),
        (lambda _: gzip.compress(b"<html>no WARC</html>"), "cannot be read as WARC"),
        (lambda data: gzip.compress(gzip.decompress(data)), "several records in one gzip member"),
    ],
    ids=["torn", "corrupt", "empty", "no gzip", "no WARC", "one member"],
)
def test_a_bad_warc_file_is_not_replayed(replayed, tmp_path, damage, says):
    crawls, warc = replayed
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(damage(warc.read_bytes()))
    ended = crawls.command("crawl", "lokal", "--replay", str(bad))
    check_failed(ended, bad, says)
    assert crawls.rows("SELECT * FROM frontier") == []
    assert crawls.rows("SELECT * FROM captures") == []
    # What is whole is replayed afterwards, as if nothing had been.
    ended = crawls.command("crawl", "lokal", "--replay", str(warc))
    assert ended.returncode == 0, ended.stdout
    assert len(crawls.articles) == 5
    assert crawls.problems() == []


def test_a_missing_warc_file_is_named(tmp_path):
    crawls = Crawls(tmp_path / "archive")
    missing = tmp_path / "missing.warc.gz"
    ended = CliRunner().invoke(main, ["--archive", str(crawls.path), "crawl", "workercn", "--replay", str(missing)])
    assert (ended.exit_code, ended.output) == (1, f"Error: {missing}: no such file; give WARC files to --replay\n")


def changed(record, headers=None, block=None):
    """A record as bytes, with other headers or another block and without the digests that would tell."""
    kept = {name: value for name, value in record.headers.items() if "Digest" not in name}
    return copy_member(StoredRecord({**kept, **(headers or {})}, record.block if block is None else block, 0))


def test_a_record_that_holds_no_http_costs_itself(replayed, tmp_path):
    crawls, warc = replayed
    bad = tmp_path / "bad.warc.gz"
    with bad.open("wb") as file:
        for record in records(warc):
            cut = record.type == "response" and record.headers["WARC-Target-URI"].endswith("/news/2.html")
            file.write(changed(record, block=b"no http at all") if cut else copy_member(record))
    ended = crawls.command("crawl", "lokal", "--replay", str(bad))
    assert (ended.returncode, ended.clean) == (0, True), ended.stdout + ended.stderr
    assert "no HTTP status line" in failures(ended)["/news/2.html"]
    assert crawls.articles == {f"/news/{number}.html" for number in (1, 3, 4, 5)}
    assert crawls.problems() == []


def test_a_record_without_a_date_is_named(replayed, tmp_path):
    crawls, warc = replayed
    bad = tmp_path / "bad.warc.gz"
    with bad.open("wb") as file:
        for record in records(warc):
            file.write(changed(record, {"WARC-Date": "some day"} if record.type == "response" else None))
    check_failed(crawls.command("crawl", "lokal", "--replay", str(bad)), bad, "WARC-Date 'some day' is no date")


@pytest.mark.parametrize("cut", [1, 300, None], ids=["a byte", "a record", "all"])
def test_a_file_that_a_killed_crawl_left_is_closed_by_the_next(tmp_path, cut):
    filler = Filler(tmp_path / "archive")
    for number in range(1, 4):
        filler.page(article(number))
    directory = filler.leave_open()
    (left,) = directory.warc.glob("*.open")
    whole = left.read_bytes()
    # What was being written when the process died: part of a record.
    torn = whole + whole[:cut] if cut else whole
    left.write_bytes(torn)
    with LocalSite() as site:
        News(2).put(site)
        crawls = Crawls(directory.path).profile(site)
        ended = crawls.command("crawl", "lokal")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(directory.warc.glob("*.open"))
    closed = directory.warc / left.name.removesuffix(".open")
    assert closed.read_bytes() == whole
    assert crawls.problems() == []
    assert "/news/1.html" in crawls.articles


def test_a_file_without_one_whole_record_is_removed(crawls):
    crawls.directory.warc.mkdir()
    for name, data in (("a", b""), ("b", b"\x1f\x8b\x08"), ("c", b"no gzip")):
        (crawls.directory.warc / f"union-{name}.warc.gz.open").write_bytes(data)
    assert crawls.command("crawl", "lokal").returncode == 0
    assert [path.name for path in crawls.directory.warc.iterdir() if path.name.startswith("union-a")] == []
    assert len(list(crawls.directory.warc.glob("*.warc.gz*"))) == 1
    assert crawls.problems() == []


# a full disk


def pages_of(site, size):
    """Make the articles' pages long and different, so that they fill files."""
    for number in range(1, 13):
        noise = os.urandom(size // 2).hex()
        page = site.pages[f"/news/{number}.html"].replace(b"</body>", b"<!-- " + noise.encode() + b" --></body>")
        site.pages[f"/news/{number}.html"] = page


def test_a_disk_that_is_full_stops_the_crawl_and_damages_nothing(crawls, site):
    pages_of(site, 60_000)
    # The database is there, so that it is the WARC file that meets the limit.
    crawls.directory.open_database().close()
    ended = union_archive(crawls.path, "crawl", "lokal", limit=150_000)
    check_full(ended, ".warc.gz: ")
    assert crawls.problems() == []
    # With room again, the crawl goes on where it stopped.
    assert crawls.command("crawl", "lokal").returncode == 0
    assert len(crawls.articles) == 12
    assert crawls.problems() == []


def check_full(ended, what):
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stdout + ended.stderr, ended.stderr
    (line,) = (ended.stdout or ended.stderr).splitlines()
    assert line.startswith(("lokal: failed (", "Error: "))
    assert what in line
    assert "File too large" in line or "full" in line or "disk I/O" in line, line


def test_a_database_that_cannot_grow_stops_the_crawl_and_damages_nothing(crawls, site):
    assert crawls.crawl(options={"limit": 2}).returncode == 0
    db = crawls.directory.open_database()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    held = crawls.articles
    # Less than the first commit needs in the WAL, more than the WARC records of twelve pages.
    size = 24_000
    ended = union_archive(crawls.path, "crawl", "lokal", limit=size)
    check_full(ended, "archive.db: ")
    assert crawls.articles == held
    assert crawls.problems() == []
    assert crawls.command("crawl", "lokal").returncode == 0
    assert len(crawls.articles) == 12
    assert crawls.problems() == []


# locks


def test_a_lock_names_who_holds_it(tmp_path):
    path = tmp_path / "a.lock"
    held = lock(path, "a")
    try:
        assert path.read_text(encoding="ascii") == f"{os.getpid()}\n"
    finally:
        held.close()
    lock(path, "a").close()
