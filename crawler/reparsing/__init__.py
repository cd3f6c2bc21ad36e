"""Deriving articles again from their stored captures, with today's code and profiles: the command `reparse`."""
