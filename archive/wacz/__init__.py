"""WACZ out: articles with their captures in one file that replays offline (specs.webrecorder.net/wacz/1.1.1)."""

from __future__ import annotations

from archive.wacz.writing import Facts, Written, write

__all__ = ["Facts", "Written", "write"]
