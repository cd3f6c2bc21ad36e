"""`watch`: what is due is crawled when it is due, whatever happens meanwhile, and nothing is lost when it ends."""

import json
import os
import re
import resource
import signal
import socket
import time
from datetime import timedelta
from types import SimpleNamespace

import processes
import pytest
import watched
from crawls import finish, wait_until
from local_server import LocalSite, News, Reply
from watched import START, Watches

from archive.lock import lock

ARTICLES = 12


@pytest.fixture
def site():
    with LocalSite() as found:
        News(ARTICLES).put(found)
        yield found


@pytest.fixture
def archive(tmp_path, site):
    found = Watches(tmp_path / "archive").profile(site)
    yield found
    found.end()


def publish(site, number):
    """Put another article at the head of the listing."""
    news = News(number)
    site.pages[news.path(number)] = news.article(number)
    link = f'<ul class=list><li><a href="{news.path(number)}">消息（{number}）</a></li>'.encode()
    site.pages["/list/"] = site.pages["/list/"].replace(b"<ul class=list>", link)


def wait_for(archive, outcomes, site="lokal"):
    wait_until(lambda: archive.runs(site) == outcomes, 20, f"runs of {site}: {archive.runs(site)}, not {outcomes}")


def stop(process, number=signal.SIGTERM):
    """Stop a watch; it ends soon, and well."""
    at = time.monotonic()
    process.send_signal(number)
    ended = finish(process, 20)
    assert ended.clean, ended.stderr
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - at < 5
    return ended


def check_whole(archive):
    """The archive is whole, nothing is left open, and no lock is held."""
    assert archive.problems() == []
    for path in archive.directory.locks.iterdir():
        lock(path, path.name).close()
    assert "running" not in archive.runs()


def test_what_is_due_is_crawled_when_it_is_due(archive, site):
    process = archive.watch("lokal")
    wait_for(archive, ["finished"])
    assert len(archive.articles) == ARTICLES
    asked = len(site.log)
    archive.later(hours=2)
    time.sleep(0.6)  # it looks at the clock meanwhile, and nothing is due
    assert len(site.log) == asked
    publish(site, 13)
    archive.later(days=1)
    wait_for(archive, ["finished"] * 2)
    assert len(archive.articles) == ARTICLES + 1
    # One WARC file a day; yesterday's is closed.
    names = sorted(path.name for path in archive.directory.warc.glob("union-*"))
    assert [name.split("-")[1][:8] for name in names] == ["20260504", "20260505"]
    assert [name.endswith(".open") for name in names] == [False, True]
    ended = stop(process)
    told = ended.stdout.splitlines()
    first = r"2026-05-04T0[13]:00:00Z lokal: finished; 12 new, 0 changed, 0 unchanged, 0 failed, 14 requests"
    assert re.fullmatch(first, told[0])
    assert told[1].startswith("2026-05-05T03:00:00Z lokal: finished; 1 new, ")
    assert len(told) == 2
    assert ended.stderr.startswith("1 sites watched, 0 under way; next: lokal ")
    check_whole(archive)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_in_mid_crawl_lets_what_is_on_the_wire_end(archive, site, number):
    archive.profile(site, concurrency=1)
    for path, page in list(site.pages.items()):
        site.pages[path] = Reply(page, delay=0.1)
    process = archive.watch("lokal", "--json")
    wait_until(lambda: len(site.log) > 4, 20)
    ended = stop(process, number)
    (told,) = map(json.loads, ended.stdout.splitlines())
    assert (told["site"], told["outcome"], told["reason"]) == ("lokal", "interrupted", "stopped")
    assert told["at"] == "2026-05-04T01:00:00Z"
    assert set(site.requests("/news/").values()) == {1}
    assert len(archive.articles) == len(site.requests("/news/"))
    check_whole(archive)


def test_a_second_signal_ends_it_at_once(archive, site):
    site.pages["/news/3.html"] = Reply(b"", delay=30)
    process = archive.watch("lokal")
    wait_until(lambda: "/news/3.html" in site.requests(), 20)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    at = time.monotonic()
    ended = finish(process, 20)
    assert time.monotonic() - at < 1.5
    assert (ended.returncode, ended.clean) == (1, True)
    assert archive.problems() == []


def test_a_site_that_is_down_stops_no_other_and_is_left_alone_longer_and_longer(archive, site):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.2", 0))
        host, port = nobody.getsockname()
        down = SimpleNamespace(host=host, port=port, url=f"http://{host}:{port}")
        archive.profile(down, "aus", concurrency=8)
        process = archive.watch("lokal", "aus", "--jobs", "1")
        wait_for(archive, ["failed"], "aus")
        wait_for(archive, ["finished"])
        time.sleep(0.5)
        assert archive.runs("aus") == ["failed"]
        assert archive.rows("SELECT next_check FROM sites WHERE id = 'aus'")[0]["next_check"] > "2026-05-04T05"
        archive.later(days=1)
        wait_for(archive, ["failed"] * 2, "aus")
        wait_for(archive, ["finished"] * 2)
        ended = stop(process)
    assert "aus: failed (" in ended.stdout
    check_whole(archive)


def test_after_a_kill_it_goes_on(archive, site):
    archive.profile(site, concurrency=2)
    for path, page in list(site.pages.items()):
        site.pages[path] = Reply(page, delay=0.1)
    process = archive.watch("lokal")
    wait_until(lambda: len(site.log) > 6, 20)
    process.kill_group()
    finish(process)
    assert len(list(archive.directory.warc.glob("*.open"))) == 1
    process = archive.watch("lokal")
    wait_for(archive, ["interrupted", "finished"])
    stop(process)
    assert len(archive.articles) == ARTICLES
    assert archive.rows("SELECT count(*) AS n FROM articles")[0]["n"] == ARTICLES
    check_whole(archive)


def test_a_full_disk_is_said_and_waited_for(archive, site):
    for number in range(1, ARTICLES + 1):
        page = site.pages[f"/news/{number}.html"]
        site.pages[f"/news/{number}.html"] = page + b"<!-- " + os.urandom(20_000).hex().encode() + b" -->"
    archive.directory.open_database().close()
    process = archive.watch("lokal", TROUBLE_SECONDS=(0.3, 0.6))
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (150_000, hard))
    wait_until(lambda: len(site.log) > ARTICLES + 4, 20)  # it has tried again
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    wait_until(lambda: archive.runs()[-1:] == ["finished"], 20)
    ended = stop(process)
    said = [line for line in ended.stderr.splitlines() if "trying again in" in line]
    assert said
    assert all(".warc.gz: File too large; free some space on the disk" in line for line in said)
    assert len(archive.articles) == ARTICLES
    assert archive.rows("SELECT count(DISTINCT uid) = count(*) AS once FROM articles")[0]["once"]
    check_whole(archive)


def test_a_locked_database_is_said_and_waited_for(archive, site):
    for path, page in list(site.pages.items()):
        site.pages[path] = Reply(page, delay=0.1)
    archive.profile(site, concurrency=2)
    quick = {"TROUBLE_SECONDS": (0.3,), "REST_SECONDS": (0.3,)}
    process = archive.watch("lokal", modules={"archive.database": {"BUSY_SECONDS": 0.2}}, **quick)
    wait_until(lambda: archive.runs() == ["running"], 20)
    db = archive.directory.open_database()
    db.execute("BEGIN IMMEDIATE")
    time.sleep(1.2)
    db.execute("ROLLBACK")
    db.close()
    wait_for(archive, ["interrupted", "finished"])
    ended = stop(process)
    assert "archive.db: database is locked; " in ended.stderr
    assert "trying again in 0 s" in ended.stderr
    assert len(archive.articles) == ARTICLES
    check_whole(archive)


def test_profiles_and_settings_are_read_again(archive, site):
    process = archive.watch("lokal")
    wait_for(archive, ["finished"])
    profile = archive.directory.sites / "lokal.toml"
    good = profile.read_text()
    profile.write_text(good.replace("delay = 0", "dealy = 0"))
    time.sleep(1)  # it has been so for a moment, and is read
    archive.later(days=1)
    wait_for(archive, ["finished"] * 2)  # with the last good profile
    profile.write_text(good.replace("/list/", "/rights/"))
    archive.directory.config_file.write_text("[crawl]\nbudget = 1\n")
    time.sleep(1)
    archive.later(days=1)
    wait_for(archive, ["finished", "finished", "interrupted"])
    ended = stop(process)
    (said,) = [line for line in ended.stderr.splitlines() if "stay in use" in line]
    assert "lokal.toml: unknown key 'dealy'" in said
    assert "the day's budget of 1 requests is spent" in ended.stdout


def test_a_bad_profile_at_the_start_stops_it(archive, site):
    (archive.directory.sites / "lokal.toml").write_text("nmae = 'x'")
    ended = finish(archive.watch("lokal"))
    assert ended.returncode == 1
    assert "unknown key 'nmae'" in ended.said


def test_only_active_sites_are_watched(archive, site):
    archive.profile(site, more='status = "paused"\nreason = "asked to"')
    ended = finish(archive.watch("lokal"))
    assert ended.returncode == 2
    assert "lokal: paused (asked to); only active sites are watched" in ended.stderr


def test_a_site_that_another_process_crawls_is_left_to_it(archive, site):
    archive.directory.open_database().close()
    held = lock(archive.directory.locks / "lokal.lock", "lokal")
    process = archive.watch("lokal", "--json", BUSY_SECONDS=0.3)
    time.sleep(1)
    assert site.log == []
    held.close()
    wait_for(archive, ["finished"])
    ended = stop(process)
    outcomes = [json.loads(line)["outcome"] for line in ended.stdout.splitlines()]
    assert outcomes[0] == "busy"
    assert outcomes[-1] == "finished"
    assert len(outcomes) < 12  # it did not ask over and over
    assert "busy" not in ended.stderr


def test_crawls_of_what_is_due_pass_over_a_busy_site(archive, site):
    archive.directory.open_database().close()
    # Only this site is due: those of the package are not on this machine.
    listed = json.loads(archive.command("sites", "--json").stdout)
    with archive.directory.open_database().conn as connection:
        for one in listed:
            connection.execute(
                "INSERT OR IGNORE INTO sites (id, name, home, family, status, next_check)"
                " VALUES (?, 'n', 'h', 'f', 'active', ?)",
                [one["id"], None if one["id"] == "lokal" else "2026-12-31T00:00:00Z"],
            )
    connection.close()
    held = lock(archive.directory.locks / "lokal.lock", "lokal")
    try:
        ended = archive.command("crawl", "--due", "--json", **archive.environment)
        plain = archive.command("crawl", "--due", **archive.environment)
    finally:
        held.close()
    assert json.loads(ended.stdout)["outcome"] == "busy"
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, "", "")
    assert archive.command("crawl", "--due", **archive.environment).returncode == 0
    assert archive.runs() == ["finished"]


def test_a_clock_that_jumps_makes_it_neither_spin_nor_sleep(archive, site):
    process = archive.watch("lokal")
    wait_for(archive, ["finished"])
    archive.set_clock(START - timedelta(days=400))
    time.sleep(0.5)
    assert archive.runs() == ["finished"]
    archive.set_clock(START + timedelta(days=2))
    wait_for(archive, ["finished"] * 2)
    archive.set_clock(START + timedelta(days=1))
    time.sleep(0.5)
    assert archive.runs() == ["finished"] * 2
    archive.set_clock(START + timedelta(days=3, hours=1))
    wait_for(archive, ["finished"] * 3)
    stop(process)
    check_whole(archive)


def test_a_site_that_stays_due_is_not_crawled_over_and_over(archive, site):
    (archive.directory.locks / "lokal.lock").mkdir(parents=True)  # no run can be opened
    process = archive.watch("lokal", "--json", REST_SECONDS=(0.1, 0.2, 60.0))
    wait_until(lambda: archive.path.joinpath("archive.db").exists(), 20)
    time.sleep(1.5)
    assert process.poll() is None
    (archive.directory.locks / "lokal.lock").rmdir()
    ended = stop(process)
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(told) == 3
    assert {(one["outcome"], one["reason"].partition(": ")[2]) for one in told} == {
        ("failed", "cannot be opened for locking (Is a directory); check its permissions")
    }
    assert site.log == []


def test_a_crawl_that_breaks_costs_that_site_once(archive, site):
    process = processes.start(
        watched.watch_broken, ["--archive", str(archive.path), "watch", "lokal"], **archive.environment
    )
    archive._started.append(process)
    wait_for(archive, ["failed"])
    time.sleep(0.3)
    archive.later(days=1)  # it comes again by its next check
    wait_for(archive, ["failed", "finished"])
    process.send_signal(signal.SIGTERM)
    ended = finish(process)
    assert ended.returncode == 0
    assert "lokal: failed (RuntimeError: broken on purpose); " in ended.stdout
    assert "Traceback" in ended.stderr  # it is our own fault, and logged
    check_whole(archive)


def test_visits_leave_nothing_in_memory(archive, site):
    process = processes.start(watched.watch_for_long, str(archive.path), ("lokal",), 8)
    archive._started.append(process)
    ended = finish(process, 30)
    assert ended.returncode == 0, ended.stderr
    left = [int(word) for word in ended.stdout.splitlines()[-1].split()]
    assert len(left) == 8
    assert left[-1] <= left[2]
