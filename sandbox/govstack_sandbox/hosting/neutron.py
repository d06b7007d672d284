"""Host neutron's API; no agents exist that its RPC listeners could listen to."""


def load():
    """Return the application."""
    from neutron.wsgi.api import application  # noqa: PLC0415 - reads its configuration on import

    return application
