"""Host keystone, which is an API and nothing else."""


def load():
    """Return the application."""
    from keystone.wsgi.api import application  # noqa: PLC0415 - reads its configuration on import

    return application
