"""What happened in a week, for people who follow the archive: made from the database each time, nothing is kept."""

from archive.digest.period import Period, last_week, week_named, week_of
from archive.digest.reading import Digest, read
from archive.digest.telling import as_json, text

__all__ = ["Digest", "Period", "as_json", "last_week", "read", "text", "week_named", "week_of"]
