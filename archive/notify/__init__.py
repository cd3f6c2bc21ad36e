"""Word of sites that turn bad, and of those that recover: what is to be told, to whom, how and when it is sent.

`changes` says what is pending, `message` puts it into words, `channels` send it, `telling` does all that once;
`background` says when.
"""

from archive.notify.background import Notifier, report
from archive.notify.changes import Change, pending

__all__ = ["Change", "Notifier", "pending", "report"]
