"""Whom a site's hosts and people trust: which certificates there must be, and their making; pure.

Clock and keys are given; nothing here reads or writes a file.
"""
