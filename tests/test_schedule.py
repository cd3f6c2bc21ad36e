"""`schedule`: its units pass systemd's own reader, its line cron's, and both run the program with the right words."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from crontab import CronTab
from scheduled import PROGRAM, archive_at, executable, machine_at, schedule, usual_at

from crawler import cli_schedule
from crawler.cli import main
from crawler.scheduling import cron, systemd
from crawler.scheduling.plan import EVERY, Plan, make, name_of

#: What a directory may be called by somebody who thinks of neither units nor shells. (No `#`: cron takes it, but the
#: reader of crontabs used here takes it for a comment.)
NASTY = '工会 20% \\% \\\\ "it\'s" $HOME `id` ; ~\\'
#: In CI the variable forbids the skip.
REQUIRED = "UNION_ARCHIVE_SYSTEMD_REQUIRED"


@pytest.fixture
def machine(tmp_path):
    with machine_at(tmp_path) as found:
        yield found


@pytest.fixture
def usual(machine):
    return usual_at(machine)


@pytest.fixture
def archive(tmp_path):
    return archive_at(tmp_path / "archive")


# What systemd reads


@pytest.fixture(scope="module")
def analyze(tmp_path_factory):
    """Run systemd-analyze; return its exit status and what it said. A visible skip where there is none."""
    program = shutil.which("systemd-analyze")
    if program is None:
        message = "no systemd-analyze on this machine: install Debian's package systemd"
        pytest.fail(message) if os.environ.get(REQUIRED) else pytest.skip(message)
    runtime = tmp_path_factory.mktemp("runtime")

    def run(*arguments):
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        done = subprocess.run([program, *map(str, arguments)], env=environment, capture_output=True, timeout=60)
        return done.returncode, (done.stdout + done.stderr).decode()

    return run


@pytest.mark.parametrize("watch", [False, True], ids=["due", "watch"])
@pytest.mark.parametrize("where", ["archive", NASTY])
def test_systemd_finds_nothing_wrong_with_the_units(usual, analyze, tmp_path, monkeypatch, where, watch):
    monkeypatch.setattr(sys, "argv", [str(executable(tmp_path / "of" / where / "union-archive", PROGRAM))])
    schedule(archive_at(tmp_path / "an" / where), "--systemd", "--install", *(["--watch"] if watch else []))
    units = sorted(usual.units.glob("*.*"))
    assert [path.suffix for path in units] == ([".service"] if watch else [".service", ".timer"])
    assert analyze("--user", "verify", *units) == (0, "")


def test_systemd_reads_the_paths_that_were_meant(usual, analyze, tmp_path, monkeypatch):
    """It says so when the executable is not where the unit says, whatever its name had to become there."""
    program = executable(tmp_path / "工会 20%s" / "union-archive", PROGRAM)
    monkeypatch.setattr(sys, "argv", [str(program)])
    schedule(archive_at(tmp_path / "archive"), "--systemd", "--install")
    service = next(usual.units.glob("*.service"))
    assert analyze("--user", "verify", service) == (0, "")
    program.unlink()
    code, said = analyze("--user", "verify", service)
    assert code != 0
    assert f"Command {program} is not executable" in said


def test_a_word_in_a_unit_is_one_word_again_by_the_rules_of_systemd():
    assert systemd.quoted("a b") == '"a b"'
    assert systemd.quoted('20% "x" \\ $y') == r'"20%% \"x\" \\ $y"'
    assert systemd.quoted("$y", command=True) == '"$$y"'


@pytest.mark.parametrize(("option", "task"), [("--every=1h", ["crawl", "--due"]), ("--watch", ["watch"])])
def test_the_service_runs_the_program_for_the_archive(crawled, option, task):
    archive, run = crawled
    (command,) = re.findall(r"^ExecStart=(.+)$", schedule(archive, "--systemd", option), re.M)
    # Of what systemd knows in quotes only these are used, and a shell's words know them too.
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(command)]
    assert words[:3] == ["/bin/sh", "-c", 'exec "$0" "$@"']
    assert run(shlex.join(words))[2][:-1] == ["--archive", str(archive), *task]


@pytest.mark.parametrize("every", EVERY)
def test_timer_and_crontab_go_off_at_the_same_times(analyze, every):
    plan = Plan(Path("/srv/union"), ("union-archive",), EVERY[every], 17)
    times = 1440 // plan.every
    code, said = analyze("calendar", f"--iterations={times}", "--base-time=2026-05-24 23:59:59", systemd.calendar(plan))
    assert code == 0, said
    timer = {line.split()[-2][:5] for line in said.splitlines() if "Next elapse" in line or "Iter. #" in line}
    (job,) = CronTab(tab="\n".join(cron.lines(plan)) + "\n")
    assert job.is_valid()
    hours, minutes = (expanded(str(part), most) for part, most in ((job.hour, 24), (job.minute, 60)))
    assert timer == {f"{hour:02}:{minute:02}" for hour in hours for minute in minutes}
    assert len(timer) == times == job.frequency_per_day()


def expanded(field, most):
    """The numbers that a field of a crontab means."""
    if field.startswith("*"):
        return range(0, most, int(field.partition("/")[2] or 1))
    return [int(number) for number in field.split(",")]


# What cron reads


@pytest.fixture
def crawled(tmp_path, monkeypatch):
    """An archive and a program with nasty names, and how a command of the crontab goes: `run(command)`."""
    monkeypatch.setenv("UNION_TEST_SAID", str(tmp_path / "said"))
    monkeypatch.setattr(sys, "argv", [str(executable(tmp_path / "of" / NASTY / "union-archive", PROGRAM))])
    archive = archive_at(tmp_path / "an" / NASTY)

    def run(command, **environment):
        (tmp_path / "said").unlink(missing_ok=True)
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True
        )
        said = (tmp_path / "said").read_text().splitlines() if (tmp_path / "said").exists() else None
        return done.returncode, done.stdout + done.stderr, said

    return archive, run


def test_the_line_runs_the_program_for_the_archive_and_says_nothing(crawled):
    archive, run = crawled
    text = schedule(archive, "--cron", "--at", "5")
    (job,) = CronTab(tab=f"MAILTO=somebody\n{text}")
    assert job.is_valid()
    assert str(job.slices) == "5 * * * *"
    assert run(job.command) == (0, "", ["--archive", str(archive), "crawl", "--due", str(archive)])
    (log,) = archive.glob("crawl-*.log")
    assert re.fullmatch(r"crawl-\d{4}\.log", log.name)
    assert log.read_text() == "what is told\n"


def test_the_line_is_right_for_a_cron_that_leaves_backslashes_alone(crawled):
    archive, run = crawled
    line = schedule(archive, "--cron", "--at", "5").splitlines()[-1]
    command = line.removeprefix("5 * * * * ")
    assert "\\%" in command
    assert run(command)[2] == ["--archive", str(archive), "crawl", "--due", str(archive)]


def test_nothing_of_the_line_is_changed_by_crons_that_make_one_of_two_backslashes(crawled):
    archive, _ = crawled
    line = schedule(archive, "--cron").splitlines()[-1]
    assert "\\\\" not in line
    assert line.count("%") == line.count("\\%") > 2


def test_a_crawl_that_failed_shows_the_end_of_the_log_for_cron_to_mail(crawled):
    archive, run = crawled
    (job,) = CronTab(tab=schedule(archive, "--cron"))
    assert run(job.command, UNION_TEST_EXIT="1")[1] == "what is told\n"


def test_a_crawl_that_is_under_way_is_left_alone(crawled):
    archive, run = crawled
    if shutil.which("flock") is None:
        pytest.skip("no flock on this machine: install Debian's package util-linux")
    (job,) = CronTab(tab=schedule(archive, "--cron"))
    with subprocess.Popen(["flock", str(archive), "sh", "-c", "echo; cat"], stdin=-1, stdout=-1) as other:
        other.stdout.readline()
        assert run(job.command) == (0, "", None)
        other.stdin.close()
    assert run(job.command)[2] is not None


def test_without_the_archive_cron_is_told(crawled):
    archive, run = crawled
    (job,) = CronTab(tab=schedule(archive, "--cron"))
    shutil.rmtree(archive)
    _, said, ran = run(job.command)
    assert "can't cd" in said or "No such file" in said
    assert ran is None


def test_busybox_cannot_be_asked_to_pass_over_a_crawl(machine, archive):
    executable(machine.programs / "busybox", "#!/bin/sh\n")
    (machine.programs / "flock").symlink_to("busybox")
    assert " && nice -n 10 " in schedule(archive, "--cron")
    (machine.programs / "flock").unlink()
    machine.program("flock", "#!/bin/sh\n")
    assert " && flock -n -E 0 . " in schedule(archive, "--cron")


# What cannot be said


@pytest.mark.parametrize("kind", ["--cron", "--systemd"])
@pytest.mark.parametrize("name", ["two\nlines", "a\x07bell", "not \udcff utf-8"])
def test_a_path_that_cannot_be_said_is_refused(machine, tmp_path, kind, name):
    said = schedule(archive_at(tmp_path / name), kind, code=1)
    assert said.startswith("Error: '")
    assert "rename it" in said
    assert ascii(name)[1:-1] in said


def test_a_line_that_is_too_long_for_cron_is_refused_and_not_cut(machine, tmp_path):
    deep = archive_at(tmp_path.joinpath(*["工" * 80] * 4))
    assert "cron takes commands of up to 998 bytes" in schedule(deep, "--cron", code=1)
    assert str(deep) in schedule(deep, "--systemd")


def test_what_is_no_archive_is_not_scheduled(machine, tmp_path):
    assert "is no archive yet" in schedule(tmp_path / "nothing", "--cron", code=1)
    assert not (tmp_path / "nothing").exists()


def test_an_archive_without_a_contact_is_told_that_nothing_will_start(machine, archive):
    (archive / "archive.toml").write_text("", encoding="utf-8")
    done = CliRunner().invoke(main, ["--archive", str(archive), "schedule", "--cron"])
    assert "put a contact into it" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--install", "--remove"], "not both"),
        (["--watch", "--every", "1h"], "leave out --every"),
        (["--watch", "--at", "0"], "leave out --every"),
        (["--watch", "--cron"], "cron keeps nothing running"),
        (["--every", "7m"], "'7m' is not one of"),
        (["--at", "60"], "60 is not in the range"),
    ],
)
def test_wrong_usage(machine, archive, arguments, why):
    assert why in schedule(archive, *arguments, code=2)


# What is planned


def test_where_systemd_runs_it_is_usual_and_elsewhere_cron(machine, archive, tmp_path, monkeypatch):
    assert "[Timer]" in schedule(archive)
    monkeypatch.setattr(cli_schedule, "BOOTED", tmp_path / "not")
    assert " * * * * cd " in schedule(archive)
    assert "[Service]" in schedule(archive, "--watch")


def test_printing_changes_nothing(usual, archive):
    before = sorted(usual.home.rglob("*"))
    schedule(archive, "--systemd")
    schedule(archive, "--cron")
    assert sorted(usual.home.rglob("*")) == before


def test_archives_of_the_same_name_have_units_and_minutes_of_their_own(tmp_path):
    one, other = (make(tmp_path / where / "union", 60, None) for where in ("a", "b"))
    assert one.name != other.name
    assert make(tmp_path / "a" / "union", 60, None) == one
    minutes = {make(tmp_path / str(number), 60, None).at for number in range(60)}
    assert len(minutes) > 20
    assert name_of(Path("/srv/工会")).startswith("union-archive-archive-")


def test_a_relative_archive_is_named_from_the_root(machine, archive, monkeypatch):
    monkeypatch.chdir(archive.parent)
    assert f"cd {archive} && " in schedule("archive", "--cron")
    monkeypatch.chdir(archive)
    assert f"cd {archive} && " in schedule("../archive", "--cron")


def test_what_the_archive_links_to_may_be_written_too(machine, archive, tmp_path):
    (tmp_path / "large disk").mkdir()
    (archive / "warc").symlink_to(tmp_path / "large disk")
    assert f'ReadWritePaths="{archive}" "{tmp_path / "large disk"}" -/tmp' in schedule(archive, "--systemd")


def test_without_the_executable_the_module_is_run(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["-c"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    plan = make(tmp_path, 60, 0)
    assert plan.program[-3:] == (str(tmp_path / "python"), "-m", "crawler.cli")
    monkeypatch.undo()
    words = [sys.executable if word == str(tmp_path / "python") else word for word in plan.program]
    done = subprocess.run([*words, "--version"], cwd="/", capture_output=True, text=True)
    assert done.stdout.startswith("union-archive "), done.stderr
