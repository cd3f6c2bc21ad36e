"""What needs a person: one queue, put together from the archive each time, and what a person decided about it.

Nothing of it is stored but the decisions, in decisions.jsonl: what a decision answers is not asked again.
"""

from archive.review.deciding import Done, carry_out, decide
from archive.review.evidence import Stored, beginning, save, stored, where
from archive.review.item import MEANINGS, Item
from archive.review.queue import find, queue

__all__ = [
    "MEANINGS", "Done", "Item", "Stored", "beginning", "carry_out", "decide", "find", "queue", "save", "stored",
    "where",
]  # fmt: skip
