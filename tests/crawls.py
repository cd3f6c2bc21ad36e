"""Crawls for tests, each in a process of its own: the command as a person starts it, or with limits lowered."""

import re
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import processes
from local_server import profile

from archive.directory import ArchiveDirectory
from archive.verify import verify

#: A crawl of these tests takes a second or two; one that takes so long hangs.
PATIENCE = 60.0


class Ended(subprocess.CompletedProcess):
    """A process that ended by itself; `said` is its one line of error."""

    @property
    def said(self):
        lines = self.stderr.strip().splitlines()
        assert len(lines) == 1, self.stderr
        return lines[0]

    @property
    def clean(self):
        """Whether nobody was shown a traceback."""
        return "Traceback" not in self.stdout + self.stderr


class Crawls:
    """An archive for tests, and the crawls of it."""

    def __init__(self, path):
        self.directory = ArchiveDirectory(Path(path))
        self.directory.sites.mkdir(parents=True, exist_ok=True)
        self._started = []
        self.directory.config_file.write_text('contact = "crawls@example.org"\n', encoding="utf-8")

    @property
    def path(self):
        return self.directory.path

    def profile(self, site, id_="lokal", **changes):
        """Write a profile for a LocalSite."""
        text = profile(site, **changes)
        (self.directory.sites / f"{id_}.toml").write_text(text, encoding="utf-8")
        return self

    def start(self, *arguments, hurried=False, **environment):
        """Start the command in a process group of its own; `end` ends it in any case."""
        target = processes.hurried if hurried else processes.command
        process = processes.start(target, "--archive", str(self.path), *arguments, **environment)
        self._started.append(process)
        return process

    def end(self):
        """End what a test that failed left running."""
        for process in self._started:
            if process.poll() is None:
                process.kill_group()
                process.communicate()

    def command(self, *arguments, **environment):
        """Run the command to its end."""
        return finish(self.start(*arguments, **environment))

    def crawl(self, *sites, options=None, retry_seconds=0.02, resolve=None, modules=None, clean=True, **settings):
        """Crawl with Scrapy's `settings`; `resolve` maps host names to addresses, `modules` sets constants."""
        asked = {
            "archive": str(self.path),
            "sites": sites or ("lokal",),
            "options": options or {},
            "settings": settings,
            "resolve": resolve or {},
            "modules": {"crawler.setbacks": {"RETRY_SECONDS": retry_seconds, "HOLD_SECONDS": 0.3}, **(modules or {})},
        }
        ended = finish(processes.start(_crawl, asked))
        assert ended.clean or not clean, ended.stderr
        return ended

    def rows(self, sql, *values):
        """What a query gives."""
        with closing(self.directory.read_database()) as db:
            return [dict(row) for row in db.execute(sql, values)]

    @property
    def frontier(self):
        """Path of each URL of the frontier -> (state, error)."""
        rows = self.rows("SELECT url, state, error FROM frontier ORDER BY id")
        return {urlsplit(row["url"]).path: (row["state"], row["error"]) for row in rows}

    @property
    def run(self):
        """The last run."""
        return self.rows("SELECT * FROM runs ORDER BY id DESC LIMIT 1")[0]

    @property
    def articles(self):
        """The paths of the articles held."""
        return {urlsplit(row["url"]).path for row in self.rows("SELECT url FROM articles")}

    def problems(self):
        """What `verify` finds, and what a finished crawl leaves open."""
        found = []
        verify(self.directory, lambda problem: found.append(str(problem)))
        return found + [path.name for path in self.directory.warc.glob("*.open")]


def finish(process, patience=PATIENCE):
    """Wait until a process ends; one that hangs is killed with its group, and fails the test."""
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill_group()
        out, err = process.communicate()
        raise AssertionError(f"still running after {patience:g} s\n{out}\n{err}") from None
    return Ended(process.args, process.returncode, out, err)


def wait_until(happened, patience=PATIENCE, what="nothing came of it"):
    """Return what `happened()` gives as soon as it is true."""
    end = time.monotonic() + patience
    while not (found := happened()):
        assert time.monotonic() < end, what
        time.sleep(0.01)
    return found


def failures(ended):
    """The failed URLs that a crawl names: path -> reason."""
    found = re.findall(r"^  failed: https?://[^/\s]+(\S*): (.*)$", ended.stdout, re.M)
    return dict(found)


def _crawl(asked):
    """Crawl as `Crawls.crawl` asks; runs in a process of its own."""
    import pkgutil

    from crawler import crawling
    from crawler.registry import registry
    from crawler.run import Options

    crawling.NAMED_FAILURES = 100
    for module, constants in asked["modules"].items():
        for name, value in constants.items():
            setattr(pkgutil.resolve_name(module), name, value)
    with _resolving(asked["resolve"]):
        directory = ArchiveDirectory(Path(asked["archive"]))
        profiles = [registry(directory.sites)[site] for site in asked["sites"]]
        options = Options(**asked["options"])
        summaries = crawling.crawl_sites(directory, profiles, options, jobs=4, settings=asked["settings"])
    for summary in summaries:
        print("\n".join(summary.lines()))  # noqa: T201
    return int(any(summary.outcome != "finished" for summary in summaries))


@contextmanager
def _resolving(names):
    """Have the system's resolver answer `names`, and nothing that would leave this machine."""
    by_name = socket.gethostbyname

    def resolve(host):
        if host in names:
            return names[host]
        if host.replace(".", "").isdigit():
            return by_name(host)
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: no name of this test")

    socket.gethostbyname = resolve
    try:
        yield
    finally:
        socket.gethostbyname = by_name
