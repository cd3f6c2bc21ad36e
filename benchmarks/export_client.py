"""Takes an export home: appends whole lines to a file, and goes on behind the last one that it has.

    python export_client.py http://127.0.0.1:8001/ FILE

Prints the number that the export runs to (the header Archive-Until) when it is whole; exit 1 when it broke off.
"""

import json
import sys
from pathlib import Path

import httpx


def last_change(path: Path) -> int:
    """Cut a line that was not written whole, and return the number of the last one; 0 for no line."""
    with path.open("r+b") as file:
        size = end = file.seek(0, 2)
        tail = b""
        while end and tail.count(b"\n") < 2:
            start = max(0, end - 65536)
            file.seek(start)
            tail, end = file.read(end - start) + tail, start
        whole = tail.rfind(b"\n") + 1
        file.truncate(size - len(tail) + whole)
        lines = tail[:whole].splitlines()
    return int(json.loads(lines[-1])["change"]) if lines else 0


def main() -> None:
    """Fetch what is missing."""
    url, path = sys.argv[1], Path(sys.argv[2])
    path.touch()
    since = last_change(path)
    headers = {"accept-encoding": "identity"}
    try:
        with (
            path.open("ab", buffering=0) as file,
            httpx.stream("GET", f"{url}export.jsonl", params={"since": since}, headers=headers, timeout=60) as answer,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_raw():
                file.write(chunk)
    except httpx.HTTPError as error:
        sys.exit(f"{url}: broken off, {error}")
    print(answer.headers["archive-until"])


if __name__ == "__main__":
    main()
