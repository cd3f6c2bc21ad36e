"""Other programs: asking systemctl, loginctl and crontab."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError

#: Seconds for an answer. Stopping a `watch` may take as long as its unit says, two minutes.
PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a program ended. Bytes that are not UTF-8 survive in `said` and come out as they were."""

    ok: bool
    said: str
    error: str
    """What it said on stderr, on one line; never empty when it failed."""


def there(program: str) -> bool:
    """Return whether a program is installed."""
    return shutil.which(program) is not None


def ask(program: str, *arguments: str, told: str | None = None) -> Answer:
    """Run a program to its end, with `told` as its standard input.

    Raises ArchiveError when it does not start or does not end.
    """
    command = (program, *arguments)
    try:
        done = subprocess.run(
            command,
            input=None if told is None else told.encode("utf-8", "surrogateescape"),
            stdin=subprocess.DEVNULL if told is None else None,
            capture_output=True,
            timeout=PATIENCE,
            env=_environment(),
        )
    except OSError as error:
        raise ArchiveError(f"{program}: cannot be run ({error.strerror}); install it, or mend PATH") from error
    except subprocess.TimeoutExpired as error:
        raise ArchiveError(
            f"{' '.join(command)}: no answer within {PATIENCE:.0f} seconds; run it by hand to see why"
        ) from error
    complaint = " ".join(done.stderr.decode("utf-8", "replace").split()) or f"exit {done.returncode}"
    return Answer(done.returncode == 0, done.stdout.decode("utf-8", "surrogateescape"), complaint)


def _environment() -> dict[str, str]:
    """Return the environment for tools: answers in English, and a way to the user's manager after `su` and `sudo`."""
    found = {**os.environ, "LC_ALL": "C"}
    runtime = Path(f"/run/user/{os.getuid()}")
    if "XDG_RUNTIME_DIR" not in found and runtime.is_dir():
        found["XDG_RUNTIME_DIR"] = str(runtime)
    return found
