"""`import --rebuild`: the database made again from warc/ and decisions.jsonl is the one that the crawls had written."""

import json
import shutil
import sqlite3
from contextlib import closing
from functools import partial

import pytest
from crawls import wait_until
from local_server import LocalSite, News
from rebuilt import KEYS, Lived, differences, rebuild_here, tables
from rebuilt_life import lived
from test_kill import slow
from warc_records import rewrite

from archive import hidden
from archive.errors import ArchiveError
from archive.lock import lock
from archive.warc import OPEN_SUFFIX, parse_fields
from archive.warcfile import WarcFile
from crawler import facts


class Rebuilt:
    """What a lived archive held before its databases were deleted, and after they were made again."""

    def __init__(self, life):
        self.life, self.archive = life, life.archive
        self.before, self.hidden_before, self.exported = self._held()
        self.archive.forget()
        self.said = self.archive.rebuild()
        self.after, self.hidden_after, self.exported_again = self._held()

    def _held(self):
        path = self.archive.path
        return tables(path / "archive.db"), tables(path / hidden.FILE), self.archive.export()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    """Two months of three sites, then a rebuild; the sites are still up."""
    with lived(tmp_path_factory.mktemp("lived")) as life:
        yield Rebuilt(life)


# Nothing is lost, and nothing is otherwise.


def test_what_is_given_out_with_all_revisions_is_the_same(rebuilt):
    assert len(rebuilt.exported) == 21
    assert rebuilt.exported_again == rebuilt.exported


@pytest.mark.parametrize("table", KEYS)
def test_each_table_is_as_it_was(rebuilt, table):
    assert differences({table: rebuilt.before[table]}, rebuilt.after) == []


def test_what_is_kept_from_readers_is_as_it_was_and_where_it_was(rebuilt):
    assert differences(rebuilt.hidden_before, rebuilt.hidden_after) == []
    assert len(rebuilt.hidden_after["articles"]) == 4
    shown = rebuilt.after["articles"].keys() | {key[0] for key in rebuilt.after["media"]}
    assert not shown & rebuilt.hidden_after["articles"].keys()


def test_the_two_months_had_all_that_a_rebuild_has_to_bring_back(rebuilt):
    """The comparisons above would say nothing of what the archive did not hold."""
    before = {table: list(rows.values()) for table, rows in rebuilt.before.items()}

    def values(table, column):
        return {row[column] for row in before[table]}

    assert values("captures", "kind") == {"response", "same", "unmodified"}
    assert values("looks", "outcome") == {"read", "unchanged", "empty", "failed", "disallowed"}
    assert {"done", "failed", "redirected", "excluded"} <= values("frontier", "state")
    assert values("media", "kind") == {"image", "attachment"}
    assert len(before["aliases"]) == 1
    assert max(values("captures", "part")) == 3
    assert [one["translation_of"] for one in before["articles"]].count(None) == len(before["articles"]) - 1
    withdrawn = [(one["confirmed_at"] is not None, one["back_at"] is not None) for one in before["withdrawals"]]
    assert {(True, False), (True, True)} <= {*withdrawn}
    decided = (rebuilt.archive.path / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(one)["what"] for one in decided} >= {"restrict", "lift", "withdrawn", "not-withdrawn"}
    digests = [one["digest"] for row in rebuilt.exported.values() for one in row["images"] + row["attachments"]]
    assert sum(digest is not None for digest in digests) == 4


def test_an_article_that_a_decision_said_is_there_began_anew(rebuilt):
    """The decision stands in the middle of history: what visits found before it counts no more."""
    uid = rebuilt.archive.uid(rebuilt.life.news.path(15))
    (since,) = [since for one, since in rebuilt.after["withdrawals"] if one == uid]
    assert since > "2026-10-03T20:24"


def test_edits_in_a_template_that_no_layout_reads_stay_withheld(rebuilt):
    by_path = {one["url"].rpartition("/")[2]: one for one in rebuilt.exported_again.values()}
    assert "约定月底前" in by_path["13.html"]["text"]
    assert by_path["14.html"]["source"] == "本地工会"
    assert [by_path[f"{number}.html"]["revision"] for number in (11, 12, 13, 14)] == [1, 2, 1, 1]


def test_the_rebuilt_archive_is_sound_and_found_in(rebuilt):
    assert rebuilt.archive.problems() == []
    assert not (rebuilt.archive.path / "rebuilding").exists()
    assert "第1号消息" in rebuilt.archive.on(99, "search", "工会", "--json")


def test_the_command_says_what_was_rebuilt(rebuilt):
    assert rebuilt.said.stdout.startswith("rebuilt 21 articles and 4 restricted ones, 23 revisions and 6 withdrawals")
    assert rebuilt.said.stderr == ""


def test_word_of_old_incidents_is_not_sent_again(rebuilt):
    told = {(row["ended_at"] is None, row["told"]) for row in rebuilt.after["incidents"].values()}
    assert told == {(True, 1)}


def test_what_was_read_is_not_all_fetched_anew(rebuilt, tmp_path):
    shutil.copytree(rebuilt.archive.path, tmp_path / "copy")
    archive, site = Lived.again(tmp_path / "copy"), rebuilt.life.site
    before = len(site.log)
    archive.on(61.2, "crawl", "--due", "lokal")
    assert not {one.path for one in site.log[before:]} & {f"/news/{number}.html" for number in range(1, 16)}
    archive.on(200, "crawl", "--due", "lokal")
    asked = {one.path: one.headers for one in site.log[before:]}
    assert asked["/news/3.html"]["if-none-match"] == '"3"'
    query = "SELECT kind FROM captures WHERE url LIKE '%/news/3.html' ORDER BY id DESC LIMIT 1"
    assert archive.rows(query) == [{"kind": "unmodified"}]
    assert archive.run["articles_new"] == 0


# Files of older versions, and of crawls that died.


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """An archive of six articles, of which the second was edited; two runs, two WARC files. The site is still up."""
    archive = Lived(tmp_path_factory.mktemp("crawled"))
    with LocalSite() as site:
        News(6).put(site)
        archive.profile(site)
        archive.on(0, "crawl", "lokal")
        site.pages["/news/2.html"] = site.pages["/news/2.html"].replace("约定月底前".encode(), "约定下月".encode())
        archive.on(1.3, "crawl", "--full", "lokal")
        archive.held = own_tables(archive)
        yield archive


@pytest.fixture
def archive(crawled, tmp_path):
    """A copy of it, whose database is gone."""
    shutil.copytree(crawled.path, tmp_path, dirs_exist_ok=True)
    copy = Lived.again(tmp_path)
    copy.held = crawled.held
    copy.forget()
    yield copy
    copy.end()


def warcs(archive):
    return sorted(archive.directory.warc.glob("*.warc.gz"))


def own_tables(archive):
    """What its database holds, of the registry only what was crawled."""
    found = tables(archive.path / "archive.db")
    found["sites"] = {key: row for key, row in found["sites"].items() if key == ("lokal",)}
    return found


def compared(archive, *which):
    """Where the rebuilt database differs from what the crawls wrote."""
    return differences({table: archive.held[table] for table in which or KEYS}, own_tables(archive))


def test_a_rebuild_in_one_process_is_the_same_too(archive):
    rebuild_here(archive)
    assert compared(archive) == []


def test_files_of_the_older_version_give_their_articles_and_revisions(archive):
    """They say neither what was asked for nor how runs ended: only what a listing had said."""

    def as_before(headers, block):
        said = parse_fields(block)
        fact = said.pop(facts.FIELD, None)
        if fact is None:
            return headers, block
        if headers["WARC-Type"] == "metadata" and "WARC-Concurrent-To" not in headers:
            return None
        return headers, "".join(f"{name}: {value}\r\n" for name, value in said.items()).encode()

    for path in warcs(archive):
        rewrite(path, as_before)
    fact = f"{facts.FIELD}: {{".encode()
    assert not any(fact in block for path in warcs(archive) for block in rewrite(path, lambda *one: one))
    (archive.directory.warc / "manifest.jsonl").unlink()
    result = rebuild_here(archive)
    assert (result.articles, result.revisions, result.folded.runs) == (6, 7, 2)
    assert compared(archive, "revisions", "aliases", "looks", "readings", "months") == []
    assert [row["outcome"] for row in archive.rows("SELECT outcome FROM runs ORDER BY id")] == [
        "interrupted",
        "running",
    ]
    assert archive.problems() == []


def test_a_file_that_a_dead_crawl_left_open_is_read_to_its_last_whole_record(archive):
    last = warcs(archive)[-1]
    whole = last.read_bytes()
    last.with_name(last.name + OPEN_SUFFIX).write_bytes(whole + whole[:700])
    last.unlink()
    rebuild_here(archive)
    assert last.exists()
    assert compared(archive) == []


def committed(archive, run):
    """Whether a run has stored a page."""
    try:
        return archive.rows("SELECT 1 FROM captures WHERE run = ? LIMIT 1", run)
    except (ArchiveError, sqlite3.Error):
        return []  # the archive is only being made


def test_of_a_crawl_that_was_killed_more_comes_back_and_never_less(tmp_path):
    archive = Lived(tmp_path)
    with LocalSite() as site:
        News(120, per_page=40).put(site)
        slow(site, 0.1)
        archive.profile(site)
        archive.command("--version")  # the first process of a test run waits for the server of the others
        for number in (1, 2):
            process = archive.start("crawl", "lokal")
            wait_until(partial(committed, archive, number))
            assert process.poll() is None, process.communicate()
            process.kill_group()
            process.communicate()
        held = own_tables(archive)
        archive.forget()
        rebuild_here(archive)
        again = own_tables(archive)
        for table in ("articles", "captures", "runs", "revisions"):
            assert held[table].keys() <= again[table].keys()
        outcomes = [row["outcome"] for row in archive.rows("SELECT outcome FROM runs ORDER BY id")]
        assert outcomes == ["interrupted", "running"]
        asked = site.requests("/news/")
        archive.command("crawl", "lokal")
        assert len(archive.articles) == 120
        known = {path for path, _ in asked.items()} & {key[1].removeprefix(site.url) for key in again["frontier"]}
        fetched = {row["url"].removeprefix(site.url) for row in again["captures"].values()}
        assert all(site.requests(path)[path] == asked[path] for path in known & fetched)
    assert archive.problems() == []


def test_two_runs_of_the_same_second_are_two(tmp_path):
    """As one that was stopped at once, and the next."""
    archive = Lived(tmp_path)
    with LocalSite() as site:
        News(2).put(site)
        archive.profile(site)
        archive.on(0, "crawl", "lokal")
        archive.on(0.5 / 86_400, "crawl", "lokal")
        held = own_tables(archive)
        archive.forget()
        rebuild_here(archive)
    assert len(held["runs"]) == 2
    assert differences({"runs": held["runs"], "articles": held["articles"]}, own_tables(archive)) == []


def test_a_crawl_that_was_stopped_goes_on_after_a_rebuild(tmp_path):
    archive = Lived(tmp_path)
    with LocalSite() as site:
        News(6).put(site)
        archive.profile(site)
        with archive.directory.config_file.open("a") as file:
            file.write("[crawl]\nbudget = 4\n")
        archive.on(0, "crawl", "lokal")
        held = own_tables(archive)
        archive.forget()
        rebuild_here(archive)
        again = own_tables(archive)
        # The note of the end lacks what the last batch counted (crawler/run.py).
        assert differences(held, again) == []
        assert archive.run["outcome"] == "interrupted"
        archive.on(1.1, "crawl", "lokal")
        archive.on(2.1, "crawl", "lokal")
        assert len(archive.articles) == 6
        assert set(site.requests("/news/").values()) == {1}


# What is refused, and what is told.


def refused(archive, *said):
    """The rebuild is refused in one line that says all of this, and leaves the archive as it was."""
    before = {
        path: path.read_bytes() for path in archive.path.rglob("*") if path.is_file() and "locks" not in path.parts
    }
    with pytest.raises(ArchiveError) as error:
        rebuild_here(archive)
    assert "\n" not in str(error.value)
    for part in said:
        assert part in str(error.value)
    assert before == {path: path.read_bytes() for path in before}
    assert not (archive.path / "rebuilding").exists()


def test_a_database_that_is_there_is_left_alone(archive):
    archive.directory.database.write_bytes(b"somebody's")
    refused(archive, "archive.db: is there", "put it aside")
    assert archive.rebuild(status=1).said.endswith("put it aside (rename it), then do this again")


def test_nothing_is_rebuilt_while_a_site_is_crawled(archive):
    with closing(lock(archive.directory.locks / "lokal.lock", "a crawl")):
        refused(archive, "lokal: this site is being crawled")


def test_nothing_is_rebuilt_while_a_file_is_written(archive):
    """By a crawl of a site whose profile is not in the registry any more."""
    file = WarcFile(archive.directory.warc, {})
    file.run_info(9, {"description": "run 9 of fort (Fort)"})
    file.sync()
    refused(archive, OPEN_SUFFIX + ": is being written; stop the crawl")
    file.close()


def test_two_rebuilds_do_not_meet(archive):
    with closing(lock(archive.directory.locks / "rebuild.lock", "a rebuild")):
        refused(archive, "history is being told again")


def test_an_archive_without_warc_files_is_no_archive(tmp_path):
    refused(Lived(tmp_path), "warc: is not there", "--archive")


def test_what_nobody_restricts_any_more_is_not_shown_for_want_of_decisions(archive):
    rebuild_here(archive)
    uid = archive.uid("/news/3.html")
    archive.on(3, "restrict", uid, "--reason", "asked for")
    decisions = archive.directory.decisions
    told = decisions.read_text(encoding="utf-8")
    for path in archive.path.glob("archive.db*"):
        path.unlink()
    decisions.unlink()
    refused(archive, f"restricted.db: holds article {uid}", "put that file back")
    decisions.write_text(told + '{"at": "2026-10-05T00:0', encoding="utf-8")  # torn: it was never carried out
    result = rebuild_here(archive)
    assert (result.articles, result.restricted) == (5, 1)


@pytest.mark.parametrize("torn", [b"", b"torn" * 100])
def test_a_torn_restricted_db_is_named(archive, torn):
    (archive.path / hidden.FILE).write_bytes(torn)
    refused(archive, "restricted.db: ", "put ")


def test_a_decision_that_cannot_be_read_is_not_passed_over(archive):
    archive.directory.decisions.write_text("{}\n{}\n", encoding="utf-8")
    refused(archive, "decisions.jsonl: line 1 is no decision")


def test_a_restricted_article_that_no_file_holds_is_named(archive):
    line = {"at": "2026-10-05T00:00:00Z", "what": "restrict", "reason": "asked for", "uid": "0" * 16}
    archive.directory.decisions.write_text(json.dumps(line) + "\n", encoding="utf-8")
    said = archive.rebuild().stderr
    assert f"{'0' * 16} is to be restricted, and no file holds that article" in said


def damage(path, change):
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


def test_a_flipped_byte_costs_its_record_and_is_named(archive):
    """And what stands for that record; nothing else does, and a later crawl keeps the page whole again."""
    page = [row for row in archive.held["captures"].values() if row["url"].endswith("/news/5.html")]
    assert [row["kind"] for row in sorted(page, key=lambda row: row["fetched_at"])] == ["response", "same"]
    (capture,) = [row for row in page if row["kind"] == "response"]
    path = archive.directory.warc / capture["warc"]

    def flip(data):
        data[capture["offset"] + 200] ^= 0x55

    damage(path, flip)
    ended = archive.rebuild(status=1)
    first, second = ended.stderr.splitlines()
    assert first.startswith(f"{path} at {capture['offset']}: ")
    assert f"stands for {capture['record_id']}, which cannot be read here" in second
    assert len(archive.articles) == 5
    assert archive.held["captures"].keys() - {(row["record_id"],) for row in page} == {
        (row["record_id"],) for row in archive.rows("SELECT record_id FROM captures")
    }
    archive.on(3, "crawl", "--full", "lokal")
    (again,) = archive.rows("SELECT kind, uid FROM captures WHERE url LIKE '%/news/5.html'")
    assert (again["kind"], again["uid"]) == ("response", archive.uid("/news/5.html"))


def test_of_a_file_that_is_cut_all_before_the_cut_comes_back(archive):
    first, last = warcs(archive)
    data = last.read_bytes()
    last.write_bytes(data[: len(data) // 2])
    result = rebuild_here(archive)
    (problem,) = result.contents.problems
    assert str(last) in problem
    assert result.articles == 6
    rows = {row["record_id"] for row in archive.rows("SELECT record_id FROM captures")}
    of_first = {id_ for (id_,), row in archive.held["captures"].items() if row["warc"] == first.name}
    assert of_first < rows < {id_ for (id_,) in archive.held["captures"]}


def test_a_file_made_elsewhere_in_warc_is_told_and_costs_nothing(archive):
    from foreign_files import warcio_file

    (archive.directory.warc / "hewan.warc.gz").write_bytes(warcio_file())
    ended = archive.rebuild()
    assert "2 responses in warc/ are of no run of this archive; take their file in with" in ended.stderr
    assert compared(archive) == []


def test_no_warc_file_at_all_among_them_is_named(archive):
    (archive.directory.warc / "notes.warc.gz").write_bytes(b"no WARC file")
    result = rebuild_here(archive)
    assert any("notes.warc.gz" in one for one in result.contents.problems)
    assert compared(archive) == []


def test_a_site_without_a_profile_waits_for_one(archive):
    profile = archive.directory.sites / "lokal.toml"
    profile.rename(profile.with_suffix(".aside"))
    said = archive.rebuild().stderr
    assert "lokal: has no profile, so " in said
    assert "add sites/lokal.toml" in said
    archive.forget()
    profile.with_suffix(".aside").rename(profile)
    rebuild_here(archive)
    assert compared(archive) == []


@pytest.mark.parametrize("moment", ["indexed", "told", "placed"])
def test_a_rebuild_that_is_killed_is_done_again(archive, moment):
    rebuild_here(archive)
    archive.on(3, "restrict", archive.uid("/news/3.html"), "--reason", "asked for")
    archive.held = own_tables(archive)
    archive.forget()
    process = archive.start_killed_rebuild(moment)
    process.communicate(timeout=60)
    assert process.returncode == -9
    assert not archive.directory.database.exists()
    assert (archive.path / hidden.FILE).exists() == (moment == "placed")
    rebuild_here(archive)
    assert compared(archive) == []
    assert not (archive.path / "rebuilding").exists()


def test_json_says_the_same_as_the_words(archive):
    said = json.loads(archive.rebuild("--json").stdout)
    assert (said["articles"], said["revisions"], said["restricted"], said["nobodys"]) == (6, 7, 0, 0)
    assert said["folded"]["captures"] == len(archive.held["captures"])
