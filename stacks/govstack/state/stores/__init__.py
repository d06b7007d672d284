"""The kinds of stores, by the scheme of their address: a folder, S3, PostgreSQL.

Their libraries are imported when they are used, since most environments need none of them.
"""

from urllib.parse import urlsplit

from govstack.errors import StateUnreachable
from govstack.state.store import Store


def open_store(address: str, inside: str) -> Store:
    """Return the store at an address; `inside` is the environment's own part of it.

    Raises:
        StateUnreachable: its library is missing, or its address means nothing.
    """
    scheme = urlsplit(address).scheme
    # Each brings a library of its own, which only its users have.
    if scheme == "s3":
        from govstack.state.stores.s3 import S3Store  # noqa: PLC0415

        return S3Store(address, inside)
    if scheme in {"postgres", "postgresql"}:
        from govstack.state.stores.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(address, inside)
    if scheme == "file":
        from govstack.state.stores.files import FileStore  # noqa: PLC0415

        return FileStore.at(address, inside)
    raise StateUnreachable(
        f"{address!r} is no address of a store",
        hint="write s3://BUCKET/PREFIX, postgres://USER@HOST/DATABASE or file:///FOLDER",
    )
