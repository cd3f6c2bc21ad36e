"""Files made elsewhere (WARC, ARC, WACZ), read into exchanges that the archive may keep; nothing is written."""

from archive.foreign.containers import size
from archive.foreign.model import Foreign, Tally
from archive.foreign.reading import Files, read
from archive.leftovers import without_leftovers

__all__ = ["Files", "Foreign", "Tally", "read", "size", "without_leftovers"]
