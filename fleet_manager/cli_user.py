"""`fleet user`: accounts and machine tokens, kept in the database of the fleet manager."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from fleet_manager.api_client import AsJson, default_url, person, print_json
from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.accounts.records import Account, InvalidAccount, Token
from fleet_manager.app.permissions import SCOPES, Role

app = typer.Typer(
    help="Accounts, log-in links and machine tokens; works on the database, at once.",
    no_args_is_help=True,
)

Found = TypeVar("Found")
DataDir = Annotated[Path | None, typer.Option(help="Folder of the database.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the account.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Of robots it may command; repeatable.")
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command("list")
def list_accounts(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List accounts."""
    accounts = _on(data_dir, lambda directory, _: directory.accounts())
    if as_json:
        print_json([account_json(each) for each in accounts])
        return
    table = Table("name", "full name", "role", "robot kinds", "sites", "logs in by", "since")
    for each in accounts:
        way = "password" if each.password else "provider" if each.subject else "link"
        table.add_row(
            each.name,
            each.full_name or "–",
            each.role,
            ", ".join(each.kinds) if each.kinds is not None else "all",
            ", ".join(each.sites) if each.sites is not None else "all",
            "disabled" if each.disabled else way,
            _day(each.created_s),
        )
    Console(markup=False, highlight=False).print(table)


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the person may.")] = Role.VIEWER,
    full_name: Annotated[str, typer.Option(help="For people.")] = "",
    kinds: Kinds = None,
    sites: Annotated[
        list[str] | None, typer.Option("--site", help="Campus it is good for; repeatable.")
    ] = None,
    from_stdin: FromStdin = False,
    link: Annotated[bool, typer.Option(help="Print a log-in link instead.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add a person; asks for a password."""
    password = None if link else _password(from_stdin)

    async def work(directory: Directory, access: Access) -> tuple[Account, str | None]:
        account = await directory.add(
            name, role, full_name=full_name, password=password, kinds=kinds, sites=sites
        )
        return account, await access.new_link(account) if link else None

    account, secret = _on(data_dir, work)
    told = {**account_json(account), "link": secret and link_address(secret)}
    if as_json:
        print_json(told)
        return
    print(f"{account.name} is {account.role}")
    if secret:
        print(f"for one log-in within an hour: {told['link']}")


@app.command()
def change(
    name: Name,
    role: Annotated[Role | None, typer.Option(help="What the person may.")] = None,
    full_name: Annotated[str | None, typer.Option(help="For people.")] = None,
    kinds: Kinds = None,
    all_kinds: Annotated[bool, typer.Option("--all-kinds", help="Of robots.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Change role, full name, or the kinds of robots a person may command."""
    limit = None if all_kinds else kinds or ...
    account = _on(
        data_dir,
        lambda directory, _: directory.change(name, role=role, full_name=full_name, kinds=limit),
    )
    _say(as_json, account_json(account), f"{account.name} is {account.role}")


@app.command()
def disable(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Keep a person out; sessions end within a second."""
    account = _on(data_dir, lambda directory, _: directory.change(name, disabled=True))
    _say(as_json, account_json(account), f"{account.name} is disabled")


@app.command()
def enable(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Let a person in again."""
    account = _on(data_dir, lambda directory, _: directory.change(name, disabled=False))
    _say(as_json, account_json(account), f"{account.name} is enabled")


@app.command("password")
def set_password(
    name: Name, from_stdin: FromStdin = False, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Set a password; all sessions of the account end."""
    password = _password(from_stdin)
    _on(data_dir, lambda directory, _: directory.set_password(name, password))
    _say(as_json, {"name": name}, f"{name} has another password")


@app.command()
def link(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print a link that logs a person in, once, within an hour."""

    async def work(directory: Directory, access: Access) -> str:
        return await access.new_link(await directory.account(name))

    address = link_address(_on(data_dir, work))
    _say(as_json, {"name": name, "link": address}, address)


@app.command()
def logout(name: Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """End all sessions of a person."""
    ended = _on(data_dir, lambda directory, _: directory.end_sessions(name))
    _say(as_json, {"name": name, "ended": ended}, f"{ended} sessions of {name} ended")


@app.command()
def tokens(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List machine tokens."""
    found = _on(data_dir, lambda directory, _: directory.tokens())
    if as_json:
        print_json([token_json(each) for each in found])
        return
    table = Table("id", "name", "scopes", "by", "made", "over", "used")
    for each in found:
        over = "never" if each.ends_s is None else _day(each.ends_s)
        used = "never" if each.used_s is None else _day(each.used_s)
        scopes = ", ".join(each.scopes)
        table.add_row(each.id, each.name, scopes, each.created_by, _day(each.created_s), over, used)
    Console(markup=False, highlight=False).print(table)


@app.command()
def token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the machine.")],
    scopes: Annotated[list[str], typer.Option("--scope", help=f"Repeatable: {', '.join(SCOPES)}.")],
    days: Annotated[float | None, typer.Option(min=0.001, help="It is good for.")] = None,
    kinds: Kinds = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a machine token and print its secret, which is shown once."""
    ends_s = None if days is None else time.time() + days * 86400.0
    secret, made = _on(
        data_dir,
        lambda directory, _: directory.add_token(
            name, scopes, person(None) or "fleet user", ends_s=ends_s, kinds=kinds
        ),
    )
    _say(as_json, {**token_json(made), "secret": secret}, secret)


@app.command()
def revoke(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Of the token.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a machine token."""
    _on(data_dir, lambda directory, _: directory.remove_token(identifier))
    _say(as_json, {"id": identifier}, f"token {identifier} is revoked")


def account_json(account: Account) -> dict[str, Any]:
    """What `fleet user … --json` prints of an account."""
    return {
        "name": account.name,
        "full_name": account.full_name,
        "role": account.role.value,
        "disabled": account.disabled,
        "kinds": account.kinds,
        "sites": account.sites,
        "has_password": bool(account.password),
        "created_s": account.created_s,
    }


def token_json(token: Token) -> dict[str, Any]:
    """What `fleet user … --json` prints of a machine token."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": [each.value for each in token.scopes],
        "kinds": token.kinds,
        "created_by": token.created_by,
        "created_s": token.created_s,
        "ends_s": token.ends_s,
        "used_s": token.used_s,
    }


def link_address(secret: str, url: str | None = None) -> str:
    """The address that logs in by a link; the secret stands where no server log sees it."""
    return f"{url or default_url()}/app/login#{secret}"


def _on(data_dir: Path | None, work: Callable[[Directory, Access], Awaitable[Found]]) -> Found:
    """Work on the accounts of a data folder's database."""
    from fleet_manager.adapters.db.account_store import open_account_store
    from fleet_manager.settings import Settings

    settings = Settings() if data_dir is None else Settings(data_dir=data_dir)

    async def run() -> Found:
        store = await open_account_store(settings.database_url)
        try:
            access = Access(store, "")
            return await work(Directory(access), access)
        finally:
            await store.close()

    return asyncio.run(run())


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidAccount("there is no terminal to ask for a password at", "--password-stdin")
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def _day(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _say(as_json: bool, told: Any, text: str) -> None:
    if as_json:
        print_json(told)
    else:
        print(text)
