"""archive.toml and the archive directory: read strictly, made once, errors in one line with the fix."""

from datetime import time
from pathlib import Path

import pytest

from archive.config import TEMPLATE, ArchiveConfig, ConfigError, Hours, read_config
from archive.directory import ArchiveDirectory, default_directory
from archive.errors import ArchiveError


def config(tmp_path, text: str) -> ArchiveConfig:
    path = tmp_path / "archive.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def test_every_key_is_read(tmp_path):
    text = """
        name = "运河工会新闻存档"
        contact = "archive@example.org"
        [crawl]
        jobs = 2
        budget = 800
        quiet_hours = ["08:00-10:30", "22:00-06:00"]
        [notify]
        webhook = "https://example.org/hook"
        mail = "ops@example.org"
        smtp = "[::1]:2525"
        [publish]
        rights = "© the federations"
        address = "https://archive.example.org/"
    """
    assert config(tmp_path, text) == ArchiveConfig(
        name="运河工会新闻存档",
        contact="archive@example.org",
        jobs=2,
        budget=800,
        quiet_hours=(Hours(time(8), time(10, 30)), Hours(time(22), time(6))),
        webhook="https://example.org/hook",
        mail="ops@example.org",
        smtp=("::1", 2525),
        rights="© the federations",
        address="https://archive.example.org",
    )


def test_what_is_not_said_has_its_default(tmp_path):
    assert config(tmp_path, "") == ArchiveConfig()
    assert (ArchiveConfig().jobs, ArchiveConfig().budget, ArchiveConfig().contact) == (4, None, None)


def test_the_template_reads_as_the_defaults(tmp_path):
    assert config(tmp_path, TEMPLATE) == ArchiveConfig()


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("08:00-10:00", ["08:00", "09:59"], ["07:59", "10:00", "23:00"]),
        ("22:00-06:30", ["22:00", "23:59", "00:00", "06:29"], ["21:59", "06:30", "12:00"]),
    ],
)
def test_quiet_hours_may_span_midnight(tmp_path, hours, inside, outside):
    (quiet,) = config(tmp_path, f'[crawl]\nquiet_hours = "{hours}"').quiet_hours
    assert [moment for moment in inside if time.fromisoformat(moment) not in quiet] == []
    assert [moment for moment in outside if time.fromisoformat(moment) in quiet] == []


@pytest.mark.parametrize("contact", ["a@b.example", "https://example.org/about", "http://example.org/"])
def test_a_contact_is_an_email_or_a_web_address(tmp_path, contact):
    assert config(tmp_path, f'contact = "{contact}"').contact == contact


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[crawl]\njob = 2", "[crawl] unknown key 'job'; expected one of jobs, budget, quiet_hours"),
        ("nmae = 'x'", "unknown key 'nmae'; expected one of name, contact, [crawl], [schedule], [media], [notify],"),
        ("[crwal]\njobs = 2", "unknown key 'crwal'"),
        ("[publish.more]\nx = 1", "[publish] unknown key 'more'; expected one of rights, address"),
        ("crawl = 3", "crawl = 3: is a table; write [crawl] on a line of its own"),
        ("[crawl]\njobs = 0", "[crawl] jobs = 0: give a whole number of at least 1"),
        ("[crawl]\njobs = '4'", "[crawl] jobs = '4': give a whole number"),
        ("[crawl]\njobs = true", "[crawl] jobs = True: give a whole number"),
        ("[crawl]\nbudget = 1.5", "[crawl] budget = 1.5: give a whole number"),
        ("[crawl]\nquiet_hours = '8-10'", "give hours as"),
        ("[crawl]\nquiet_hours = '08:00-24:00'", "give hours as"),
        ("[crawl]\nquiet_hours = [800]", "give hours as"),
        ("contact = 'somebody'", "contact = 'somebody': give an e-mail address or an http(s) address"),
        ("contact = 'ftp://example.org'", "give an e-mail address or an http(s) address"),
        ("contact = '工会@example.org'", "in ASCII"),
        (r'contact = "a@b.example\r\nX-Evil: 1"', "give an e-mail address or an http(s) address"),
        ("contact = ''", "give some text in quotes, or remove the line"),
        ("name = 3", "name = 3: give some text in quotes"),
        ("[notify]\nwebhook = 'example.org'", "begins with http:// or https://"),
        ("[notify]\nwebhook = 'http://example.org:99999/'", "[notify] webhook: give an address"),
        ("[notify]\nmail = 'https://example.org'", "give an e-mail address"),
        ("[notify]\nmail = 'a@b.example'\nsmtp = 'localhost'", "smtp = 'localhost': give a host and a port, such as"),
        ("[notify]\nmail = 'a@b.example'\nsmtp = 'localhost:65536'", "give a host and a port"),
        ("[notify]\nmail = 'a@b.example'\nsmtp = 25", "give a host and a port"),
        ("[notify]\nsmtp = 'localhost:25'", "[notify] smtp takes mail, but mail does not say to whom"),
        ("name = ", "mend the TOML there"),
        ("name = 'a'\nname = 'b'", "mend the TOML there"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path, text, says):
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'archive.toml'}: ")
    assert says in message
    assert "\n" not in message


def test_no_message_repeats_the_secret_in_a_webhook(tmp_path):
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, "[notify]\nwebhook = 'hooks.example.org/s3cret'")
    assert "s3cret" not in str(caught.value)


def test_bytes_that_are_not_utf8_are_named(tmp_path):
    path = tmp_path / "archive.toml"
    path.write_bytes('name = "工会"'.encode("gb18030"))
    with pytest.raises(ConfigError, match="byte 8 is not UTF-8; save the file as UTF-8"):
        read_config(path)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "archive.toml"
    path.write_bytes(b'\xef\xbb\xbfname = "x"')
    assert read_config(path).name == "x"


def test_a_missing_file_says_how_to_write_one(tmp_path):
    with pytest.raises(ConfigError, match="union-archive init"):
        read_config(tmp_path / "archive.toml")


def test_the_directory_is_made_once_and_then_left_alone(tmp_path):
    directory = ArchiveDirectory(tmp_path / "deep" / "union")
    directory.create()
    assert directory.warc.is_dir()
    assert directory.sites.is_dir()
    directory.config_file.write_text('name = "ours"', encoding="utf-8")
    directory.create()
    assert directory.config().name == "ours"


def test_a_directory_without_archive_toml_has_the_defaults(tmp_path):
    assert ArchiveDirectory(tmp_path).config() == ArchiveConfig()


def test_a_file_in_the_directorys_place_is_named(tmp_path):
    path = tmp_path / "union"
    path.write_text("")
    with pytest.raises(ArchiveError, match="is a file; name a directory with --archive DIR"):
        ArchiveDirectory(path).create()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match=r"file/union.*cannot be written \(Not a directory\)"):
        ArchiveDirectory(tmp_path / "file" / "union").create()


def test_reading_needs_an_archive(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    with pytest.raises(ArchiveError, match=r"holds no archive\.db"):
        directory.read_database()
    assert not directory.database.exists()
    directory.open_database().close()
    directory.require()


def test_the_option_goes_before_the_variable_and_that_before_data(tmp_path, monkeypatch):
    monkeypatch.setenv("UNION_ARCHIVE", "/elsewhere")
    assert default_directory(tmp_path).path == tmp_path
    assert default_directory(None).path == Path("/elsewhere")
    monkeypatch.setenv("UNION_ARCHIVE", "")
    assert default_directory(None).path == Path("data")
    monkeypatch.delenv("UNION_ARCHIVE")
    assert default_directory(None).path == Path("data")
