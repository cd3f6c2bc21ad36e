"""What is answered to a request that cannot be: one sentence that says what is wrong and how to ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from datasette.utils.asgi import Request, Response

from archive.errors import ArchiveError
from archive.search.selection import QueryError
from archive.web.language import TAGS, interface

if TYPE_CHECKING:
    from datasette.app import Datasette

#: Forms of an address that programs read; they get the sentence as JSON or as a line of text.
_TEXT = (".atom", ".jsonl", ".csv", ".ris", ".bib")


async def told(datasette: Datasette, request: Request, key: str, status: int = 404, **values: object) -> Response:
    """Answer as `bad_request` does with a text of the interface, in the reader's language."""
    ui = interface(request)
    return await bad_request(datasette, request, str(ui.t(key, **values)), status, language=ui.tag)


async def bad_request(
    datasette: Datasette, request: Request, message: str, status: int = 400, *, language: str = "en"
) -> Response:
    """Answer with `message` in the form that the address asked for: a page, JSON (as Datasette's errors), or a line."""
    path = request.path
    message = " ".join(message.split())
    if path.endswith(".json"):
        return json_response({"ok": False, "error": message, "status": status}, status)
    if path.endswith(_TEXT):
        return Response.text(f"{message}\n", status=status)
    context = {"message": message, "status": status, "language": language}
    page = await datasette.render_template("bad_request.html", context, request=request)
    return Response.html(page, status=status)


async def refused(datasette: Datasette, request: Request, error: ArchiveError) -> Response:
    """Answer as `bad_request` does with what a search, or what is made of one, has raised."""
    message, language = in_words(request, error)
    return await bad_request(datasette, request, message, status_of(error), language=language)


def in_words(request: Request, error: ArchiveError) -> tuple[str, str]:
    """Return an error's sentence in the reader's language, as far as it has one, and the tag of its language."""
    ui = interface(request)
    if ui.language == "zh" and isinstance(error, QueryError):
        return error.chinese, ui.tag
    return str(error), TAGS["en"]


def status_of(error: ArchiveError) -> int:
    """Return 400 for what was asked wrongly, 503 for what the archive cannot do before somebody mends it."""
    return 400 if isinstance(error, QueryError) else 503


def json_response(answer: object, status: int = 200) -> Response:
    """Return an answer as JSON in which Chinese stays readable."""
    body = json.dumps(answer, ensure_ascii=False) + "\n"
    return Response(body, status=status, content_type="application/json; charset=utf-8")
