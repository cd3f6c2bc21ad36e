"""What attachments say: the words of PDF and Office files, for search and for readers.

`read` is pure and knows files by their first bytes, never by their names. It is given what strangers made: call it by
`archive.attachments.process.read`, which runs it in a process of its own. `archive.attachments.keeping` stores what
was read.
"""

from archive.attachments.reading import RULES, read
from archive.attachments.text import AttachmentText

__all__ = ["RULES", "AttachmentText", "read"]
