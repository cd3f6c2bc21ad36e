"""WARC files of ours, written anew record by record, for tests of what was written otherwise."""

from archive.members import walk
from archive.warc import StoredRecord, copy_member, payload_digest


def rewrite(path, change):
    """Write a file with each record as `change(headers, block)` gives it; None leaves it out. Returns the blocks."""
    with path.open("rb") as file:
        records = [record for record, _ in walk(file)]
    members, blocks = [], []
    for record in records:
        changed = change(dict(record.headers), record.block)
        if changed is None:
            continue
        headers, block = changed
        headers["WARC-Block-Digest"] = payload_digest(block)
        headers.pop("Content-Length", None)
        members.append(copy_member(StoredRecord(headers, block, 0)))
        blocks.append(block)
    path.write_bytes(b"".join(members))
    return blocks
