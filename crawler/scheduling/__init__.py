"""What runs the crawls of an archive by itself: units of systemd, or a line of a crontab, printed or put in place."""
