"""One direction: the archive never needs the crawler."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "archive").rglob("*.py"))
FORBIDDEN = ("crawler", "scrapy")


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_of_the_archive_names_the_crawler(path):
    names = imported(path.read_text(encoding="utf-8"))
    assert not [name for name in names if name.split(".")[0] in FORBIDDEN]
    assert not [name for name in names if name.startswith(".")], "relative imports hide where a module comes from"


def test_the_check_sees_imports_inside_functions():
    source = "def f():\n    import scrapy.http\n    from crawler import urls\n"
    assert imported(source) == {"scrapy.http", "crawler"}


def test_importing_the_whole_archive_loads_neither_crawler_nor_scrapy():
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES]
    names = [name.removesuffix(".__init__") for name in names]
    assert "archive.web.serve" in names
    program = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
        f"print([m for m in sys.modules if m.split('.')[0] in {FORBIDDEN!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_commands_start_without_what_only_some_need():
    # Datasette and Scrapy take half a second each, the others a tenth; only `serve`, `crawl` and the like need them.
    heavy = {"datasette", "scrapy", "twisted", "bs4", "lxml", "tqdm", "rich", "feedparser"}
    program = f"import sys, crawler.cli; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
