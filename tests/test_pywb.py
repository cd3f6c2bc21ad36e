"""Our own WARC files, and a WACZ file, in pywb: pages, pictures and files, on each date what was there then."""

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from filled import article
from replayed import tool
from wacz_files import NOTICE, PDF, PICTURE, illustrated, packed, png

#: Names pywb's own environment: its pins are older than ours. In CI its absence is no reason to skip.
VARIABLE = "UNION_ARCHIVE_PYWB"
URL = article(1).url


def run(folder: Path, *command: str) -> None:
    """A command of pywb in a folder of collections."""
    done = subprocess.run(
        [program(command[0]), *command[1:]],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def program(name: str) -> Path:
    """A program of pywb's environment; skips the test where there is none."""
    return tool(VARIABLE, "pywb", "`python3 -m venv DIR && DIR/bin/pip install pywb==2.10.0`") / "bin" / name


def environment() -> dict[str, str]:
    """Ours, without what would have pywb read our packages or warn of its own."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**ours, "PYTHONWARNINGS": "ignore"}


@contextmanager
def serving(folder: Path):
    """Asks pywb for a capture: `ask(coll, moment, url)`, the moment with pywb's modifier."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program("wayback"), "-b", "127.0.0.1", "-p", str(port)],
            cwd=folder, stdout=log, stderr=log, env=environment(),
        )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, trust_env=False) as client:
            wait(client, server, folder / "log")
            yield lambda coll, moment, url: client.get(f"/{coll}/{moment}/{url}")
    finally:
        server.terminate()
        server.wait(20)


def wait(client: httpx.Client, server: subprocess.Popen, log: Path) -> None:
    """Return when pywb answers."""
    for _ in range(200):
        assert server.poll() is None, log.read_text()
        try:
            client.get("/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"pywb does not answer: {log.read_text()}")


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """pywb with two collections: `warc`, the archive's own files; `wacz`, the WACZ file of it."""
    program("wayback")
    folder = tmp_path_factory.mktemp("pywb")
    directory = illustrated(folder / "archive")[0]
    packed(directory, folder / "articles.wacz")
    for name, *files in (("warc", *sorted(directory.warc.glob("*.warc.gz"))), ("wacz", folder / "articles.wacz")):
        run(folder, "wb-manager", "init", name)
        options = ["--unpack-wacz"] if name == "wacz" else []
        run(folder, "wb-manager", "add", *options, name, *map(str, files))
    with serving(folder) as asking:
        yield asking


@pytest.fixture(params=["warc", "wacz"])
def collection(request):
    return request.param


@pytest.mark.parametrize(
    ("moment", "said"),
    [("20250301010100", "第一次报道"), ("20250301010400", "更正后的报道"), ("20250301010500", "更正后的报道")],
    ids=["first", "edited", "revisit"],
)
def test_a_page_is_replayed_as_it_was_that_day(ask, collection, moment, said):
    answer = ask(collection, f"{moment}mp_", URL)
    assert answer.status_code == 200
    assert f'<p id="said">{said}</p>' in answer.text
    # Its picture and its file lead into the archive too.
    assert f'src="/{collection}/{moment}im_/{PICTURE}"' in answer.text
    assert f'href="/{collection}/{moment}mp_/{NOTICE}"' in answer.text


@pytest.mark.parametrize(
    ("url", "kind", "content"),
    [(PICTURE, "image/png", png()), (article(2).url.replace("html", "png"), "image/png", png()),
     (NOTICE, "application/pdf", PDF)],
    ids=["picture", "picture that is a revisit of another address", "file"],
)  # fmt: skip
def test_pictures_and_files_are_replayed_as_they_were_sent(ask, collection, url, kind, content):
    answer = ask(collection, "2025id_", url)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, content)


def test_what_was_not_captured_is_not_there(ask, collection):
    assert ask(collection, "2025mp_", article(9).url).status_code == 404


def test_the_last_capture_of_a_wacz_file_is_never_a_304(ask):
    """pywb gives back a 304 where it has one: in the WACZ file's index there are none."""
    assert ask("warc", "mp_", URL).status_code == 304
    last = ask("wacz", "mp_", URL)
    assert (last.status_code, "更正后的报道" in last.text) == (200, True)
