"""Host placement, which is an API and nothing else."""


def load():
    """Return the application."""
    from placement.wsgi.api import application

    return application
