"""A line of the user's crontab that crawls what is due."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from archive.errors import ArchiveError
from crawler.scheduling.plan import Plan
from crawler.scheduling.tools import ask, there

#: Bytes of a command that Vixie's cron and its heirs take.
MOST = 998
#: How `crontab -l` says that there is none (Vixie's cron, cronie, Debian's; busybox).
_NONE = re.compile(r"no crontab|no such file|can't open", re.IGNORECASE)
#: A log a year. In a crontab a bare % ends the line; the shell takes the backslash away where cron leaves it.
_LOG = r"crawl-$(date +\%Y).log"


def lines(plan: Plan) -> tuple[str, str]:
    """Return the comment that says whose line follows, and the line. Raises ArchiveError when it becomes too long."""
    command = _command(plan)
    if (size := len(command.encode())) > MOST:
        raise ArchiveError(
            f"{plan.archive}: cron takes commands of up to {MOST} bytes, this one has {size}; take --systemd, "
            "or a link with a shorter name"
        )
    hours = {60: "*", 1440: "0"}.get(max(plan.every, 60), f"*/{plan.every // 60}")
    return _mark(plan.archive), f"{plan.minutes} {hours} * * * {command}"


def _mark(archive: Path) -> str:
    return f"# union-archive schedule: {archive}"


def _command(plan: Plan) -> str:
    """Return what cron gives to the shell: it waits for nobody, writes to a log, and shows its end when it failed."""
    flock = shutil.which("flock")
    # Busybox's knows no -E: there the locks of the sites alone keep two crawls apart.
    alone = "flock -n -E 0 . " if flock and "busybox" not in Path(flock).resolve().name else ""
    program = " ".join(map(shell, plan.program))
    return (
        f"{_enters(plan.archive)}{alone}nice -n 10 {program} "
        f'--archive "$PWD" {" ".join(plan.task)} >>{_LOG} 2>&1 || tail -n 20 {_LOG}'
    )


def _enters(archive: Path) -> str:
    return f"cd {shell(str(archive))} && "


def shell(word: str) -> str:
    r"""Return a word for the shell in a crontab; the word holds no control character.

    `\%` stands outside the quotes, where it means % whether cron takes the backslash or not. Some crons make one of
    two backslashes: quotes that close and open again keep them apart.
    """
    pieces = [shlex.quote(piece) if piece else "" for piece in word.split("%")]
    return re.sub(r"\\(?=\\)", r"\\''", r"\%".join(pieces))


def with_line(table: str, plan: Plan) -> str:
    """Return a crontab with the archive's line, in the place of the one it had, else at the end."""
    mine = "\n".join(lines(plan)) + "\n"
    before, after = _around(table, plan.archive)
    if before and not before.endswith("\n"):
        before += "\n"
    return before + mine + after


def without_line(table: str, archive: Path) -> str:
    """Return a crontab without the archive's line; every other line stays as it is."""
    return "".join(_around(table, archive))


def _around(table: str, archive: Path) -> tuple[str, str]:
    """Return what stands before and behind the archive's line; all and nothing where it has none.

    The line behind the comment is the archive's only when it enters its directory to crawl: somebody may have deleted
    it and left the comment.
    """
    before: list[str] = []
    after: list[str] = []
    kept = before
    rest = re.findall(r"[^\n]*\n|[^\n]+", table)
    while rest:
        line = rest.pop(0)
        if line.rstrip("\r\n") != _mark(archive):
            kept.append(line)
            continue
        kept = after
        if rest and _enters(archive) in rest[0] and " crawl --due " in rest[0]:
            rest.pop(0)
    return "".join(before), "".join(after)


def install(plan: Plan) -> Iterator[str]:
    """Put the line into this user's crontab; yield what was done. Raises ArchiveError when crontab refuses."""
    yield _change(with_line(table := _table(), plan), table, f"crontab: crawls {plan.archive}")


def remove(archive: Path) -> Iterator[str]:
    """Take the archive's line out of this user's crontab; yield what was done. Raises ArchiveError."""
    table = _table()
    if (left := without_line(table, archive)) != table:
        yield _change(left, table, f"crontab: no longer crawls {archive}")


def in_place(archive: Path) -> bool:
    """Return whether this user's crontab has the archive's line; not, where there is no crontab to be read."""
    if not there("crontab"):
        return False
    answer = ask("crontab", "-l")
    return answer.ok and without_line(answer.said, archive) != answer.said


def _table() -> str:
    """Return this user's crontab, empty when there is none.

    Raises ArchiveError for any other answer: to take it for an empty crontab would cost the user every line of theirs.
    """
    if not there("crontab"):
        raise ArchiveError("crontab: not installed here; install cron, or take --systemd")
    answer = ask("crontab", "-l")
    if not answer.ok and not _NONE.search(answer.error):
        raise ArchiveError(f"crontab -l: {answer.error}; nothing was changed")
    return answer.said if answer.ok else ""


def _change(table: str, before: str, done: str) -> str:
    if table == before:
        return f"{done}, as before"
    answer = ask("crontab", "-", told=table)
    if not answer.ok:
        raise ArchiveError(f"crontab -: {answer.error}; nothing was changed")
    return done
