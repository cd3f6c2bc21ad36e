"""What a reader is told of an article that its site withdrew."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from archive.history import Row
from archive.web.language import Interface
from archive.web.showing import moment

#: What crawls note (crawler/setbacks.py), and its text; what follows the words is filled in.
_HOWS = {
    "HTTP ": "withdrawn.how.status",
    "redirects to ": "withdrawn.how.redirect",
    "says that there is no such page": "withdrawn.how.says",
}


def notice(ui: Interface, row: Row, withdrawals: Sequence[Row]) -> Markup | str | None:
    """Return what is said above an article (its row, its withdrawals, newest first); None where there is nothing."""
    newest = withdrawals[0] if withdrawals else None
    if newest is not None and bool(row["withdrawn_at"]) == (newest["back_at"] is None):
        return told(ui, newest, "withdrawn.back")
    # Of an archive that noted only when.
    return ui.t("article.withdrawn", when=moment(row["withdrawn_at"])) if row["withdrawn_at"] else None


def told(ui: Interface, withdrawal: Row, over: str = "withdrawn.was") -> Markup | str:
    """Return a withdrawal in a sentence; `over` is the text for one that is over."""
    facts = {"since": moment(withdrawal["since"]), "how": how(ui, withdrawal["how"])}
    if withdrawal["back_at"]:
        return ui.t(over, back=moment(withdrawal["back_at"]), **facts)
    return ui.t("withdrawn.gone", visits=withdrawal["visits"], seen=moment(withdrawal["seen_at"]), **facts)


def how(ui: Interface, noted: str) -> Markup:
    """Return what the site answered, in the reader's language as far as it is one of the known answers."""
    for words, key in _HOWS.items():
        if noted.startswith(words):
            return escape(ui.t(key, what=Markup("<bdi>{}</bdi>").format(noted.removeprefix(words))))
    return Markup("<bdi>{}</bdi>").format(noted)
