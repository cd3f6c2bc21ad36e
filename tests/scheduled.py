"""A machine that `schedule` meets: a home, and no other programs than those that a test puts on PATH."""

from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from crawler import cli_schedule
from crawler.cli import main

#: Writes its words and its directory down.
PROGRAM = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done >"$UNION_TEST_SAID"
pwd >>"$UNION_TEST_SAID"
echo "what is told"
exit "${UNION_TEST_EXIT:-0}"
"""
#: Keeps the table in a file, with a mark for each time it was written.
CRONTAB = """#!/bin/sh
case "$1" in
-l) [ -f "$HOME/table" ] && exec /bin/cat "$HOME/table"; echo "no crontab for somebody" >&2; exit 1;;
-) /bin/cat >"$HOME/table"; echo >>"$HOME/written";;
esac
"""
REFUSES = "#!/bin/sh\necho 'You (somebody) are not allowed to use this program (crontab)' >&2\nexit 1\n"
SYSTEMCTL = '#!/bin/sh\necho "$*" >>"$HOME/orders"\n'
NO_MANAGER = "#!/bin/sh\necho 'Failed to connect to bus: No medium found' >&2\nexit 1\n"
LOGINCTL = "#!/bin/sh\necho no\n"


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


class Machine:
    """A user's home and the programs on PATH: none but those that a test puts there."""

    def __init__(self, path):
        self.home = path / "home"
        self.programs = path / "bin"
        self.home.mkdir()
        self.units = self.home / ".config" / "systemd" / "user"

    def program(self, name, text):
        executable(self.programs / name, text)
        return self

    def orders(self):
        """What systemctl was told since the last time."""
        file = self.home / "orders"
        told = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        assert all(order.startswith("--user ") for order in told), told
        return [order.removeprefix("--user ") for order in told]

    @property
    def table(self):
        return self.home / "table"

    @property
    def writes(self):
        """How often the crontab was written."""
        file = self.home / "written"
        return len(file.read_text().splitlines()) if file.exists() else 0


@contextmanager
def machine_at(path):
    """A Machine that this process is on."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        found = Machine(path)
        monkeypatch.setenv("HOME", str(found.home))
        monkeypatch.setenv("PATH", str(found.programs))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.setattr(cli_schedule, "BOOTED", path)
        yield found


def usual_at(machine):
    """Put systemd and cron on a machine."""
    return machine.program("crontab", CRONTAB).program("systemctl", SYSTEMCTL).program("loginctl", LOGINCTL)


def archive_at(path):
    path.mkdir(parents=True)
    (path / "archive.toml").write_text('contact = "schedule@example.org"\n', encoding="utf-8")
    return path


def schedule(archive, *arguments, code=0):
    """Run the command; return what it said: on stdout, or its one line of error."""
    done = CliRunner().invoke(main, ["--archive", str(archive), "schedule", *arguments], prog_name="union-archive")
    assert done.exit_code == code, done.output
    if code == 0:
        return done.stdout
    return done.stderr.strip().splitlines()[-1]
