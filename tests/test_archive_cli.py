"""The commands that need no crawler: what they print, where, and how they end."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from filled import Filler, article, filled

from archive import __version__, progress
from archive.cli import cli
from archive.progress import Progress
from archive.search import index

ROOT = Path(__file__).parent.parent


def run(path: Path, *arguments: str, **options) -> Result:
    return CliRunner().invoke(cli, ["--archive", str(path), *arguments], **options)


def started(path: Path, *arguments: str, **options) -> subprocess.Popen:
    """The command as a process of its own."""
    program = "from archive.cli import cli; cli(prog_name='union-archive')"
    command = [sys.executable, "-c", program, "--archive", str(path), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def error(result: Result, status: int = 1) -> str:
    """The one line that a failed command prints."""
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    return lines[0]


def test_init_makes_an_archive_and_asks_for_a_contact(tmp_path):
    result = run(tmp_path / "union", "init")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{tmp_path / 'union' / 'archive.toml'}: written\n")
    assert "contact" in result.stdout
    assert (tmp_path / "union" / "warc").is_dir()


def test_init_keeps_what_is_there(tmp_path):
    (tmp_path / "archive.toml").write_text('contact = "archive@example.org"')
    result = run(tmp_path, "init")
    assert result.stdout == f"{tmp_path / 'archive.toml'}: kept as it was\n"
    assert (tmp_path / "archive.toml").read_text() == 'contact = "archive@example.org"'


def test_init_says_what_is_wrong_with_the_configuration_it_keeps(tmp_path):
    (tmp_path / "archive.toml").write_text("contakt = 1")
    assert "archive.toml: unknown key 'contakt'; expected one of name, contact" in error(run(tmp_path, "init"))


def test_init_on_a_file_fails(tmp_path):
    (tmp_path / "union").write_text("")
    assert "is a file; name a directory with --archive DIR" in error(run(tmp_path / "union", "init"))


@pytest.mark.parametrize("command", ["export", "verify", "serve"])
def test_a_command_that_reads_needs_an_archive(tmp_path, command):
    assert "holds no archive.db; crawl first" in error(run(tmp_path, command))
    assert list(tmp_path.iterdir()) == []


def test_the_archive_may_be_named_by_the_environment(tmp_path, monkeypatch):
    filled(tmp_path)
    monkeypatch.setenv("UNION_ARCHIVE", str(tmp_path))
    assert CliRunner().invoke(cli, ["export"]).stdout.count("\n") == 6


def test_export_keeps_messages_off_stdout(tmp_path):
    result = run(filled(tmp_path).path, "export")
    assert result.exit_code == 0
    assert [json.loads(line)["change"] for line in result.stdout.splitlines()] == [1, 2, 3, 4, 5, 6]
    assert result.stderr == "6 articles; next: --since 6\n"


def test_the_next_since_is_exact_also_when_nothing_matched(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    result = run(tmp_path, "export", "--language", "ko")
    assert (result.stdout, result.stderr) == ("", "0 articles; next: --since 1\n")
    result = run(tmp_path, "export", "--since", "1")
    assert (result.stdout, result.stderr) == ("", "0 articles; next: --since 1\n")
    filler.page(article(2))
    assert json.loads(run(tmp_path, "export", "--since", "1").stdout)["title"] == article(2).title
    filler.close()


def test_export_writes_the_format_of_the_files_name(tmp_path):
    path = filled(tmp_path).path
    for name in ("a.jsonl", "a.json", "a.csv", "a.txt"):
        result = run(path, "export", "-o", str(tmp_path / name))
        assert (result.exit_code, result.stdout) == (0, "")
    lines = (tmp_path / "a.jsonl").read_bytes()
    assert lines == (tmp_path / "a.txt").read_bytes()
    assert json.loads((tmp_path / "a.json").read_bytes()) == [json.loads(line) for line in lines.splitlines()]
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))) == 6
    assert run(path, "export", "-o", "-").stdout.encode() == lines
    assert run(path, "export", "--format", "csv", "-o", str(tmp_path / "a.json")).exit_code == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "a.csv").read_bytes()


def test_export_takes_days_months_and_years(tmp_path):
    path = filled(tmp_path).path
    count = {
        options: run(path, "export", *options).stdout.count("\n")
        for options in [
            ("--after", "2025-02-04"),
            ("--after", "2025"),
            ("--before", "2025"),
            ("--after", "2025-02", "--before", "2025-03", "--site", "chengnan"),
            ("--site", "chengnan", "--site", "yunhe"),
        ]
    }
    assert list(count.values()) == [2, 6, 0, 5, 6]


def test_export_with_revisions(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(1, title="第1期技能培训班延期"))
    filler.close()
    first, second = json.loads(run(tmp_path, "export", "--revisions").stdout)["revisions"]
    assert first["content"]["title"] == article(1).title
    assert second["content"] is None
    (row,) = csv.DictReader(io.StringIO(run(tmp_path, "export", "--revisions", "--format", "csv").stdout))
    assert json.loads(row["revisions"]) == [first, second]


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--site", "chengna"], 2, "site 'chengna': not in this archive; did you mean chengnan?"),
        (["--query", "foo:bar"], 2, "foo: is no field"),
        (["--since", "99"], 2, "since 99: the archive's last change is 6"),
        (["-o", "missing/a.jsonl"], 1, "missing/a.jsonl: cannot be written"),
    ],
)
def test_export_fails_in_one_line(tmp_path, monkeypatch, arguments, status, says):
    monkeypatch.chdir(tmp_path)
    assert says in error(run(filled(tmp_path).path, "export", *arguments), status)


def test_search_prints_the_newest_first_with_excerpts(tmp_path):
    path = filled(tmp_path).path
    result = run(path, "search", "技能培訓班", "-第2期", "--limit", "2")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("第")] == ["第5期技能培训班开班", "第4期技能培训班开班"]
    assert "  2025-02-05 · chengnan · 工会要闻 · 运河工人报" in lines
    assert "\x1b" not in result.stdout
    assert result.stderr == "4 articles; 2 shown; more: --limit\n"
    assert "\x1b[31m\x1b[1m技能培训班\x1b" in run(path, "search", "技能培训班", color=True).stdout


def test_search_answers_programs_and_says_that_nothing_was_found(tmp_path):
    path = filled(tmp_path).path
    answer = json.loads(run(path, "search", "--json", "spring", "lang:en").stdout)
    assert (answer["count"], answer["more"], answer["hits"][0]["site"]) == (1, False, "yunhe")
    nothing = run(path, "search", "焊工")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "0 articles\n")
    assert "No such option: --limt" in run(path, "search", "工会", "--limt", "3").stderr
    assert error(run(path, "search", "，"), 2).startswith("Error: nothing to search for in '，'")


def test_search_shows_nothing_that_steers_a_terminal(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, title="标题\x1b[2J\u202e反", text="正文\x1b]0;x\x07里的培训内容，足够长的一段。"))
    shown = run(filler.close().path, "search", "培训").stdout
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}


def test_reindex_makes_the_index_again(tmp_path):
    path = filled(tmp_path).path
    connection = sqlite3.connect(path / "archive.db")
    with connection:
        connection.execute("INSERT INTO articles_fts(articles_fts) VALUES ('delete-all')")
    connection.close()
    assert json.loads(run(path, "search", "--json", "培训").stdout)["count"] == 0
    assert run(path, "reindex").stdout.endswith("archive.db: 6 articles in the search index\n")
    assert json.loads(run(path, "search", "--json", "培训").stdout)["count"] == 6


def test_citations_are_exported_with_the_address_of_the_archive(tmp_path):
    directory = filled(tmp_path)
    out = tmp_path / "all.bib"
    assert run(directory.path, "export", "-o", str(out), "--query", "第3期").exit_code == 0
    assert out.read_text().count("@") == 1
    uid = json.loads(run(directory.path, "search", "--json", "第3期").stdout)["hits"][0]["uid"]
    assert uid in out.read_text()
    directory.config_file.write_text('[publish]\naddress = "https://archive.example.org/"')
    shown = run(directory.path, "export", "--format", "csl-json", "--query", "第3期").stdout
    assert f"https://archive.example.org/article/{uid}" in shown
    assert len(json.loads(shown)) == 1


def test_a_failed_export_leaves_the_file_as_it_was(tmp_path):
    path = filled(tmp_path).path
    out = tmp_path / "a.jsonl"
    out.write_text("before")
    connection = sqlite3.connect(path / "archive.db")
    index.register(connection)
    with connection:
        connection.execute("UPDATE articles SET authors = '[' WHERE change = 6")
    connection.close()
    assert "its authors are no JSON" in error(run(path, "export", "-o", str(out)))
    assert out.read_text() == "before"


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "--after", "yesterday"],
        ["export", "--since", "-1"],
        ["export", "--format", "xml"],
        ["serve", "--port", "70000"],
        ["exprot"],
    ],
)
def test_wrong_usage_exits_2(tmp_path, arguments):
    result = run(filled(tmp_path).path, *arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_the_version_is_the_packages():
    assert CliRunner().invoke(cli, ["--version"]).stdout == f"union-archive {__version__}\n"


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "archive.db").write_bytes(b"no database at all, " * 300)
    assert "archive.db: file is not a database; put the file aside" in error(run(tmp_path, "export"))


def test_damage_met_on_the_way_is_one_line(tmp_path):
    path = filled(tmp_path, 60).path
    data = bytearray((path / "archive.db").read_bytes())
    data[4096 * 25 :] = bytes(len(data) - 4096 * 25)
    (path / "archive.db").write_bytes(data)
    result = run(path, "export", "-o", str(tmp_path / "a.jsonl"))
    assert "archive.db: database disk image is malformed; look at it with `union-archive verify`" in error(result)
    assert not (tmp_path / "a.jsonl").exists()


def test_verify_says_what_was_checked(tmp_path):
    result = run(filled(tmp_path).path, "verify")
    assert result.exit_code == 0
    assert result.stdout == "checked 6 articles, 6 revisions, 6 captures, 13 records in 1 WARC files\n"
    assert result.stderr == ""


def test_verify_names_problems_and_exits_1(tmp_path):
    path = filled(tmp_path).path
    (warc,) = (path / "warc").glob("*.warc.gz")
    warc.write_bytes(warc.read_bytes()[:-4])
    result = run(path, "verify")
    assert result.exit_code == 1
    problem, summary = result.stdout.splitlines()
    assert problem.startswith(f"{warc} at ")
    assert problem.endswith("the file ends inside a record; put the file back from a copy of the archive")
    assert summary.startswith("checked 6 articles")
    assert result.stderr == ""


def test_verify_as_json(tmp_path):
    path = filled(tmp_path).path
    answer = json.loads(run(path, "verify", "--json").stdout)
    assert answer == {
        "ok": True, "warc_files": 1, "being_written": 0, "records": 13, "unreferenced": 0, "captures": 6,
        "articles": 6, "revisions": 6, "restricted": 0, "rebuilt": 0, "indexed": 6, "untied": 0, "older": 0,
        "mended_by": {}, "problems": [],
    }  # fmt: skip
    (warc,) = (path / "warc").glob("*.warc.gz")
    warc.unlink()
    result = run(path, "verify", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["ok"] is False
    assert [problem["where"] for problem in answer["problems"]] == [str(warc)]


def test_a_reader_that_has_had_enough_ends_the_export_quietly(tmp_path):
    filler = Filler(tmp_path)
    for number in range(40):
        filler.page(article(number, text="送温暖活动走进环卫工人休息点。" * 2000))
    filler.close()
    process = started(tmp_path, "export")
    assert process.stdout.read(8) == b'{"uid":"'
    process.stdout.close()
    stderr = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=20), stderr) == (0, b"")


def test_stdout_is_utf8_whatever_the_terminals_charset(tmp_path):
    path = filled(tmp_path).path
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    out, _ = started(path, "export", env=environment).communicate(timeout=20)
    assert json.loads(out.splitlines()[0])["title"] == article(1).title


def test_progress_is_a_plain_line_now_and_then_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0.0)
    with Progress("export", 2000, "articles") as bar:
        bar.advance(1500)
    assert capsys.readouterr().err == "export: 1,500 of 2,000 articles\n"
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 60.0)
    with Progress("export", 2000, "articles") as bar:
        bar.advance(1500)
        bar.note("a line")
    assert capsys.readouterr() == ("a line\n", "")


def test_progress_is_a_bar_on_a_terminal(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress("verify", 10, "B") as bar:
        bar.advance(5)
        bar.note("a line")
    assert "verify" in terminal.getvalue()
    assert "10" in terminal.getvalue()
    assert capsys.readouterr().out == "a line\n"
