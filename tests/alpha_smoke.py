"""Asks an archive's pages of whatever Datasette this Python has: `python alpha_smoke.py DIRECTORY`, JSON to stdout.

Run by tests/test_web_alpha.py in an environment with an alpha of Datasette 1.0.
"""

import asyncio
import json
import sys
from pathlib import Path

import datasette.version

from archive.directory import ArchiveDirectory
from archive.web.serve import application

PAGES = (
    "/", "/search?q=培训", "/search.json?q=培训", "/search.atom?q=培训", "/timeline", "/sites", "/export.jsonl",
    "/archive", "/archive/articles", "/archive/articles.json?_search=培训",
    "/-/static-plugins/archive.web/archive.css", "/-/versions", "/-/jump", "/-/settings.json", "/-/api",
)  # fmt: skip


async def statuses(directory: ArchiveDirectory) -> dict[str, object]:
    app = application(directory)
    found: dict[str, object] = {}
    for path in PAGES:
        try:
            found[path] = (await app.client.get(path)).status_code
        except Exception as error:  # noqa: BLE001 - what breaks is what is asked for
            found[path] = repr(error)
    with directory.read_database().conn as connection:
        uid, id_ = connection.execute("SELECT uid, id FROM articles").fetchone()
    for path in (f"/article/{uid}", f"/archive/articles/{id_}"):
        found[path.replace(uid, "UID").replace(str(id_), "ID")] = (await app.client.get(path)).status_code
    return found


if __name__ == "__main__":
    answers = asyncio.run(statuses(ArchiveDirectory(Path(sys.argv[1]))))
    json.dump({"version": datasette.version.__version__, "statuses": answers}, sys.stdout, ensure_ascii=False)
