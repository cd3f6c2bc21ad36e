"""What browsers may do with a page, which pages of Datasette are closed, and that nothing is written."""

import asyncio
import re

import pytest
from filled import filled

from archive.directory import ArchiveDirectory
from archive.web import security
from archive.web.serve import application

DEBUG = [
    "versions", "plugins", "settings", "config", "metadata", "threads", "databases", "actor", "auth-token", "logout",
    "permissions", "messages", "allow-debug", "patterns", "api", "jump", "tables", "rules", "check", "allowed", "tasks",
    "queries", "schema", "create-token", "debug/autocomplete",
]  # fmt: skip


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    return filled(tmp_path_factory.mktemp("limits"))


@pytest.fixture(scope="module")
def ask(directory):
    """Ask the site, all in one loop: `ask(path, …)` gives the answers."""
    datasette = application(directory)
    with asyncio.Runner() as runner:

        def asking(*paths, method="GET", **headers):
            async def fetch():
                return [await datasette.client.request(method, path, headers=headers) for path in paths]

            return runner.run(fetch())

        yield asking


def test_debug_pages_are_closed_and_static_files_are_not(ask):
    paths = [f"/-/{name}{form}" for name in DEBUG for form in ("", ".json")] + ["/-", "/-.json", "/-/anything/at/all"]
    assert {answer.status_code for answer in ask(*paths)} == {404}
    open_ = ask("/-/static/app.css", "/-/static-plugins/archive.web/archive.css", "/archive/articles")
    assert [answer.status_code for answer in open_] == [200, 200, 200]


def test_a_wrong_address_prints_no_variables(ask, capfd):
    # Datasette would print all those of its own code where Rich is installed, and take half a second for it.
    answers = ask("/-/versions", "/nowhere", "/archive/nothing", "/archive?sql=select+nothing")
    assert [answer.status_code for answer in answers] == [404, 404, 404, 400]
    printed = capfd.readouterr()
    assert printed.out == ""
    assert [line[:6] for line in printed.err.splitlines()] == ["ERROR:"]


def test_debug_pages_are_closed_in_every_spelling(ask):
    for path in ("/%2D/versions", "/-%2Fversions.json", "//-/versions", "/-/static/../versions", "/-/./versions"):
        (answer,) = ask(path)
        assert "sqlite" not in answer.text.lower(), path
        assert answer.status_code in (302, 404), path


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_is_written_through_the_web(ask, method):
    for answer in ask("/", "/archive/articles", "/search", method=method):
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_our_pages_have_no_inline_styles_and_no_page_sets_a_cookie(ask):
    paths = ["/", "/archive", "/archive/articles", "/archive?sql=select+1", "/nowhere", "/-/versions"]
    for path, answer in zip(paths, ask(*paths), strict=True):
        (policy,) = answer.headers.get_list("content-security-policy")
        assert ("'unsafe-inline'" in policy) == path.startswith("/archive"), path
        assert "unsafe" not in re.search("script-src [^;]*", policy)[0]
        assert "set-cookie" not in answer.headers
        assert answer.headers["permissions-policy"].startswith("camera=()")
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"


STRICT = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; {}"
COVERED = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"


@pytest.mark.parametrize(
    ("own", "alone"),
    [
        (STRICT.format(COVERED), True),
        (STRICT.format("form-action 'none'; frame-ancestors 'self'"), False),
        (STRICT.format(COVERED).replace("sandbox", "sandbox allow-scripts"), False),
        (STRICT.format(COVERED + "; script-src 'self'"), False),
        (STRICT.format(COVERED).replace("data:", "*"), False),
        (STRICT.format(COVERED).replace("data:", "https:"), False),
        ("default-src 'self'", False),
        ("", False),
    ],
)
def test_a_policy_of_a_page_stands_alone_only_when_it_is_stricter(directory, own, alone):
    async def page(scope, receive, send):
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"Content-Security-Policy", own.encode())]}
        )

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/capture/1/raw", "query_string": b""}
    asyncio.run(security.wrapper(application(directory))(page)(scope, None, send))
    policies = [value.decode() for name, value in sent[0]["headers"] if name.lower() == b"content-security-policy"]
    assert own in policies
    assert len(policies) == (1 if alone else 2)
