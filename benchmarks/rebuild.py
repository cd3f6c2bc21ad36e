"""The database of an archive that lived for two months, deleted and made again from its WARC files: is it the same?"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from measuring import Measured, measure, table, union_archive, verdict
from rebuild_archive import left, lived
from rebuild_cluster import cluster
from visits_archive import Archive, other_extractor

#: Captures a second that one core must read, and how much faster two are; two workers of Dask against one.
CORE, TWO, DASK = 300, 1.8, 1.7
#: Differences that are printed.
NAMED = 20
#: What the other cleaning rule drops: some articles hold it.
DROPPED = "第12"

Articles = dict[str, dict]


def main() -> None:
    """Run it; exit 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5000, metavar="N")
    parser.add_argument("--only", choices=("local", "dask", "reparse"), nargs="+", default=("local", "dask", "reparse"))
    parser.add_argument("--again", type=Path, metavar="DIR", help="take the archive that --keep left there")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the archive there, and leave it")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        left(options.again) if options.again else lived(options.keep or Path(name), options.articles) as archive,
    ):
        before = _export(archive.directory)
        counts = archive.rows(_COUNTS)[0]
        print("  ".join(f"{value} {name}" for name, value in counts.items()))
        faults = []
        if "local" in options.only:
            faults += _local(archive, before, counts["captures"])
        if "dask" in options.only:
            faults += _dask(archive, before, counts["captures"])
        if "reparse" in options.only:
            faults += _reparse(archive, Path(name))
    for line in faults[:NAMED]:
        print(f"FAULT: {line}")
    print(f"{len(faults)} faults; load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(bool(faults))


_COUNTS = """
    SELECT (SELECT count(*) FROM captures) AS captures, (SELECT count(*) FROM articles) AS articles,
        (SELECT count(*) FROM revisions WHERE revision > 1) AS revised,
        (SELECT count(*) FROM withdrawals WHERE confirmed_at IS NOT NULL) AS withdrawn,
        (SELECT count(*) FROM withdrawals WHERE back_at IS NOT NULL) AS back,
        (SELECT count(*) FROM captures WHERE kind = 'same') AS same,
        (SELECT count(*) FROM captures WHERE kind = 'unmodified') AS unmodified,
        (SELECT count(*) FROM articles WHERE translation_of IS NOT NULL) AS translations,
        (SELECT count(*) FROM restrictions) AS restricted
"""


def _local(archive: Archive, before: Articles, captures: int) -> list[str]:
    """Rebuild on one core, then on two."""
    one = _rebuild(archive.directory, "--jobs", "1", cores=1)
    faults = _differences(before, _export(archive.directory))
    two = _rebuild(archive.directory, "--jobs", "2", cores=2)
    faults += _differences(before, _export(archive.directory))
    verified = measure(union_archive(archive.directory, "verify"), archive.directory / "verify.txt")
    rows: list[Sequence[str]] = [["rebuild", "one core, one worker", "two cores, two workers"]]
    rows.append(["seconds", f"{one.seconds:.1f}", f"{two.seconds:.1f}"])
    rows.append(["captures/s", f"{captures / one.seconds:.0f}", f"{captures / two.seconds:.0f}"])
    rows.append(["ms of CPU a capture", f"{1000 * one.cpu / captures:.2f}", f"{1000 * two.cpu / captures:.2f}"])
    rows.append(["peak memory, MB", f"{one.peak / 2**20:.0f}", f"{two.peak / 2**20:.0f}"])
    print(table(rows))
    print(f"captures/s on one core: {verdict(captures / one.seconds, CORE, at_least=True)}")
    print(f"two cores / one core: {verdict(one.seconds / two.seconds, TWO, at_least=True)}")
    print(f"verify: exit {verified.status}, {verified.output.strip().splitlines()[-1]}")
    print(f"{len(before)} articles with their revisions, exported before and after: {len(faults)} differences")
    return faults + ["verify finds problems"] * bool(verified.status)


def _dask(archive: Archive, before: Articles, captures: int) -> list[str]:
    """Rebuild with one worker of Dask, with two, and with two of which one is killed in the middle."""
    seconds, faults = {}, []
    for name, workers, kill in (("one worker", 1, False), ("two workers", 2, False), ("one of two killed", 2, True)):
        with cluster(archive.directory.parent / "dask", workers, kill_after=2.0 if kill else None) as address:
            measured = _rebuild(archive.directory, "--dask", address, cores=2)
        seconds[name] = measured.seconds
        found = _differences(before, _export(archive.directory))
        speed = f"{measured.seconds:.1f} s, {captures / measured.seconds:.0f} captures/s"
        print(f"Dask, {name}: {speed}, {len(found)} differences")
        faults += found
    print(f"two workers / one: {verdict(seconds['one worker'] / seconds['two workers'], DASK, at_least=True)}")
    return faults


def _reparse(archive: Archive, scratch: Path) -> list[str]:
    """Derive all again with today's code, then with another cleaning rule, which touches what holds its words."""
    query = "SELECT count(*) AS n FROM revisions"
    revisions = archive.rows(query)[0]["n"]
    _reparsed(archive)
    same = _reparsed(archive)
    touched = _touched(archive.directory / "archive.db") + _touched(archive.directory / "restricted.db")
    other = _reparsed(archive, root=other_extractor(scratch / "other-code", DROPPED))
    added = archive.rows(query)[0]["n"] - revisions
    nothing, changed = _changed(same), _changed(other)
    fields = sorted({name for site in json.loads(other.output)["sites"].values() for name in site["fields"]})
    print(f"reparse with the same code: {nothing} articles changed, in {same.seconds:.1f} s")
    print(f"reparse with another rule: {changed} articles changed in {fields}, {touched} hold its words")
    print(f"revisions added: {added}")
    faults = [f"reparse with the same code changes {nothing} articles"] * bool(nothing)
    faults += [f"{changed} articles changed by a rule that touches {touched}"] * (changed != touched)
    return faults + [f"{added} revisions added"] * bool(added)


def _touched(database: Path) -> int:
    """Return how many articles hold, or held, what the other rule drops."""
    query = """
        SELECT count(DISTINCT uid) FROM (SELECT uid, text FROM articles UNION ALL
        SELECT uid, content ->> 'text' FROM revisions WHERE content IS NOT NULL) WHERE instr(text, ?)
    """
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, [DROPPED]).fetchone()[0]


def _changed(reparsed: Measured) -> int:
    return sum(site["changed"] for site in json.loads(reparsed.output)["sites"].values())


def _reparsed(archive: Archive, **root: Path) -> Measured:
    measured = measure(union_archive(archive.directory, "reparse", "--json"), archive.directory / "reparse.txt", **root)
    if measured.status:
        sys.exit(f"reparse: exit {measured.status}; it said:\n{measured.output[-2000:]}")
    return measured


def _export(directory: Path) -> Articles:
    path = directory / "export.jsonl"
    measured = measure(union_archive(directory, "export", "--revisions", "-o", str(path)), directory / "export.txt")
    if measured.status:
        sys.exit(f"export: it said:\n{measured.output[-2000:]}")
    with path.open(encoding="utf-8") as file:
        return {row["uid"]: row for row in map(json.loads, file)}


def _rebuild(directory: Path, *options: str, cores: int) -> Measured:
    """Delete the databases and make them again, on so many cores."""
    for name in ("archive.db", "archive.db-wal", "archive.db-shm", "restricted.db"):
        (directory / name).unlink(missing_ok=True)
    on = ["taskset", "-c", ",".join(map(str, range(cores)))]
    measured = measure([*on, *union_archive(directory, "import", "--rebuild", *options)], directory / "rebuild.txt")
    print(measured.output.strip().splitlines()[-1], file=sys.stderr)
    if measured.status:
        sys.exit(f"rebuild: exit {measured.status}; it said:\n{measured.output[-2000:]}")
    return measured


def _differences(before: Articles, after: Articles) -> list[str]:
    """Return where two exports differ, but for `change`, one line each."""
    lines = [f"{uid} is not held any more" for uid in before.keys() - after.keys()]
    lines += [f"{uid} was not held before" for uid in after.keys() - before.keys()]
    for uid in before.keys() & after.keys():
        one, other = before[uid], after[uid]
        names = [name for name in one if name != "change" and one[name] != other.get(name)]
        lines += [f"{one['url']}: {name}: {str(one[name])[:200]} → {str(other.get(name))[:200]}" for name in names]
    return lines


if __name__ == "__main__":
    main()
