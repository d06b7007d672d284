"""Host keystone, which is an API and nothing else."""


def load():
    """Return the application."""
    from keystone.wsgi.api import application

    return application
