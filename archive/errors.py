"""What goes wrong with an archive; each message is one line that names the file or key and then the fix."""


class ArchiveError(Exception):
    """The archive, its configuration or one of its files cannot be used. The command prints it and exits 1."""


class ArchiveBusy(ArchiveError):
    """Another living process holds what is needed: a site, a WARC file."""
