"""Zones: the time zone of a site, as its profile tells it: an offset (`+08:00`), or a name (`Europe/London`).

Where clocks change twice a year an offset would be wrong for half of it.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@cache
def zone_of(text: str) -> tzinfo:
    """Return the zone that an offset or a name of the IANA database stands for. Raises ValueError for neither."""
    try:
        zone = ZoneInfo(text) if "/" in text else datetime.strptime(text, "%z").tzinfo
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"{text!r} is no time zone of the IANA database") from error
    assert zone is not None
    return zone
