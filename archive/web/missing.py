"""Pages that are not there, or not for this reader, told in the frame and the language of every other page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasette.utils.asgi import Base400, NotFound, Request, Response

from archive.web.language import interface

if TYPE_CHECKING:
    from datasette.app import Datasette


async def of_exception(datasette: Datasette, request: Request, exception: BaseException) -> Response | None:
    """Answer with a page; None where it is another mistake, or the address is not that of a page.

    Datasette renders its own without asking plugins, so it would not know the reader's language.
    """
    if not isinstance(exception, Base400) or "." in request.path.rpartition("/")[2]:
        return None
    ui = interface(request)
    said = str(exception.args[0]) if exception.args else ""
    title = ui.t("base.missing") if isinstance(exception, NotFound) else ui.t("base.error", status=exception.status)
    context = {"title": title, "status": exception.status, "error": said if said != str(exception.status) else ""}
    page = await datasette.render_template("error.html", context, request=request)
    return Response.html(page, status=exception.status)
