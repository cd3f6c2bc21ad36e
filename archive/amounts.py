"""Amounts in words: spans of time and sizes, for a person at a terminal."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Return a span in its two greatest units: 5 s, 3 min 20 s, 2 h 5 min, 4 d 3 h."""
    left = max(round(seconds), 0)
    parts = []
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, length)
        parts.append((number, unit))
    first = next((at for at, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number) or "0 s"


def size(number: int) -> str:
    """Return bytes in the unit that leaves up to three digits before the point: 900 B, 57.3 kB, 1.2 MB."""
    value, unit = float(number), "B"
    for greater in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, greater
    return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
