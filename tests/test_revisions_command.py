"""`union-archive revisions`: what an article said over time, on a terminal, in a pipe and for programs."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import edited
import pytest
from click.testing import CliRunner
from filled import Filler, article, reading, rows, version_1

from archive import restricting
from archive.article import EXPORTED, uid
from archive.cli import cli
from archive.directory import ArchiveDirectory
from archive.export import export

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return edited.edited(tmp_path_factory.mktemp("revisions"))


def run(directory, *args: str):
    return CliRunner().invoke(cli, ["--archive", str(directory.path), "revisions", *args])


def told(directory, one, *args: str) -> str:
    result = run(directory, uid(one.url), *args)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_history_is_told_in_the_order_of_time(directory):
    assert (
        told(directory, edited.EDITED)
        == f"""\
第7期技能培训班延期
  {uid(edited.EDITED.url)} · chengnan · http://chengnan.example.org/news/7.html

revision 1 · seen 2025-03-01 01:01 UTC
  title: 第7期技能培训班开班

revision 2 · seen 2025-03-03 01:02 UTC
  text:
    城南区总工会[-2023年5月3-]{{+2024年6月4+}}日召开代表大会，选举[-张三-]{{+李四+}}为主席。

withdrawn · 2025-03-05 01:00 UTC: redirects to http://chengnan.example.org/; 2 visits, the last 2025-03-06 01:00 UTC

back · 2025-03-09 01:00 UTC

revision 3 · seen 2025-03-10 01:03 UTC
  title: 第7期技能培训班[-开班-]{{+延期+}}
  authors: 李晓 [-王大山-] {{+王小山+}}
  published_at: [-2025-02-07-] {{+2025-02-08T09:30:00+08:00+}}
  text:
    {{+新的一段：奖金提高了。+}}
    今后五年，每年培训职工不少于[-三-]{{+五+}}千人次，集体合同覆盖八成以上企业。
  attachments: {{+报名表 http://chengnan.example.org/b.pdf+}}

withdrawn · 2025-03-21 01:00 UTC: HTTP 404; 2 visits, the last 2025-03-24 01:00 UTC
"""
    )


def test_a_first_visit_that_found_it_gone_proves_nothing_yet(directory):
    last = told(directory, edited.PLAIN).splitlines()[-1]
    assert last == "found gone, not yet withdrawn · 2025-03-31 01:00 UTC: HTTP 404; 1 visit"


def test_the_whole_text_can_be_had(directory):
    whole = told(directory, edited.EDITED, "--text")
    assert whole.count(edited.THIRD) == 3
    assert edited.THIRD not in told(directory, edited.EDITED)
    assert f"  text:\n    {edited.FIRST}\n" in whole


def test_programs_get_one_object(directory):
    found = json.loads(told(directory, edited.EDITED, "--json"))
    assert list(found) == ["uid", "url", "site", "title", "withdrawn_at", "revisions", "withdrawals"]
    assert found["withdrawn_at"] == "2025-03-21T01:00:00Z"
    assert [one["revision"] for one in found["revisions"]] == [1, 2, 3]
    first, second, _ = found["revisions"]
    assert first["changes"] is None
    (change,) = second["changes"]
    assert change["field"] == "text"
    assert [(line["kind"], line.get("lines")) for line in change["lines"]] == [("changed", None), ("same", 2)]
    assert change["lines"][0]["pieces"][1:3] == [["gone", "2023年5月3"], ["new", "2024年6月4"]]
    assert [(one["how"], one["back_at"]) for one in found["withdrawals"]] == [
        ("redirects to http://chengnan.example.org/", "2025-03-09T01:00:00Z"),
        ("HTTP 404", None),
    ]
    whole = json.loads(told(directory, edited.EDITED, "--json", "--text"))["revisions"][1]["changes"][0]["lines"]
    assert [line["kind"] for line in whole] == ["changed", "same", "same"]


def test_an_article_is_named_by_its_address_too(directory):
    assert run(directory, edited.EDITED.url).output == told(directory, edited.EDITED)


@pytest.mark.parametrize("name", ["0123456789abcdef", "x", "http://chengnan.example.org/none"])
def test_an_unknown_article_is_said_in_one_line(directory, name):
    result = run(directory, name)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith(f"Error: {name}: no article that this archive shows; ")


def test_a_restricted_article_is_not_told(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    directory = filler.close()
    restricting.restrict(directory, uid(article(1).url), "asked for")
    assert run(directory, uid(article(1).url)).exit_code == 1


def test_an_archive_of_an_older_version_has_its_revisions(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    (row,) = rows(directory, "SELECT uid FROM revisions WHERE revision = 2")
    assert "revision 2 · seen" in run(directory, row["uid"]).output


def test_data_that_cannot_be_read_are_said_in_one_line(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.page(article(1, title="第1期技能培训班延期"))
    filler.db.execute("UPDATE revisions SET content = '{' WHERE revision = 1")
    result = run(filler.close(), uid(article(1).url))
    assert result.exit_code == 1
    assert "union-archive reparse" in result.output.splitlines()[-1]


STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("more", [(), ("--text",)])
def test_nothing_of_a_page_steers_a_terminal(directory, more):
    said = told(directory, edited.HOSTILE, *more)
    assert STEERS.findall(said) == []
    assert "[-旧-]{+新+}[31m红<b>&" in said


def on_a_terminal(directory, *args: str, **environment: str) -> str:
    """What the command prints when its output is a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from archive.cli import cli; cli(prog_name='union-archive')"]
    with closing(os.fdopen(theirs, "wb")):
        process = subprocess.Popen(
            [*command, "--archive", str(directory.path), "revisions", *args],
            cwd=ROOT, stdout=theirs, stderr=subprocess.PIPE, env={**os.environ, **environment},
        )  # fmt: skip
    printed = b""
    with closing(os.fdopen(ours, "rb", buffering=0)) as terminal:
        try:
            while more := terminal.read(4096):
                printed += more
        except OSError:  # so it ends
            pass
    assert process.wait(30) == 0, process.stderr.read()
    process.stderr.close()
    return printed.decode().replace("\r\n", "\n")


def test_a_terminal_shows_colours_and_where_they_are_not_wanted_marks(directory):
    name = uid(edited.EDITED.url)
    coloured = on_a_terminal(directory, name, NO_COLOR="")
    assert "选举\x1b[31m\x1b[9m张三\x1b[0m\x1b[32m李四\x1b[0m为主席" in coloured
    assert "[-" not in coloured
    assert on_a_terminal(directory, name, NO_COLOR="1") == told(directory, edited.EDITED)


def test_an_export_with_revisions_has_what_was_withdrawn(directory):
    with reading(directory) as db:
        found = {one["url"]: one for one in export(db, revisions=True)}
        assert all("withdrawals" not in one for one in export(db))
    assert all(tuple(one) == (*EXPORTED, "revisions", "withdrawals") for one in found.values())
    assert found[edited.EDITED.url]["withdrawals"] == [
        {
            "since": "2025-03-05T01:00:00Z",
            "how": "redirects to http://chengnan.example.org/",
            "confirmed_at": "2025-03-06T01:00:00Z",
            "back_at": "2025-03-09T01:00:00Z",
        },
        {
            "since": "2025-03-21T01:00:00Z",
            "how": "HTTP 404",
            "confirmed_at": "2025-03-24T01:00:00Z",
            "back_at": None,
        },
    ]
    assert found[edited.PLAIN.url]["withdrawals"] == []
    said = [one["content"] and one["content"]["title"] for one in found[edited.EDITED.url]["revisions"]]
    assert said == ["第7期技能培训班开班", "第7期技能培训班开班", None]


def test_every_format_takes_the_last_keys(directory, tmp_path):
    for name in ("jsonl", "json", "csv"):
        out = tmp_path / f"out.{name}"
        arguments = ["--archive", str(directory.path), "export", "--revisions", "-o", str(out)]
        assert CliRunner().invoke(cli, arguments).exit_code == 0
        assert "withdrawals" in out.read_text(encoding="utf-8").splitlines()[0 if name == "csv" else 1]
