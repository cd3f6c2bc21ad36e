"""Units of systemd for the user who runs this: a service with a timer, or a service that watches."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from archive.errors import ArchiveError
from crawler.scheduling.plan import Plan, name_of, require_plain
from crawler.scheduling.tools import ask, there

#: How the first line of a unit begins that may be written over.
MARK = "# Written by `union-archive schedule`"
#: Words that a unit can hold as they are.
_BARE = re.compile(r"[A-Za-z0-9/_.-][A-Za-z0-9/_.=-]*")
#: What the name of a service's executable may not hold, or may not say without being taken for a variable.
_NO_EXECUTABLE = frozenset("'\"\\$")

#: A crawl is a guest here too. Downloads end after 60 seconds and what is read after 5, so that a crawl which is
#: stopped has committed everything long before the two minutes are over; a second signal would cost what is under way.
#: Namespaces are not for every user (Ubuntu 24.04): ProtectSystem= is then passed over, while PrivateUsers= or
#: ProtectKernelModules= would keep the service from starting. /tmp is left alone, an archive may lie there.
_MANNERS = """\
# SIGTERM lets a crawl finish and commit what is under way.
KillMode=mixed
TimeoutStopSec=2min
Nice=10
IOSchedulingClass=best-effort
IOSchedulingPriority=7
# It reads what strangers wrote: it may write to the archive, and nowhere else.
ProtectSystem=strict
ReadWritePaths={writable}
NoNewPrivileges=true
RestrictSUIDSGID=true
RestrictRealtime=true
LockPersonality=true
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"""


def units(plan: Plan) -> dict[str, str]:
    """Return the text of each unit by its file's name. Raises ArchiveError for a path that no unit can hold."""
    writable = [quoted(str(path)) for path in _writable(plan.archive)]
    manners = _MANNERS.format(writable=" ".join([*writable, "-/tmp", "-/var/tmp"]))
    service = f"{plan.name}.service"
    if plan.watch:
        return {service: _watching(plan, manners)}
    return {service: _crawling(plan, manners), f"{plan.name}.timer": _timer(plan)}


def _head(plan: Plan, what: str, kind: str = "service") -> str:
    return f"""\
{MARK}, which writes over it; changes of your own: systemctl --user edit {plan.name}.{kind}
# Archive: {plan.archive}
[Unit]
Description=union-archive: {what} ({plan.name})
"""


def _crawling(plan: Plan, manners: str) -> str:
    return f"""\
{_head(plan, "crawl what is due")}
[Service]
Type=oneshot
ExecStart={_command(plan)}
{manners}
"""


def _watching(plan: Plan, manners: str) -> str:
    return f"""\
{_head(plan, "keep crawling what is due")}
[Service]
Type=exec
ExecStart={_command(plan)}
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2
{manners}

[Install]
WantedBy=default.target
"""


def _timer(plan: Plan) -> str:
    return f"""\
{_head(plan, "when to crawl what is due", "timer")}
[Timer]
OnCalendar={calendar(plan)}
RandomizedDelaySec={min(300, plan.every * 6)}
Persistent=true

[Install]
WantedBy=timers.target
"""


def calendar(plan: Plan) -> str:
    """Return when the timer goes off, as systemd writes it."""
    minutes = ",".join(minute.zfill(2) for minute in plan.minutes.split(","))
    hours = {60: "*", 1440: "00"}.get(max(plan.every, 60), f"00/{plan.every // 60}")
    return f"*-*-* {hours}:{minutes}:00"


def quoted(word: str, *, command: bool = False) -> str:
    """Return a word in quotes for a unit; in a command `$` is doubled too. The word holds no control character."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{word.replace("$", "$$") if command else word}"'


def _command(plan: Plan) -> str:
    words = [*plan.program, "--archive", str(plan.archive), *plan.task]
    if _NO_EXECUTABLE & set(words[0]):
        words = ["/bin/sh", "-c", 'exec "$0" "$@"', *words]
    return " ".join(word if _BARE.fullmatch(word) else quoted(word, command=True) for word in words)


def _writable(archive: Path) -> list[Path]:
    """Return the archive and what its links lead to: a warc/ on a larger disk is no part of it for systemd."""
    found = [archive]
    with suppress(OSError):  # an archive that cannot be read is told of by whoever crawls
        for child in sorted(archive.iterdir()):
            if child.is_symlink():
                target = child.resolve()
                found.append(target if target.is_dir() else target.parent)
    for path in found:
        require_plain(str(path))
    return list(dict.fromkeys(found))


# Putting them in place


def folder() -> Path:
    """Return where a user's units lie. A relative XDG_CONFIG_HOME counts for nothing, as its specification says."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or ".")
    return (config if config.is_absolute() else Path.home() / ".config") / "systemd" / "user"


def install(plan: Plan) -> Iterator[str]:
    """Write the units and start them; yield what was done, a line each.

    Raises ArchiveError for a unit of the same name that somebody else wrote, and when they could not be started: what
    is then to be done stands in the message.
    """
    service, timer = _ours(plan.archive)
    texts = units(plan)
    if plan.watch:
        _take_out(timer)
    elif "[Install]" in _text(service):  # it watched until now
        _stop(service)
    changed = [name for name, text in texts.items() if _write(service.with_name(name), text)]
    for name in texts:
        yield f"{service.with_name(name)}: {'written' if name in changed else 'as it was'}"
    begins = service.name if plan.watch else timer.name
    orders = [("daemon-reload",), ("enable", "--now", begins)]
    if plan.watch and changed:
        orders.append(("restart", begins))
    for order in orders:
        if failed := _systemctl(*order):
            raise ArchiveError(
                f"{begins}: not started ({failed}); log in as this user and run: "
                f"systemctl --user daemon-reload && systemctl --user enable --now {begins}"
            )
    yield f"{begins}: started; {'systemctl --user status' if plan.watch else 'systemctl --user list-timers'} {begins}"
    yield from _lingering()


def remove(archive: Path) -> Iterator[str]:
    """Stop and delete the units of an archive; yield what was done. A crawl under way goes on to its end."""
    for path in reversed(_ours(archive)):
        if path.exists():
            _take_out(path)
            yield f"{path}: removed"
    _systemctl("daemon-reload")


def in_place(archive: Path) -> bool:
    """Return whether an archive has a unit here, whoever wrote it."""
    return any(os.path.lexists(folder() / f"{name_of(archive)}{end}") for end in (".service", ".timer"))


def _ours(archive: Path) -> tuple[Path, Path]:
    """Return where service and timer lie or would lie. Raises ArchiveError when one of them is somebody else's."""
    service, timer = (folder() / f"{name_of(archive)}{end}" for end in (".service", ".timer"))
    for path in (service, timer):
        if os.path.lexists(path) and not _text(path).startswith(MARK):
            raise ArchiveError(f"{path}: not written by `union-archive schedule`; move it away, then run this again")
    return service, timer


def _text(path: Path) -> str:
    """Return what a unit says; nothing when it is not there, or no file, or masked by a link to /dev/null."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _write(path: Path, text: str) -> bool:
    """Write a unit, whole or not at all; return whether that changed it. Raises ArchiveError."""
    if _text(path) == text:
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path.resolve())
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be written ({error.strerror}); check its permissions") from error
    return True


def _stop(path: Path) -> None:
    """Stop a unit, and start it no more: systemctl deletes the links that do, and where no manager answers, we do."""
    _systemctl("disable", "--now", path.name)
    for link in path.parent.glob(f"*.wants/{path.name}"):
        _delete(link)


def _take_out(path: Path) -> None:
    """Stop a unit and delete it."""
    if os.path.lexists(path):
        _stop(path)
        _delete(path)


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be deleted ({error.strerror}); check its permissions") from error


def _systemctl(*order: str) -> str | None:
    """Give the user's manager an order; return why it was not carried out."""
    if not there("systemctl"):
        return "no systemctl here"
    answer = ask("systemctl", "--user", *order)
    return None if answer.ok else answer.error


def _lingering() -> Iterator[str]:
    """Yield a line where this user's units end when they log out."""
    user = pwd.getpwuid(os.getuid()).pw_name
    if there("loginctl") and ask("loginctl", "show-user", user, "--property=Linger", "--value").said.strip() != "yes":
        yield f"{user}: nothing of this user runs while they are logged out; to change that: loginctl enable-linger"
