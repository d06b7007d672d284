"""Changes to upstream code that has no setting for what a cloud in one process each needs.

Each module changes private names.  It therefore names the exact versions it was written for, and
has a test that the names are still what it expects.
"""
