"""Tasks in the portions that are handed to a process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crawler.pool import Done, Task
from crawler.reading import Reading

#: Processes that a page may cost. The first may have been ended by something else, so the page is read once more.
LOSSES = 2


@dataclass(slots=True)
class Chunk:
    """Tasks handed out together, and what has come of them, in order."""

    tasks: list[Task]
    received: int = 0
    """How many of the tasks are done with; the next one is what the process is at."""
    losses: int = 0
    """How many processes the next one has cost."""
    why: str = ""
    """What it did to the last of them."""
    done: deque[Done] = field(default_factory=deque)
    """What was received and not yet taken."""

    @property
    def complete(self) -> bool:
        """Whether all tasks are done with."""
        return self.received == len(self.tasks)

    @property
    def head_only(self) -> bool:
        """Whether of the next task only the head is wanted, since reading the page is too costly."""
        return self.losses >= LOSSES

    def take_in(self, done: Done) -> None:
        """Note what came of the next task."""
        if self.head_only and done.reading.error is None:
            done = Done(done.head, Reading(error=f"{self.tasks[self.received].pages[0].url}: {self.why}"))
        self.done.append(done)
        self.received += 1
        self.losses = 0

    def lose(self, why: str) -> None:
        """Note that the next task ended its process; what not even a look at its record survives is given up."""
        self.why = why
        if self.head_only:
            self.take_in(Done(None, Reading()))
        else:
            self.losses += 1


def chunks(tasks: Iterable[Task], most: int, *, by_file: bool = False) -> Iterator[list[Task]]:
    """Yield tasks in portions of `most`; with `by_file`, those of a portion begin in the same WARC file."""
    portion: list[Task] = []
    for task in tasks:
        other = by_file and portion and portion[-1].pages[0].warc != task.pages[0].warc
        if len(portion) == most or other:
            yield portion
            portion = []
        portion.append(task)
    if portion:
        yield portion
