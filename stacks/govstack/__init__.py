"""govstack: a government cloud described in YAML, brought to life on OpenStack.

The library.  It knows nothing of the command line: no click, no rich, no print.
"""

__version__ = "0.1.0"
