"""Word of sites that turn bad or recover: told once to every channel, never lost, whatever the other side does."""

import asyncio
import json
import logging
import os
import socket
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import pytest
from commands import run
from crawls import Crawls
from filled import Filler, article
from local_server import LocalSite, News, Reply
from mail_server import MailServer, bad_certificate

from archive import clock, restricting
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.health import incidents
from archive.health.incidents import Finding
from archive.notify import Notifier, background, channels, pending, telling
from archive.store import save_site

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOOK = "/services/T0/s3cret?token=s3cret"
LAYOUT = Finding(
    "2026-11-20T01:00:00Z", {"day": "2026-11-20", "pages": 14, "matched": 0, "layout": "1"}, "http://a.example.org/9"
)
DOWN = Finding(
    "2026-11-19T01:00:00Z", {"day": "2026-11-19", "visits": 3, "reason": "the site does not answer: silence"}
)
FIELDS = Finding("2026-11-20T01:00:00Z", {"day": "2026-11-20", "fields": []})


@pytest.fixture(autouse=True)
def now():
    with clock.using(lambda: NOW):
        yield


class Archive:
    """An archive of two sites, whose incidents the test opens and ends as a crawl does."""

    def __init__(self, path):
        self.directory = ArchiveDirectory(path)
        with closing(self.directory.open_database()) as db:
            for id_, name, english in (
                ("jiangbei", "江北总工会", "Jiangbei Federation"),
                ("yunhe", "运河总工会", None),
            ):
                home = f"http://{id_}.example.org/"
                row = {"id": id_, "name": name, "name_en": english, "home": home, "family": "generic"}
                save_site(db.conn, row | {"status": "active"})

    def configure(self, **notify):
        lines = [f'{key} = "{value}"' for key, value in notify.items() if value is not None]
        text = "\n".join(['name = "运河档案"', 'contact = "archive@example.org"', "[notify]", *lines])
        self.directory.config_file.write_text(text, encoding="utf-8")
        return self

    def found(self, site="jiangbei", /, **kinds):
        """Have a run find these and nothing else of the kinds named; None is that it is over."""
        found = {kind: {} if finding is None else {"": finding} for kind, finding in kinds.items()}
        with closing(self.directory.open_database()) as db:
            held = incidents.open_incidents(db.conn, site)
            incidents.settle(db.conn, site, "2026-11-20T02:00:00Z", found, held)

    def tell(self, **options):
        return telling.tell(self.directory, self.directory.config(), **options)

    @property
    def told(self):
        """What is written of each incident, in their order."""
        with closing(self.directory.read_database()) as db:
            return [row[0] for row in db.execute("SELECT told FROM incidents ORDER BY id")]

    @property
    def pending(self):
        with closing(self.directory.read_database()) as db:
            return [(one.incident.site, one.incident.kind, one.state) for one in pending(db.conn)]


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def hook():
    with LocalSite() as site:
        site.pages[HOOK] = Reply(b"", 204, "No Content")
        yield site


def sent(hook):
    """The messages that a webhook was sent."""
    return [json.loads(one.body) for one in hook.log]


def states(hook):
    return [[(one["site"], one["kind"], one["state"]) for one in message["changes"]] for message in sent(hook)]


def address(hook, secret="user:s3cret@"):
    return f"http://{secret}127.0.0.1:{hook.port}{HOOK}"


def test_a_webhook_is_told_once_when_it_begins_and_once_when_it_ends(archive, hook):
    archive.configure(webhook=address(hook, ""))
    archive.found(layout=LAYOUT, fields=FIELDS)
    assert archive.pending == [("jiangbei", "layout", "began")]
    told = archive.tell()
    assert [*told.took.values()] == ["HTTP 204"]
    assert archive.told == [1, 0]
    (message,) = sent(hook)
    assert message == {
        "archive": "运河档案",
        "at": "2026-11-20T01:00:00Z",
        "changes": [
            {
                "site": "jiangbei",
                "name": "江北总工会",
                "section": "",
                "kind": "layout",
                "severity": "bad",
                "state": "began",
                "began_at": "2026-11-20T01:00:00Z",
                "ended_at": None,
                "words": {
                    "en": "layout changed on 2026-11-20: 0 of 14 pages matched layout 1; "
                    "look at the page with union-archive review, then mend the profile",
                    "zh": "2026-11-20 版式改变：14 页中有 0 页符合版式 1；"
                    "请用 union-archive review 查看页面，并修正站点配置",
                },
                "url": "http://a.example.org/9",
            }
        ],
    }
    (request,) = hook.log
    assert request.method == "POST"
    assert request.headers["content-type"].startswith("application/json")
    assert request.headers["user-agent"].startswith("union-archive/")
    assert request.headers["user-agent"].endswith(" (+archive@example.org)")
    archive.tell()
    archive.found(layout=None, fields=None)
    archive.tell()
    archive.tell()
    assert states(hook) == [[("jiangbei", "layout", "began")], [("jiangbei", "layout", "ended")]]
    assert sent(hook)[1]["changes"][0]["ended_at"] == "2026-11-20T02:00:00Z"
    assert archive.told == [2, 2]


def test_what_is_pending_goes_in_one_message_and_what_ended_untold_in_none(archive, hook):
    archive.configure(webhook=address(hook))
    archive.found(layout=LAYOUT)
    archive.found(layout=None)
    archive.found("yunhe", down=DOWN)
    archive.found("jiangbei", blocked=DOWN)
    archive.tell()
    assert states(hook) == [[("yunhe", "down", "began"), ("jiangbei", "blocked", "began")]]
    assert archive.told == [2, 1, 1]


def test_without_a_channel_nothing_is_marked(archive, hook):
    archive.configure()
    archive.found(layout=LAYOUT)
    assert archive.tell() == telling.Told()
    assert archive.told == [0]
    archive.configure(webhook=address(hook)).tell()
    assert states(hook) == [[("jiangbei", "layout", "began")]]


async def _hang(request, writer):
    await asyncio.sleep(60)


async def _drip(request, writer):
    for letter in b"HTTP/1.1 204 No Content\r\nX-Slow: " + b"z" * 3000:
        writer.write(bytes([letter]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def _close(request, writer):
    writer.close()


async def _drip_body(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _garbage(request, writer):
    writer.write(b"\x00\xff\r\n\r\n")
    await writer.drain()
    writer.close()


WORDS = {
    "500": (Reply(b"s3cret", 500, "Oops"), "answers HTTP 500"),
    "302": (Reply(b"", 302, "Found", (("Location", "/elsewhere"),)), "answers HTTP 302, a redirect, which is not"),
    "hangs": (_hang, "no answer within 0.4 s"),
    "drips": (_drip, "no answer within 0.4 s"),
    "closes": (_close, "breaks off without an answer"),
    "garbage": (_garbage, "breaks off without an answer"),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_webhook_that_fails_is_named_in_a_line_without_its_secrets_and_told_later(
    archive, hook, name, monkeypatch, caplog
):
    monkeypatch.setattr(channels, "WEBHOOK_SECONDS", 0.4 if name in ("hangs", "drips") else 10)
    caplog.set_level(logging.DEBUG)
    does, says = WORDS[name]
    if isinstance(does, Reply):
        hook.pages[HOOK] = does
    else:
        hook.raw[HOOK] = does
    archive.configure(webhook=address(hook))
    archive.found(layout=LAYOUT)
    began = time.monotonic()
    (line,) = archive.tell().lines("again")
    assert time.monotonic() - began < 5
    fix = "; mend [notify] of archive.toml and try `union-archive notify --test`; again"
    assert line.startswith(f"http://127.0.0.1:{hook.port}: {says}")
    assert line.endswith(fix)
    assert "s3cret" not in line + caplog.text
    assert "/elsewhere" not in hook.requests()
    assert archive.told == [0]
    monkeypatch.undo()
    hook.raw.clear()
    hook.pages[HOOK] = Reply(b"", 204, "No Content")
    assert archive.tell().lines("") == []
    assert states(hook)[-1] == [("jiangbei", "layout", "began")]
    assert archive.told == [1]


def test_an_answer_counts_by_its_head(archive, hook):
    hook.raw[HOOK] = _drip_body
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    began = time.monotonic()
    assert archive.tell().lines("") == []
    assert time.monotonic() - began < 5
    assert archive.told == [1]


def test_an_address_where_nobody_listens(archive):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        archive.configure(webhook=f"{place}/s3cret").found(layout=LAYOUT)
        (line,) = archive.tell().lines("")
    assert line.startswith(f"{place}: cannot be reached (")
    assert archive.told == [0]


def test_a_webhook_whose_certificate_is_not_good_is_sent_nothing(archive, tmp_path):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = bad_certificate(tmp_path / "key.pem").wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.handle_request, daemon=True).start()
        archive.configure(webhook=f"https://127.0.0.1:{server.server_port}/s3cret").found(layout=LAYOUT)
        (line,) = archive.tell().lines("")
    assert "cannot be reached (" in line
    assert "certificate verify failed" in line
    assert "s3cret" not in line
    assert asked == []


def test_a_secret_in_the_address_is_used(archive, hook):
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    told = archive.tell()
    (request,) = hook.log
    assert request.path == HOOK
    assert request.headers["authorization"].startswith("Basic ")
    assert "s3cret" not in " ".join(map(str, told.took))


def test_mail_says_what_happened_and_what_to_do_in_both_languages(archive):
    with MailServer() as server:
        archive.configure(mail="ops@example.org", smtp=f"127.0.0.1:{server.port}")
        archive.found(layout=LAYOUT)
        archive.found("yunhe", down=DOWN)
        assert archive.tell().lines("") == []
        archive.found(layout=None)
        archive.tell()
    first, second = server.mails
    assert (first["From"], first["To"]) == ("运河档案 <archive@example.org>", "ops@example.org")
    assert first["Subject"] == "运河档案: 2 failing · 2 项故障"
    assert second["Subject"] == "运河档案: jiangbei layout changed (over) · 版式改变（已恢复）"
    assert first["Date"].datetime == NOW
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Message-ID"].endswith("@example.org>")
    assert first["Auto-Submitted"] == "auto-generated"
    assert (first.get_content_type(), first.get_content_charset()) == ("text/plain", "utf-8")
    text = first.get_content()
    for line in (
        "Failing · 故障",
        "  jiangbei  江北总工会 · Jiangbei Federation",
        "    layout changed on 2026-11-20: 0 of 14 pages matched layout 1; look at the page with union-archive review, "
        "then mend the profile",
        "    2026-11-20 版式改变：14 页中有 0 页符合版式 1；请用 union-archive review 查看页面，并修正站点配置",
        "    http://a.example.org/9",
        f"  union-archive --archive {archive.directory.path} review    # what needs a person · 需要人工处理的事项",
    ):
        assert line in text.splitlines()
    assert "Recovered" not in text
    assert "Recovered · 已恢复" in second.get_content()
    assert all(ord(letter) < 128 for letter in first.as_string())
    assert server.talk[1:3] == ["mail FROM:<archive@example.org>", "rcpt TO:<ops@example.org>"]
    assert archive.told == [2, 1]


def test_a_mail_of_very_many_counts_the_rest(archive):
    with closing(archive.directory.open_database()) as db:
        for number in range(50):
            row = {"id": f"s{number}", "name": f"第{number}站", "home": "http://x.example.org/", "family": "generic"}
            save_site(db.conn, row | {"status": "active"})
            incidents.settle(db.conn, f"s{number}", "2026-11-20T02:00:00Z", {"down": {"": DOWN}}, [])
    with MailServer() as server:
        archive.configure(mail="ops@example.org", smtp=f"127.0.0.1:{server.port}").tell()
    (mail,) = server.mails
    assert mail.get_content().count("does not answer since 2026-11-19") == 40
    assert "  … 10 more · 另有 10 项" in mail.get_content()
    assert set(archive.told) == {1}


def test_names_of_sites_and_archives_do_nothing_to_a_mail(archive):
    with closing(archive.directory.open_database()) as db:
        name = "甲\u202e\r\nBcc: all@example.org\x1b[2J"
        save_site(db.conn, {"id": "yunhe", "name": name, "home": "http://y.example.org/", "family": "generic"} | {"status": "active"})  # fmt: skip # noqa: E501
        incidents.settle(db.conn, "yunhe", "2026-11-20T02:00:00Z", {"down": {"栏\nX: y": DOWN}}, [])
    with MailServer() as server:
        archive.configure(mail="ops@example.org", smtp=f"127.0.0.1:{server.port}")
        file = archive.directory.config_file
        file.write_text(
            file.read_text(encoding="utf-8").replace("运河档案", '运河\\n\\"档案, a@b.example'), encoding="utf-8"
        )
        assert archive.tell().lines("") == []
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["From"].addresses[0].addr_spec == "archive@example.org"
    assert "  yunhe  甲 Bcc: all@example.org[2J" in mail.get_content().splitlines()
    assert not any(letter in mail.get_content() for letter in "\u202e\x1b")


def test_a_server_that_offers_tls_gets_it_on_this_machine_without_a_name(archive, tmp_path):
    with MailServer(tls=tmp_path / "key.pem") as server:
        archive.configure(mail="ops@example.org", smtp=f"127.0.0.1:{server.port}").found(layout=LAYOUT)
        assert archive.tell().lines("") == []
    assert len(server.mails) == 1
    assert [line.split(" ")[0].lower() for line in server.talk] == ["ehlo", "starttls", "ehlo", "mail", "rcpt", "data", "quit"]  # fmt: skip # noqa: E501


def test_elsewhere_the_name_of_a_server_must_be_right(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(channels, "_is_here", lambda client: False)
    with MailServer(tls=tmp_path / "key.pem") as server:
        archive.configure(mail="ops@example.org", smtp=f"127.0.0.1:{server.port}").found(layout=LAYOUT)
        (line,) = archive.tell().lines("again")
    assert "its certificate is not good (self-signed certificate)" in line
    assert server.mails == []
    assert archive.told == [0]


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ({"refuses": {"RCPT": "550 no such user"}}, "refused (550 no such user)"),
        ({"refuses": {"DATA": "451 later"}}, "refused (451 later)"),
        ({"refuses": {"MAIL": "421 too busy"}}, "refused (421 too busy)"),
        ({"drips": True}, "not taken within 0.4 s"),
    ],
)
def test_a_mail_server_that_does_not_take_it_is_named(archive, server, says, monkeypatch):
    monkeypatch.setattr(channels, "MAIL_SECONDS", 0.4 if "drips" in server else 30)
    with MailServer(**server) as server:
        archive.configure(mail="ops@example.org", smtp=f"127.0.0.1:{server.port}").found(layout=LAYOUT)
        (line,) = archive.tell().lines("again")
        assert line == (
            f"mail to ops@example.org through 127.0.0.1:{server.port}: {says}; "
            "mend [notify] of archive.toml and try `union-archive notify --test`; again"
        )
    assert archive.told == [0]


@contextmanager
def program(path, text, monkeypatch):
    """The program sendmail, as a script."""
    path.mkdir()
    (path / "sendmail").write_text(f"#!/bin/sh\n{text}\n")
    (path / "sendmail").chmod(0o755)
    monkeypatch.setenv("PATH", f"{path}:{os.environ['PATH']}")
    yield path


def test_without_a_server_mail_goes_through_sendmail(archive, tmp_path, monkeypatch):
    # Its child goes on delivering, and holds what it was given to write to.
    text = f'echo "$@" >{tmp_path}/arguments; cat >{tmp_path}/mail; sleep 20 &'
    with program(tmp_path / "bin", text, monkeypatch):
        archive.configure(mail="ops@example.org").found(layout=LAYOUT)
        began = time.monotonic()
        assert archive.tell().lines("") == []
        assert time.monotonic() - began < 5
    assert (tmp_path / "arguments").read_text() == "-t -i\n"
    content = (tmp_path / "mail").read_bytes()
    assert b"\r" not in content
    assert b"\nTo: ops@example.org\n" in content
    assert archive.told == [1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cat >/dev/null; echo 'no spool: <b>' >&2; exit 75", "it ends with 75: no spool: <b>"),
        ("exit 1", "it ends with 1"),
        ("cat >/dev/null; sleep 20", "not taken within 0.4 s"),
    ],
)
def test_a_sendmail_that_fails_is_told_of(archive, tmp_path, monkeypatch, text, says):
    monkeypatch.setattr(channels, "MAIL_SECONDS", 0.4 if "sleep" in text else 30)
    with program(tmp_path / "bin", text, monkeypatch):
        archive.configure(mail="ops@example.org").found(layout=LAYOUT)
        began = time.monotonic()
        (line,) = archive.tell().lines("")
        assert time.monotonic() - began < 5
    assert line.startswith(f"mail to ops@example.org through sendmail: {says}; ")
    assert archive.told == [0]


def test_without_sendmail_the_fix_is_a_server(archive, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(channels, "SENDMAIL", ())
    archive.configure(mail="ops@example.org").found(layout=LAYOUT)
    (line,) = archive.tell().lines("")
    assert "there is no program sendmail here; give [notify] smtp" in line


def test_what_one_channel_took_it_is_not_told_again_while_the_other_fails(archive, hook):
    with MailServer(refuses={"RCPT": "451 later"}) as server:
        archive.configure(webhook=address(hook), mail="ops@example.org", smtp=f"127.0.0.1:{server.port}")
        archive.found(layout=LAYOUT)
        archive.found("yunhe", down=DOWN)
        for _ in range(3):
            assert len(archive.tell().lines("")) == 1
        assert len(hook.log) == 1
        assert archive.told == [0, 0]
        # One ends before the mail goes again: the mail never hears of it, the webhook does.
        archive.found(layout=None)
        archive.tell()
        assert states(hook)[1:] == [[("jiangbei", "layout", "ended")]]
        server.refuses.clear()
        assert archive.tell().lines("") == []
        archive.tell()
        assert [mail["Subject"] for mail in server.mails] == ["运河档案: yunhe down · 无法连接"]
        assert archive.told == [2, 1]
        assert not (archive.directory.path / "notify.json").exists()
        archive.found("yunhe", down=None)
        archive.tell()
        assert len(hook.log) == 3
        assert len(server.mails) == 2
    assert archive.told == [2, 2]


def test_what_is_remembered_may_be_lost_or_broken(archive, hook):
    with MailServer(refuses={"RCPT": "451 later"}) as server:
        archive.configure(webhook=address(hook), mail="ops@example.org", smtp=f"127.0.0.1:{server.port}")
        archive.found(layout=LAYOUT)
        archive.tell()
        for text in ("", "[]", '{"webhook": [[1]]}', '{"webhook": 3}', "\x00"):
            (archive.directory.path / "notify.json").write_text(text)
            assert len(archive.tell().lines("")) == 1
    assert len(hook.log) == 6


def test_processes_that_tell_at_once_tell_once(archive, hook):
    hook.pages[HOOK] = Reply(b"", 204, "No Content", delay=0.2)
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    threads = [threading.Thread(target=archive.tell) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert len(hook.log) == 1
    assert archive.told == [1]


def test_addresses_of_what_is_restricted_are_sent_nowhere(archive, hook):
    filler = Filler(archive.directory.path)
    hidden = article(1, url="http://chengnan.example.org/news/1")
    shown = article(2, url="http://chengnan.example.org/news/10")
    for one in (hidden, shown):
        filler.page(one)
    filler.close()
    restricting.restrict(archive.directory, hidden.url, "asked for")
    restricting.restrict(archive.directory, "yunhe", "asked for")
    reason = f"{hidden.url}: HTTP 503 asks to wait 9000 s ({shown.url})"
    failing = Finding(DOWN.began_at, {"day": "2026-11-19", "reason": reason}, hidden.url)
    other = Finding(DOWN.began_at, {"day": "2026-11-19", "reason": reason}, shown.url)
    archive.configure(webhook=address(hook))
    archive.found("chengnan", failed=failing, nothing=other)
    archive.found("yunhe", failed=other)
    archive.tell()
    (message,) = sent(hook)
    assert hidden.url + ":" not in json.dumps(message)
    told = {(one["site"], one["kind"]): one for one in message["changes"]}
    assert told["chengnan", "failed"]["url"] is None
    assert told["chengnan", "nothing"]["url"] == shown.url
    assert f"…: HTTP 503 asks to wait 9000 s ({shown.url})" in told["chengnan", "failed"]["words"]["en"]
    assert told["yunhe", "failed"]["url"] is None
    assert "http" not in told["yunhe", "failed"]["words"]["zh"].lower().replace("http 503", "")


def test_an_archive_that_cannot_be_written_is_said_in_a_line(archive, hook):
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    archive.directory.database.write_bytes(b"no database" * 1000)
    (line,) = archive.tell().lines("again")
    assert line.startswith(f"{archive.directory.database}: nobody can be told what changed (")
    assert "\n" not in line
    assert hook.log == []


def test_the_command_tries_every_channel(archive, hook):
    with MailServer(refuses={"RCPT": "550 no such user"}) as server:
        archive.configure(webhook=address(hook), mail="ops@example.org", smtp=f"127.0.0.1:{server.port}")
        tried = run(archive.directory.path, "notify", "--test", check=False)
        assert tried.returncode == 1
        assert tried.stdout == f"http://127.0.0.1:{hook.port}: HTTP 204\n"
        assert tried.stderr.startswith(f"Error: mail to ops@example.org through 127.0.0.1:{server.port}: refused (550")
        server.refuses.clear()
        assert run(archive.directory.path, "notify", "--test").stderr == ""
    (mail,) = server.mails
    assert mail["Subject"] == "运河档案: test · 测试"
    assert mail.get_content().splitlines()[1].startswith("这是 union-archive notify 的测试")
    message = sent(hook)[0]
    assert message["test"] is True
    assert message["changes"][0]["kind"] == "test"


def test_the_command_sends_what_waits(archive, hook):
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    path = archive.directory.path
    assert run(path, "notify").stdout == f"http://127.0.0.1:{hook.port}: HTTP 204; 1 change\n"
    assert run(path, "notify").stdout == "nothing to tell\n"
    archive.configure()
    nobody = run(path, "notify", check=False)
    assert (nobody.returncode, nobody.stderr) == (
        1, f"Error: {path}/archive.toml: [notify] names nobody; give webhook or mail there\n",
    )  # fmt: skip


def wait_for(happened, seconds=10):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def notifier(archive):
    said = []
    made = Notifier(archive.directory, archive.directory.config, said.append)
    try:
        yield made, said
    finally:
        made.end()


def test_in_a_watch_it_waits_longer_and_longer_and_holds_up_nothing(archive, hook, monkeypatch):
    monkeypatch.setattr(background, "LEAST_SECONDS", 0.05)
    monkeypatch.setattr(background, "FAILED_SECONDS", (0.1, 0.3, 0.6))
    hook.pages[HOOK] = Reply(b"", 503, "Later", delay=0.1)
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    with notifier(archive) as (made, said):
        began = time.monotonic()
        for _ in range(100):
            made.wake()
        assert time.monotonic() - began < 5  # 100 answers would take ten
        wait_for(lambda: len(hook.log) == 4)
        at = [request.at for request in hook.log]
        gaps = [later - one for one, later in pairwise(at)]
        assert gaps[0] > 0.1
        assert gaps[1] > 0.3
        assert gaps[2] > 0.6
        assert said[0].endswith("answers HTTP 503; mend [notify] of archive.toml and try `union-archive notify --test`; trying again in 0.1 s")  # fmt: skip # noqa: E501
        hook.pages[HOOK] = Reply(b"", 204, "No Content")
        wait_for(lambda: archive.told == [1])
        asked = len(hook.log)
        archive.found(layout=None)
        made.wake()
        wait_for(lambda: archive.told == [2])
        assert len(hook.log) == asked + 1
    assert hook.log[-1].at - hook.log[-2].at > 0.05


def test_a_channel_that_rests_does_not_keep_the_other_from_hearing(archive, hook, monkeypatch):
    monkeypatch.setattr(background, "LEAST_SECONDS", 0.02)
    with MailServer(refuses={"RCPT": "451 later"}) as server, notifier(archive) as (made, said):
        archive.configure(webhook=address(hook), mail="ops@example.org", smtp=f"127.0.0.1:{server.port}")
        archive.found(layout=LAYOUT)
        made.wake()
        wait_for(lambda: said)
        assert said[0].endswith("; trying again in 1 min")
        archive.found("yunhe", down=DOWN)
        made.wake()
        wait_for(lambda: len(hook.log) == 2)
        tries = [line for line in server.talk if line.startswith("rcpt")]
    assert states(hook)[1] == [("yunhe", "down", "began")]
    assert len(tries) == 1


def test_a_webhook_that_hangs_does_not_keep_a_watch_from_ending(archive, hook, monkeypatch):
    monkeypatch.setattr(background, "END_SECONDS", 0.2)
    monkeypatch.setattr(channels, "WEBHOOK_SECONDS", 2.5)
    hook.raw[HOOK] = _hang
    archive.configure(webhook=address(hook)).found(layout=LAYOUT)
    with notifier(archive) as (made, said):
        made.wake()
        wait_for(lambda: hook.log)
        began = time.monotonic()
        made.end()
        assert time.monotonic() - began < 1.5
        wait_for(lambda: said)
    assert archive.told == [0]


@pytest.fixture
def crawls(tmp_path):
    found = Crawls(tmp_path / "crawls")
    yield found
    found.end()


def test_a_crawl_tells_at_its_end_and_fails_by_no_webhook(crawls, hook, tmp_path):
    clock_file = tmp_path / "clock"
    with LocalSite() as site:
        News(3).put(site)
        crawls.profile(site)

        def crawl(days):
            clock_file.write_text((NOW + timedelta(days=days)).isoformat())
            return crawls.command("crawl", "lokal", UNION_ARCHIVE_CLOCK=str(clock_file))

        with crawls.directory.config_file.open("a") as file:
            file.write(f'[notify]\nwebhook = "{address(hook)}"\n')
        assert crawl(0).returncode == 0
        listing, site.pages["/list/"] = site.pages["/list/"], b"<p>" + "改版中".encode() * 40
        hook.pages[HOOK] = Reply(b"", 500, "Oops")
        failed = crawl(1)
        assert failed.returncode == 1
        assert "no listing yields an article link" in failed.stdout
        assert failed.said == (
            f"http://127.0.0.1:{hook.port}: answers HTTP 500; mend [notify] of archive.toml and try "
            "`union-archive notify --test`; the next run tells it again"
        )
        hook.pages[HOOK] = Reply(b"", 204, "No Content")
        assert crawl(2).returncode == 1
        site.pages["/list/"] = listing
        well = crawl(3)
        assert (well.returncode, well.stderr) == (0, "")
    assert states(hook)[1:] == [[("lokal", "nothing", "began")], [("lokal", "nothing", "ended")]]
    assert crawls.problems() == []


def _told(crawls):
    try:
        return [row["told"] for row in crawls.rows("SELECT told FROM incidents")]
    except (ArchiveError, sqlite3.Error):
        return []  # the archive is only being made


def test_a_watch_tells_while_it_goes_on(crawls, hook, tmp_path):
    clock_file = tmp_path / "clock"
    clock_file.write_text(NOW.isoformat())
    with LocalSite() as site:
        site.pages["/list/"] = b"<p>" + "改版中".encode() * 40
        crawls.profile(site)
        with crawls.directory.config_file.open("a") as file:
            file.write(f'[notify]\nwebhook = "{address(hook)}"\n')
        process = crawls.start("watch", "lokal", UNION_ARCHIVE_CLOCK=str(clock_file))
        wait_for(lambda: crawls.directory.database.exists() and _told(crawls) == [1], 20)
        assert process.poll() is None
        process.send_signal(15)
        out, err = process.communicate(20)
    assert states(hook) == [[("lokal", "nothing", "began")]]
    assert process.returncode == 0
    assert "Traceback" not in out + err
