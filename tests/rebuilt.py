"""Archives whose database is deleted and made again from their WARC files, for tests: what they held, told apart."""

import importlib
import json
import os
import signal
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import processes
from crawls import Crawls, finish
from local_server import Reply

from crawler.pool import Pool
from crawler.pooling import process
from crawler.profile_reader import read_profile
from crawler.rebuilding.rebuild import rebuild

START = datetime.fromisoformat("2026-10-01T00:00:00+00:00")
#: By table, what tells its rows apart. References by number are named as what they refer to: `_NAMED`.
KEYS = {
    "runs": ("id",),
    "looks": ("site", "section", "day"),
    "readings": ("site", "section", "day", "layout"),
    "withdrawals": ("uid", "since"),
    "incidents": ("site", "section", "kind", "began_at"),
    "aliases": ("url",),
    "media": ("uid", "url"),
    "months": ("site", "month"),
    "restrictions": ("site", "uid"),
    "captures": ("record_id",),
    "revisions": ("uid", "revision"),
    "articles": ("uid",),
    "frontier": ("site", "key"),
    "sites": ("id",),
}
_CAPTURE = "(SELECT record_id FROM captures AS c WHERE c.id = t.{})"
_NAMED = {"capture": _CAPTURE, "payload": _CAPTURE}
#: What may differ in any table. `id`: the order of rows; `change`: counted anew.
MAY_DIFFER = {"id", "change"}
#: And by table: word of old incidents is not sent again, the moment of a restriction is that of its decision.
MAY_DIFFER_IN = {
    "incidents": {"told"},
    "frontier": {"priority", "discovered_at", "checked_at"},
    "restrictions": {"since"},
}
#: Of a URL that was asked for in vain, or forbidden, no answer lies in `warc/`: it is due again.
UNANSWERED = {"state", "error", "run", "tries", "next_check", "status"}


class Lived(Crawls):
    """An archive that is crawled at days after START, by a clock that the test sets."""

    def at(self, day):
        """Set the clock; it stands still until the next time."""
        clock = self.path / "clock"
        clock.write_text((START + timedelta(days=day)).isoformat(), encoding="ascii")
        return {"UNION_ARCHIVE_CLOCK": str(clock)}

    def on(self, day, *arguments, status=0):
        """Run the command on a day; return what it wrote."""
        process = processes.start(_in_haste, "--archive", str(self.path), *arguments, **self.at(day))
        self._started.append(process)
        ended = finish(process)
        assert ended.clean, ended.stderr
        assert ended.returncode == status, ended.stdout + ended.stderr
        return ended.stdout

    @classmethod
    def again(cls, path):
        """Take an archive that is there, a copy for instance, as it is."""
        config = (path / "archive.toml").read_text(encoding="utf-8")
        archive = cls(path)
        archive.directory.config_file.write_text(config, encoding="utf-8")
        return archive

    def start_killed_rebuild(self, moment):
        """Start a rebuild that is killed with SIGKILL at a moment: `indexed`, `told`, `placed`."""
        process = processes.start(_rebuild_and_die, str(self.path), moment)
        self._started.append(process)
        return process

    def forget(self):
        """Delete the databases."""
        for path in [*self.path.glob("archive.db*"), *self.path.glob("restricted.db*")]:
            path.unlink()

    def rebuild(self, *options, status=0):
        """Make the databases again; return what the command said."""
        ended = self.command("import", "--rebuild", "--jobs", "1", *options)
        assert ended.clean, ended.stderr
        assert ended.returncode == status, ended.stdout + ended.stderr
        return ended

    def export(self):
        """What is given out, by uid, but for `change`."""
        lines = self.on(99, "export", "--revisions").splitlines()
        return {one.pop("uid"): one | {"change": None} for one in map(json.loads, lines)}

    def uid(self, path, site="lokal"):
        """The uid of the article at a path."""
        (row,) = self.rows("SELECT uid FROM articles WHERE site = ? AND url LIKE ?", site, f"%{path}")
        return row["uid"]


def _in_haste(*arguments):
    """Run the command; what gets no answer is tried again at once."""
    from crawler import setbacks

    setbacks.RETRY_SECONDS = setbacks.HOLD_SECONDS = 0.02
    processes.command(*arguments)


class Here(Pool):
    """Reads in this process."""

    def __init__(self, warc, profiles):
        self._warc, self._profiles = warc, profiles

    def read(self, tasks):
        for task in tasks:
            yield process.done_with(task, self._warc, self._profiles[task.site], 60.0)

    def close(self):
        pass


def own_profiles(archive):
    """The profiles of an archive's own sites alone: the registry has a hundred more."""
    return {path.stem: read_profile(path) for path in sorted(archive.directory.sites.glob("*.toml"))}


def rebuild_here(archive):
    """Make the databases of an archive again in this process; return what came of it."""
    return rebuild(archive.directory, own_profiles(archive), jobs=1, pool=Here)


def _rebuild_and_die(path, moment):
    """Rebuild, and be killed once all is read, in the middle of it, or before archive.db is in its place."""
    module = importlib.import_module("crawler.rebuilding.rebuild")
    name = {"indexed": "_put_sites", "told": "_count", "placed": "_put_in_place"}[moment]

    def die(directory, room, *rest):
        if moment == "placed":
            (room / "restricted.db").replace(directory.path / "restricted.db")
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, die)
    rebuild_here(Lived.again(Path(path)))


def tables(path):
    """What a database holds: by table, the rows by what tells them apart; references by what they refer to."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        found = {}
        for table, key in KEYS.items():
            names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(f"{_NAMED[one].format(one)} AS {one}" if one in _NAMED else one for one in names)
            rows = [dict(row) for row in connection.execute(f"SELECT {columns} FROM {table} AS t")]
            found[table] = {tuple(row[one] for one in key): row for row in rows}
            assert len(found[table]) == len(rows), table
        return found


def differences(before, after, but_for=None):
    """Where two results of `tables` differ, one line each; `but_for` names further columns by table that may."""
    lines = []
    for table, rows in before.items():
        now, apart = after[table], MAY_DIFFER | MAY_DIFFER_IN.get(table, set()) | (but_for or {}).get(table, set())
        lines += [f"{table}: {key} is missing" for key in rows.keys() - now.keys()]
        lines += [f"{table}: {key} is new" for key in now.keys() - rows.keys()]
        for key in rows.keys() & now.keys():
            one, other = rows[key], now[key]
            may = UNANSWERED if table == "frontier" and one["status"] is None else set()
            names = [name for name in one if name not in apart | may and one[name] != other[name]]
            lines += [f"{table}: {key}: {name}: {one[name]!r} → {other[name]!r}" for name in names]
    return sorted(lines)


def validated(body, etag):
    """A page that answers 304 to who has it."""

    def answer(request):
        if request.headers.get("if-none-match") == etag:
            return Reply(b"", 304, "Not Modified", (("ETag", etag),))
        return Reply(body, headers=(("Content-Type", "text/html; charset=utf-8"), ("ETag", etag)))

    return answer


async def silence(_, writer):
    """Close the connection without a word, as `LocalSite.raw` has it."""
    writer.close()
