"""Host neutron's API; no agents exist that its RPC listeners could listen to."""


def load():
    """Return the application."""
    from neutron.wsgi.api import application

    return application
