"""What is sent: changes as JSON for a webhook, and as a mail that a person acts on."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from archive import health
from archive.clock import moment
from archive.config import EMAIL, ArchiveConfig
from archive.errors import ArchiveError
from archive.health.words import kind_name
from archive.notify.changes import Change, State
from archive.plain import plain

#: Changes that a mail tells of one by one; the rest is counted.
MOST = 40
#: Base64 or quoted-printable: every server takes seven bits.
_POLICY = SMTP.clone(cte_type="7bit")
_HEADINGS: Mapping[State, str] = {"began": "Failing · 故障", "ended": "Recovered · 已恢复"}
_TEST = {
    "en": "this is a test of union-archive notify; nothing is wrong",
    "zh": "这是 union-archive notify 的测试，没有任何异常",
}


@dataclass(frozen=True, slots=True)
class Message:
    """What is told at one time: changes (none is a test), the names of their sites, and by which archive.

    `at` is the time as the archive writes it.
    """

    config: ArchiveConfig
    archive: Path
    at: str
    changes: Sequence[Change] = ()
    names: Mapping[str, tuple[str, str | None]] | None = None
    """By site: its name, and its English one."""

    @property
    def title(self) -> str:
        """The archive's name on one line."""
        return plain(" ".join(self.config.name.split()))

    def name(self, site: str) -> str:
        """Return the name of a site; its id where there is none."""
        return plain((self.names or {}).get(site, (site, None))[0])


def as_json(message: Message) -> dict[str, Any]:
    """Return a message for a webhook: `archive`, `at`, `changes`; `test` where it is a test."""
    about: dict[str, Any] = {"archive": message.title, "at": message.at}
    if not message.changes:
        sample = {
            "site": "test", "name": message.title, "section": "", "kind": "test", "severity": "warning",
            "state": "began", "began_at": message.at, "ended_at": None, "words": _TEST, "url": None,
        }  # fmt: skip
        return about | {"test": True, "changes": [sample]}
    return about | {"changes": [_change(message, one) for one in message.changes]}


def _change(message: Message, change: Change) -> dict[str, Any]:
    one = change.incident
    return {
        "site": one.site,
        "name": message.name(one.site),
        "section": one.section,
        "kind": one.kind,
        "severity": one.severity,
        "state": change.state,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "words": {"en": plain(health.words(one, "en")), "zh": plain(health.words(one, "zh"))},
        "url": one.url,
    }


def as_mail(message: Message) -> EmailMessage:
    """Return a message as a mail to `[notify] mail`, from the contact where that is a mail address.

    Raises ArchiveError for an address that no mail can bear.
    """
    recipient = message.config.mail or ""
    contact = message.config.contact or ""
    sender = contact if EMAIL.fullmatch(contact) else recipient
    mail = EmailMessage(_POLICY)
    try:
        mail["From"] = Address(message.title, addr_spec=sender)
        mail["To"] = Address(addr_spec=recipient)
    except (ValueError, MessageError, LookupError) as error:
        raise ArchiveError(
            f"{recipient}: no mail can be addressed so; mend [notify] mail or contact in archive.toml"
        ) from error
    mail["Subject"] = plain(subject(message))
    mail["Date"] = format_datetime(moment(message.at))
    mail["Message-ID"] = make_msgid("union-archive", sender.rpartition("@")[2] or socket.gethostname())
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer that somebody is on holiday
    mail.set_content("\n".join(body(message)) + "\n")
    return mail


def subject(message: Message) -> str:
    """Return the subject of a mail, in both languages."""
    if not message.changes:
        return f"{message.title}: test · 测试"
    if len(message.changes) == 1:
        (change,) = message.changes
        kinds = [kind_name(change.incident.kind, "en"), kind_name(change.incident.kind, "zh")]
        over = ("", "") if change.state == "began" else (" (over)", "（已恢复）")
        return f"{message.title}: {change.incident.site} {kinds[0]}{over[0]} · {kinds[1]}{over[1]}"
    began = sum(change.state == "began" for change in message.changes)
    ended = len(message.changes) - began
    en = [f"{number} {what}" for number, what in ((began, "failing"), (ended, "recovered")) if number]
    zh = [f"{number} 项{what}" for number, what in ((began, "故障"), (ended, "恢复")) if number]
    return f"{message.title}: {', '.join(en)} · {'，'.join(zh)}"


def body(message: Message) -> Iterator[str]:
    """Yield the lines of a mail: what happened in both languages, then what to do."""
    if not message.changes:
        yield from (_TEST["en"], _TEST["zh"])
    for state, heading in _HEADINGS.items():
        told = [change for change in message.changes if change.state == state]
        if told:
            yield from (heading, "")
        for change in told[:MOST]:
            yield from _paragraph(message, change)
        if len(told) > MOST:
            yield from (f"  … {len(told) - MOST} more · 另有 {len(told) - MOST} 项", "")
    if message.changes:
        yield from _next(message)
    yield from ("", f"-- {message.title} · {message.at}")


def _paragraph(message: Message, change: Change) -> Iterator[str]:
    one = change.incident
    english = (message.names or {}).get(one.site, ("", None))[1]
    names = [message.name(one.site), *([plain(english)] if english else [])]
    yield f"  {one.site}  {' · '.join(names)}"
    yield f"    {plain(health.words(one, 'en'))}"
    yield f"    {plain(health.words(one, 'zh'))}"
    if one.url:
        yield f"    {plain(one.url)}"
    yield ""


def _next(message: Message) -> Iterator[str]:
    """Yield what a person does next: the commands, with this archive's path, and the page of it."""
    command = f"union-archive --archive {shlex.quote(str(message.archive.resolve()))}"
    sites = list(dict.fromkeys(change.incident.site for change in message.changes))
    yield "What to do · 下一步"
    yield f"  {command} review    # what needs a person · 需要人工处理的事项"
    yield f"  {command} status{f' {sites[0]}' if len(sites) == 1 else ''}    # every site's health · 各站点状况"
    if message.config.address:
        yield f"  {message.config.address}/health"
