"""decisions.jsonl: what a person decided is on the disk before anything is done, and no line is passed over."""

import pytest
from click.testing import CliRunner
from filled import article, filled, rows

from archive import decisions, restricting, verify
from archive.article import uid as uid_of
from archive.cli import cli
from archive.errors import ArchiveError

ONE, TWO = uid_of(article(1).url), uid_of(article(2).url)


@pytest.fixture
def directory(tmp_path):
    return filled(tmp_path, 2)


def problems(directory) -> list[str]:
    found = []
    verify.verify(directory, lambda problem: found.append(str(problem)))
    return found


def run(directory, *args: str):
    return CliRunner().invoke(cli, ["--archive", str(directory.path), "restrict", *args])


def test_a_decision_that_a_crash_tore_is_told_and_cut_off(directory):
    path = directory.decisions
    restricting.restrict(directory, ONE, "asked for")
    with path.open("ab") as file:
        file.write(b'{"at": "2026-01-01T00:00:00Z", "what": "lift", "uid": "')
    assert any("the last line is torn" in problem for problem in problems(directory))
    result = run(directory, TWO, "--reason", "原因")
    assert "the last line is torn" in result.output
    known, torn = decisions.read(path)
    assert ([one.about for one in known], torn) == ([ONE, TWO], None)
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))  # as some editors do
    restricting.lift(directory, TWO, "settled")
    assert len(decisions.read(path)[0]) == 3


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"what": "hide"}', '{"at": "", "what": "lift", "reason": ""}'])
def test_a_line_that_is_no_decision_is_never_passed_over(directory, line):
    restricting.restrict(directory, ONE, "asked for")
    path = directory.decisions
    path.write_text(line + "\n" + path.read_text())
    result = run(directory, TWO, "--reason", "asked for")
    assert result.exit_code == 1
    assert "decisions.jsonl: line 1 is no decision" in result.output
    assert any("line 1 is no decision" in problem for problem in problems(directory))
    assert rows(directory, f"SELECT 1 FROM articles WHERE uid = '{TWO}'")


def test_a_restriction_without_a_decision_is_told(directory):
    restricting.restrict(directory, ONE, "asked for")
    directory.decisions.unlink()
    (problem,) = problems(directory)
    assert f"{ONE}: is restricted without a decision; decide it: `union-archive restrict --lift {ONE}" in problem


def test_decisions_that_cannot_be_written_change_nothing(directory):
    directory.decisions.mkdir()
    result = run(directory, ONE, "--reason", "asked for")
    assert result.exit_code == 1
    assert "decisions.jsonl: cannot be read" in result.output
    assert rows(directory, f"SELECT 1 FROM articles WHERE uid = '{ONE}'")


@pytest.mark.parametrize(
    "line",
    [
        '{"at": "", "what": "accept", "site": "chengnan"}',
        '{"at": "", "what": "accept", "uid": "0", "kind": "layout"}',
        '{"at": "", "what": "accept", "site": "chengnan", "kind": "layout", "names": "layout=1"}',
        '{"at": "", "what": "accept", "site": "chengnan", "kind": "layout", "names": [1]}',
        '{"at": "", "what": "undated", "site": "chengnan"}',
        '{"at": "", "what": "restrict", "uid": "0"}',
        '{"at": "", "what": "postpone", "uid": "0"}',
        '{"at": 1, "what": "undated", "uid": "0"}',
        '{"at": "", "what": "undated", "uid": "0", "until": "2027"}',
    ],
)
def test_a_decision_that_this_version_does_not_know_is_never_passed_over(directory, line):
    directory.decisions.write_text(line + "\n")
    with pytest.raises(ArchiveError, match=r"decisions\.jsonl: line 1 is no decision \(.*\); mend it by hand"):
        decisions.read(directory.decisions)


def test_files_of_the_first_version_stay_readable(directory):
    old = '{"at": "2026-01-01T00:00:00Z", "what": "restrict", "reason": "asked for", "uid": "' + ONE + '"}\n'
    directory.decisions.write_text(old)
    (one,) = decisions.read(directory.decisions)[0]
    assert one == decisions.Decision("2026-01-01T00:00:00Z", "restrict", "asked for", uid=ONE)
    decisions.append(directory, one)
    assert directory.decisions.read_text() == old * 2


def test_what_a_review_decides_restricts_and_lifts_nothing(directory):
    restricting.restrict(directory, ONE, "asked for")
    told = [
        decisions.Decision("2026-01-01T00:00:00Z", "undated", uid=ONE),
        decisions.Decision("2026-01-01T00:00:00Z", "withdrawn", uid=ONE, since="2025-12-01T00:00:00Z"),
        decisions.Decision("2026-01-01T00:00:00Z", "accept", site="yunhe", kind="fields", names=("field=date",)),
    ]
    decisions.append(directory, *told)
    known = decisions.read(directory.decisions)[0]
    assert known[1:] == told
    assert list(decisions.in_force(known)) == [ONE]
    assert [one["uid"] for one in restricting.restrictions(directory)] == [ONE]
    assert problems(directory) == []


def test_the_last_answer_to_a_question_counts():
    first = decisions.Decision("2026-01-01T00:00:00Z", "withdrawn", uid=ONE, since="2025-12-01T00:00:00Z")
    other = decisions.Decision("2026-01-02T00:00:00Z", "withdrawn", uid=ONE, since="2025-12-09T00:00:00Z")
    last = decisions.Decision("2026-01-03T00:00:00Z", "not-withdrawn", uid=ONE, since="2025-12-01T00:00:00Z")
    restricted = decisions.Decision("2026-01-04T00:00:00Z", "restrict", "asked for", uid=ONE)
    answers = decisions.answers([first, other, last, restricted])
    assert set(answers.values()) == {other, last}
    assert answers[first.question] is last
