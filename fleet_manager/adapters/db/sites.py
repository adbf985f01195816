"""Several campuses in one PostgreSQL: a schema each, with its own log, lease and accounts.

A site is named in the address of its database, `postgresql+asyncpg://…/campus?site=north`. Who
leads it writes there where it can be reached.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, column, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet_manager.adapters.db import tables
from fleet_manager.adapters.db.engine import open_engine, shown_url, site_of
from fleet_manager.adapters.db.failures import DATABASE_ERRORS, failure

ADDRESS = "address"
"""Key of the table `meta`."""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site of a database.

    Attributes:
        address: of the manager that leads it or led it last; "": none ever did.
        beat: counted up while a manager leads.
        released: the last one has ended in good order.
    """

    name: str
    manager_epoch: int
    beat: int
    released: bool
    address: str


async def make_site(url: str) -> None:
    """Have the schema of the site that an address names; nothing where it names none.

    Raises:
        StoreFailed: the server cannot be used.
    """
    site = site_of(url)
    if site is None:
        return
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{site}"'))
    except DATABASE_ERRORS as error:
        raise failure(f"site {site} was not made in {shown_url(url)}", error) from error
    finally:
        await engine.dispose()


class Sites:
    """All sites of a database, read anew each time; nothing is kept between.

    Args:
        url: of the database, without a site.
    """

    def __init__(self, url: str) -> None:
        # Without transactions: the server ends the session of one that waits for a busy process.
        self._engine = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")

    async def all(self) -> list[SiteRow]:
        """The sites by name.

        Raises:
            StoreFailed: the database cannot be read.
        """
        try:
            async with self._engine.connect() as connection:
                return [await _row(connection, name) for name in await _names(connection)]
        except DATABASE_ERRORS as error:
            raise failure("the sites cannot be read", error) from error

    async def one(self, name: str) -> SiteRow | None:
        """A site by its name; None: there is none.

        Raises:
            StoreFailed: the database cannot be read.
        """
        try:
            async with self._engine.connect() as connection:
                known = await _names(connection)
                return await _row(connection, name) if name in known else None
        except DATABASE_ERRORS as error:
            raise failure("the sites cannot be read", error) from error

    async def aclose(self) -> None:
        """Close the database."""
        await self._engine.dispose()


async def _names(connection: AsyncConnection) -> list[str]:
    known = table("tables", column("table_schema"), column("table_name"), schema=_CATALOGUE)
    query = select(known.c.table_schema).where(known.c.table_name == tables.lease.name)
    return sorted(row[0] for row in await connection.execute(query))


_CATALOGUE = "information_schema"


async def _row(connection: AsyncConnection, site: str) -> SiteRow:
    lease, meta = _of(site, tables.lease), _of(site, tables.meta)
    columns = (lease.c.manager_epoch, lease.c.beat, lease.c.released)
    held = (await connection.execute(select(*columns))).first() or (0, 0, 1)
    query = select(meta.c.value).where(meta.c.key == ADDRESS)
    address = (await connection.execute(query)).scalar() or ""
    return SiteRow(site, held[0], held[1], bool(held[2]), address)


def _of(site: str, of: Table) -> Table:
    return of.to_metadata(type(of.metadata)(), schema=site)
