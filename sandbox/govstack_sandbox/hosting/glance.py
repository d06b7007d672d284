"""Host glance, which is an API and nothing else."""


def load():
    """Return the application."""
    from glance.wsgi.api import application

    return application
