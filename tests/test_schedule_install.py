"""`schedule --install` and `--remove`: what is put in place, what is taken out, and what is never touched."""

import pytest
from crontab import CronTab
from scheduled import CRONTAB, NO_MANAGER, REFUSES, archive_at, machine_at, schedule, usual_at

from crawler.scheduling import tools
from crawler.scheduling.plan import name_of


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


# Putting it into the crontab

#: Another's lines: of another archive whose name begins alike, not in UTF-8, without a line's end.
OTHERS = b"MAILTO=somebody\r\n# union-archive schedule: {archive}2\n5 * * * * cd {archive}2 && run crawl --due >>x\n"
LATIN = "# schöne Grüße\x85\n@daily true".encode("latin-1")


@pytest.fixture
def others(usual, archive):
    """A crontab with lines of others."""
    table = OTHERS.replace(b"{archive}", bytes(archive)) + LATIN
    usual.table.write_bytes(table)
    return table


def test_the_crontab_keeps_every_other_line(usual, archive, others):
    assert schedule(archive, "--cron", "--at", "7", "--install") == f"crontab: crawls {archive}\n"
    mine = schedule(archive, "--cron", "--at", "7").encode()
    assert usual.table.read_bytes() == others + b"\n" + mine
    assert len([*CronTab(tab=usual.table.read_bytes().decode("latin-1"))]) == 3


def test_the_line_is_replaced_where_it_stands(usual, archive, others):
    schedule(archive, "--cron", "--at", "7", "--install")
    usual.table.write_bytes(usual.table.read_bytes() + b"@weekly true\n")
    schedule(archive, "--cron", "--at", "8", "--every", "2h", "--install")
    mine = schedule(archive, "--cron", "--at", "8", "--every", "2h").encode()
    assert usual.table.read_bytes() == others + b"\n" + mine + b"@weekly true\n"


def test_installing_again_writes_nothing(usual, archive, others):
    schedule(archive, "--cron", "--install")
    assert usual.writes == 1
    assert "as before" in schedule(archive, "--cron", "--install")
    assert usual.writes == 1


def test_removing_leaves_what_was_there_before(usual, archive, others):
    schedule(archive, "--cron", "--install")
    assert schedule(archive, "--remove") == f"crontab: no longer crawls {archive}\n"
    assert usual.table.read_bytes() == others + b"\n"
    assert "nothing of it was in place" in schedule(archive, "--remove")
    assert usual.writes == 2


def test_a_comment_whose_line_is_gone_takes_no_other_with_it(usual, archive):
    usual.table.write_text(f"# union-archive schedule: {archive}\n@daily backup\n")
    schedule(archive, "--cron", "--install")
    assert usual.table.read_text() == schedule(archive, "--cron") + "@daily backup\n"


def test_a_first_crontab_is_made(usual, archive):
    schedule(archive, "--cron", "--install")
    assert usual.table.read_text() == schedule(archive, "--cron")


def test_a_crontab_that_cannot_be_read_is_not_taken_for_an_empty_one(machine, archive):
    machine.program("crontab", REFUSES)
    said = schedule(archive, "--cron", "--install", code=1)
    assert said.startswith("Error: crontab -l: You (somebody) are not allowed")
    assert "nothing was changed" in said


def test_without_cron_it_is_said(machine, archive):
    assert "crontab: not installed here" in schedule(archive, "--cron", "--install", code=1)


# Putting units in place


def names(archive):
    return f"{name_of(archive)}.service", f"{name_of(archive)}.timer"


def test_units_are_written_and_started(usual, archive):
    service, timer = names(archive)
    said = schedule(archive, "--systemd", "--at", "7", "--install")
    assert usual.orders() == ["daemon-reload", f"enable --now {timer}"]
    assert f"{usual.units / service}: written\n" in said
    assert "loginctl enable-linger" in said
    printed = schedule(archive, "--systemd", "--at", "7")
    texts = [f"# {path}\n{path.read_text()}" for path in (usual.units / service, usual.units / timer)]
    assert printed == "\n".join(texts) + "\n"
    assert sorted(path.name for path in usual.units.iterdir()) == sorted([service, timer])


def test_units_that_are_right_stay(usual, archive):
    schedule(archive, "--systemd", "--install")
    before = {path: path.stat().st_ino for path in usual.units.iterdir()}
    assert "as it was" in schedule(archive, "--systemd", "--install")
    assert {path: path.stat().st_ino for path in usual.units.iterdir()} == before


def test_units_follow_xdg_config_home(usual, archive, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    schedule(archive, "--systemd", "--install")
    assert (tmp_path / "config" / "systemd" / "user" / names(archive)[0]).exists()
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    schedule(archive, "--systemd", "--install")
    assert (usual.units / names(archive)[0]).exists()


def test_a_user_whose_units_outlive_the_login_is_told_nothing(usual, archive):
    usual.program("loginctl", "#!/bin/sh\necho yes\n")
    assert "enable-linger" not in schedule(archive, "--systemd", "--install")


@pytest.mark.parametrize("foreign", ["[Service]\nExecStart=/bin/true\n", None], ids=["written", "masked"])
def test_a_unit_of_somebody_else_is_never_written_over(usual, archive, foreign):
    path = usual.units / names(archive)[1]
    path.parent.mkdir(parents=True)
    path.symlink_to("/dev/null") if foreign is None else path.write_text(foreign)
    for option in ("--install", "--remove"):
        said = schedule(archive, "--systemd", option, code=1)
        assert said == f"Error: {path}: not written by `union-archive schedule`; move it away, then run this again"
    assert path.is_symlink() if foreign is None else path.read_text() == foreign
    assert [*usual.units.iterdir()] == [path]
    assert usual.orders() == []


@pytest.mark.parametrize("there", [True, False], ids=["no manager", "no systemctl"])
def test_where_no_manager_answers_it_says_what_to_run(machine, archive, there):
    if there:
        machine.program("systemctl", NO_MANAGER)
    said = schedule(archive, "--systemd", "--install", code=1)
    service, timer = names(archive)
    assert ("No medium found" if there else "no systemctl here") in said
    assert said.endswith(f"systemctl --user daemon-reload && systemctl --user enable --now {timer}")
    assert (machine.units / service).exists()
    (machine.units / "timers.target.wants").mkdir()
    link = machine.units / "timers.target.wants" / timer
    link.symlink_to(machine.units / timer)
    schedule(archive, "--remove")
    assert not [path for path in machine.units.rglob("*") if not path.is_dir()]


def test_units_are_removed_and_others_stay(usual, archive, tmp_path):
    other = archive_at(tmp_path / "other" / "archive")
    schedule(archive, "--systemd", "--install")
    schedule(other, "--systemd", "--install")
    usual.orders()
    service, timer = names(archive)
    said = schedule(archive, "--remove")
    assert said == f"{usual.units / timer}: removed\n{usual.units / service}: removed\n"
    assert usual.orders() == [f"disable --now {timer}", f"disable --now {service}", "daemon-reload"]
    assert {path.name for path in usual.units.iterdir()} == set(names(other))


def test_an_archive_is_watched_or_crawled_by_a_timer_never_both(usual, archive):
    service, timer = names(archive)
    schedule(archive, "--systemd", "--install")
    usual.orders()
    schedule(archive, "--watch", "--install")
    assert usual.orders() == [
        f"disable --now {timer}", "daemon-reload", f"enable --now {service}", f"restart {service}"
    ]  # fmt: skip
    assert [path.name for path in usual.units.iterdir()] == [service]
    schedule(archive, "--watch", "--install")
    assert usual.orders() == ["daemon-reload", f"enable --now {service}"]
    schedule(archive, "--systemd", "--install")
    assert usual.orders() == [f"disable --now {service}", "daemon-reload", f"enable --now {timer}"]
    assert "[Install]" not in (usual.units / service).read_text()


def test_one_kind_takes_the_place_of_the_other(usual, archive, others):
    schedule(archive, "--cron", "--install")
    assert f"crontab: no longer crawls {archive}\n" in schedule(archive, "--systemd", "--install")
    assert usual.table.read_bytes() == others + b"\n"
    assert f"{names(archive)[1]}: removed" in schedule(archive, "--cron", "--install")
    assert [*usual.units.iterdir()] == []


def test_the_line_stays_when_the_units_could_not_be_started(machine, archive):
    machine.program("crontab", CRONTAB).program("systemctl", NO_MANAGER)
    schedule(archive, "--cron", "--install")
    before = machine.table.read_bytes()
    schedule(archive, "--systemd", "--install", code=1)
    assert machine.table.read_bytes() == before


def test_a_tool_that_hangs_is_given_up(machine, archive, monkeypatch):
    monkeypatch.setattr(tools, "PATIENCE", 0.2)
    machine.program("crontab", "#!/bin/sh\nexec /bin/sleep 20\n")
    assert "crontab -l: no answer within" in schedule(archive, "--cron", "--install", code=1)
