"""Documentation against code: what is described exists, and what exists is described."""

import re
import shlex
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, metadata
from pathlib import Path

import click
import pytest
from packaging.specifiers import SpecifierSet
from sqlite_utils import Database

from archive import schema
from archive.config import KEYS, TEMPLATE, read_config
from archive.web.metadata import TABLES
from crawler.cli import main as cli
from crawler.leads import MOST_SAMPLED

ROOT = Path(__file__).parent.parent
DATA_MODEL = (ROOT / "docs/data-model.md").read_text(encoding="utf-8")


def tables_in_code() -> dict[str, list[str]]:
    db = Database(memory=True)
    schema.upgrade(db)
    # SQLite's own tables, the migrations', and the shadow tables of a search index are nobody's to read.
    internal = re.compile(r"sqlite_|_sqlite_|.+_(data|idx|docsize|config|content)$")
    return {t.name: [c.name for c in t.columns] for t in db.tables if not internal.match(t.name)}


def tables_in_docs() -> dict[str, list[str]]:
    found = {}
    for section in DATA_MODEL.split("\n## ")[1:]:
        columns = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        if columns:
            found[section.split()[0]] = columns
    return found


def test_every_table_is_described_and_every_description_has_its_table():
    assert sorted(tables_in_docs()) == sorted(tables_in_code())


@pytest.mark.parametrize("table", sorted(tables_in_code()))
def test_every_column_is_described_in_the_order_of_the_table(table):
    assert tables_in_docs()[table] == tables_in_code()[table]


def test_the_web_describes_every_column_of_the_tables_it_shows():
    shown = {name: facts for name, facts in TABLES.items() if "columns" in facts}
    assert "articles" in shown
    for name, facts in shown.items():
        assert list(facts["columns"]) == tables_in_code()[name], name


def commands() -> list[str]:
    return sorted(cli.commands)


@pytest.mark.parametrize("name", commands())
def test_every_command_shows_an_example_of_itself(name):
    command = cli.commands[name]
    text = command.get_help(click.Context(command, info_name=name))
    _, heading, examples = text.partition("Example")
    assert heading, f"`union-archive {name} --help` has no example"
    assert re.search(rf"^ +union-archive .*\b{name}\b", examples, re.MULTILINE)


def test_there_are_commands_to_test():
    assert {"init", "export", "verify", "serve"} <= set(commands())


def test_the_template_of_archive_toml_names_every_key():
    mentioned: dict[str, set[str]] = {"": set()}
    table = ""
    for line in TEMPLATE.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            table = heading[1]
            mentioned[table] = set()
        elif key := re.match(r"(?:# )?(\w+) = ", line):
            mentioned[table].add(key[1])
    assert mentioned == {name: set(keys) for name, keys in KEYS.items()}


def test_the_template_is_right_with_every_comment_sign_removed(tmp_path):
    path = tmp_path / "archive.toml"
    path.write_text(re.sub(r"^# (?=\w+ = )", "", TEMPLATE, flags=re.MULTILINE), encoding="utf-8")
    assert read_config(path).contact == "archive@example.org"


def test_readme_names_every_command():
    table = re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(cli.commands)


def test_readme_holds_the_two_commands_and_ci_runs_one_of_them():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for mark, ends in (("demo", "union-archive demo"), ("tests", "pytest -q -n 2")):
        found = re.search(rf"<!-- {mark} -->\n```sh\n(.+)\n```\n<!-- end -->", readme)
        assert found
        assert found[1].endswith(ends)
        assert "-c constraints.txt" in found[1]
    assert "<!-- tests -->" in (ROOT / ".ci" / "run").read_text()


def test_constraints_name_versions_and_no_address():
    lines = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines), lines


def test_constraints_can_be_installed_on_every_python_we_claim():
    """A release that wants a later patch of Python cannot be installed on Debian 12, which has 3.11.2."""
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines()[1:])
    installed = {name: metadata(name) for name in pinned if is_installed(name)}
    assert len(installed) > 50
    for name, data in installed.items():
        assert data["Version"] == pinned[name], f"{name}: {data['Version']} is installed; run the README's test command"
        needs = SpecifierSet(data.get("Requires-Python") or "")
        assert needs.contains(f"{oldest}.0"), f"constraints.txt: {name}=={pinned[name]} needs Python {needs}"


def is_installed(name):
    try:
        return distribution(name) is not None
    except PackageNotFoundError:
        return False


def test_architecture_names_rooms_that_exist():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folder = ""
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", text):
        if "/" in name:
            folder = name.rpartition("/")[0] if name.endswith(".py") else name
        path = name if "/" in name else f"{folder}/{name}"
        assert (ROOT / path).exists() or (ROOT / "crawler" / name).exists() or (ROOT / "archive" / name).exists(), name


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        *(
            f"docs/{page}.md"
            for page in ("add-a-site", "crawling", "data-model", "health", "reading-room", "scheduling")
        ),
    ],
)
def test_commands_in_the_docs_exist_with_their_options(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for line in re.findall(r"^(?:union-archive )(.+)$", text, re.M):
        words = shlex.split(line, comments=True)
        if words[0] == "--archive":
            words = words[2:]
        assert words[0] in cli.commands, line
        known = {option for parameter in cli.commands[words[0]].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, line


def test_the_page_on_adding_a_site_is_true_to_the_code():
    text = (ROOT / "docs" / "add-a-site.md").read_text(encoding="utf-8")
    assert f"up to {'eight' if MOST_SAMPLED == 8 else MOST_SAMPLED} listings" in text
    for path in re.findall(r"`((?:crawler|tests|docs)/[\w/.-]+)`", text):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"\]\(([\w/.-]+)\)", text):
        assert (ROOT / "docs" / target).exists(), target
