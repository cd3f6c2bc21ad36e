"""When word is sent: after a crawl; and beside one that goes on for years, once a minute at most, in a thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from archive.config import ArchiveConfig
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError

if TYPE_CHECKING:
    from archive.notify.channels import Channel
    from archive.notify.telling import Told

#: Seconds between two times that word is sent.
LEAST_SECONDS = 60.0
#: Seconds before a channel is tried again that failed; longer each time.
FAILED_SECONDS = (60.0, 300.0, 900.0, 3600.0, 10800.0, 21600.0)
#: Seconds that an end waits for a message that is being sent.
END_SECONDS = 2.0

logger = logging.getLogger(__name__)


def report(directory: ArchiveDirectory) -> None:
    """Send what is pending, at the end of a crawl; what fails is a line on stderr, and never the crawl's failure."""
    try:
        config = directory.config()
    except ArchiveError as error:
        click.echo(f"{error}; until then nobody is told what changed", err=True)
        return
    if _is_wanted(config):
        from archive.notify.telling import tell  # httpx takes a quarter of a second to import

        for line in tell(directory, config).lines("the next run tells it again"):
            click.echo(line, err=True)


def _is_wanted(config: ArchiveConfig) -> bool:
    return config.webhook is not None or config.mail is not None


@dataclass(frozen=True, slots=True)
class _Pause:
    """A channel that failed: until when it is left alone (time.monotonic()), and how often it failed in a row."""

    until: float
    times: int


class Notifier:
    """Sends what is pending after each `wake`. It never holds up whoever wakes it, and never raises.

    `config` gives archive.toml as it is in use; `say` prints a line, from this thread. Its thread is made when there is
    something to do, and dies with the process: a message that is cut off by that may be sent once more.
    """

    def __init__(
        self, directory: ArchiveDirectory, config: Callable[[], ArchiveConfig], say: Callable[[str], None]
    ) -> None:
        self._directory = directory
        self._config = config
        self._say = say
        self._pauses: dict[Channel | None, _Pause] = {}
        """By channel; None is the archive itself."""
        self._asked = False
        self._ended = False
        self._earliest = 0.0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Have sent what is pending."""
        if not _is_wanted(self._config()):
            return
        with self._changed:
            self._asked = True
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Send nothing more; wait a moment for a message that is under way."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(END_SECONDS)

    def _run(self) -> None:
        while self._wait():
            try:
                self._once()
            except Exception:
                logger.exception("notify")
                self._earliest = time.monotonic() + FAILED_SECONDS[-1]

    def _wait(self) -> bool:
        """Wait until there is something to send; False when it is to end."""
        with self._changed:
            while not self._ended and (seconds := self._seconds()) != 0.0:
                self._changed.wait(seconds)
            self._asked = False
            return not self._ended

    def _seconds(self) -> float | None:
        """Return the seconds until the next time; None while there is nothing to send."""
        moments = [pause.until for pause in self._pauses.values()]
        if self._asked:
            moments.append(0.0)
        if not moments:
            return None
        return max(max(min(moments), self._earliest) - time.monotonic(), 0.0)

    def _once(self) -> None:
        from archive.notify.telling import tell  # for the same reason

        now = time.monotonic()
        resting = {way for way, pause in self._pauses.items() if way is not None and pause.until > now}
        told = tell(self._directory, self._config(), skip=resting)
        self._earliest = time.monotonic() + LEAST_SECONDS
        self._consider(told, resting)

    def _consider(self, told: Told, resting: set[Channel]) -> None:
        """Leave alone for a while what failed; say so."""
        before, now = self._pauses, time.monotonic()
        self._pauses = {way: before[way] for way in resting}
        wrong: list[tuple[Channel | None, str]] = [*told.failed.items()]
        if told.trouble is not None:
            wrong.append((None, told.trouble))
        for way, line in wrong:
            times = before[way].times + 1 if way in before else 1
            seconds = FAILED_SECONDS[min(times, len(FAILED_SECONDS)) - 1]
            self._pauses[way] = _Pause(now + seconds, times)
            self._say(f"{line}; trying again in {_about(seconds)}")


def _about(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.3g} s"
