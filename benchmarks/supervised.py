"""Numbered work in processes of its own: what hangs or crashes costs its number, and is told."""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

# A forked process has the pages and the function already.
_CONTEXT = multiprocessing.get_context("fork")
_TOLD_EVERY = 1000


@dataclass(slots=True)
class _Hand:
    """One working process, the number it has in hand and since when."""

    process: BaseProcess
    pipe: Connection
    number: int = -1
    since: float = 0.0

    def give(self, number: int) -> None:
        self.number, self.since = number, time.monotonic()
        self.pipe.send(number)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def supervised(work: Callable[[int], object], count: int, jobs: int, deadline: float) -> Iterator[tuple[int, object]]:
    """Yield (number, `work(number)`) for 0 to `count` - 1, as they are done.

    Where the work took longer than `deadline` seconds or its process died, a text that says so stands for its result.
    """
    numbers = iter(range(count))
    hands = [_start(work) for _ in range(min(jobs, count))]
    try:
        for hand in hands:
            hand.give(next(numbers))
        done = 0
        while hands:
            ready = wait([hand.pipe for hand in hands], timeout=0.5)
            for hand in list(hands):
                late = time.monotonic() - hand.since > deadline
                if hand.pipe not in ready and not late:
                    continue
                number, result = hand.number, _result(hand, f"hung for {deadline:g} s")
                if isinstance(result, str):
                    hand.end()
                    hands.remove(hand)
                    hands.append(hand := _start(work))
                if (following := next(numbers, None)) is not None:
                    hand.give(following)
                else:
                    hand.end()
                    hands.remove(hand)
                done += 1
                if done % _TOLD_EVERY == 0:
                    print(f"{done} of {count}", file=sys.stderr, flush=True)
                yield number, result
    finally:
        for hand in hands:
            hand.end()


def _result(hand: _Hand, late: str) -> object:
    """Return what a process has sent; a text when it sent nothing in time, or died."""
    try:
        return hand.pipe.recv() if hand.pipe.poll() else late
    except EOFError:
        hand.process.join()
        return f"its process died (exit {hand.process.exitcode})"


def _start(work: Callable[[int], object]) -> _Hand:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(work, ours, theirs), daemon=True)
    process.start()
    theirs.close()  # or its end would not be seen when the process dies
    return _Hand(process, ours)


def _serve(work: Callable[[int], object], ours: Connection, theirs: Connection) -> None:
    ours.close()
    while True:
        try:
            number = theirs.recv()
        except EOFError:  # the parent is gone
            return
        theirs.send(work(number))
