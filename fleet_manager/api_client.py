"""Asks a running fleet manager over HTTP, for the commands `fleet task` and `fleet robot`."""

from __future__ import annotations

import getpass
import json
import sys
from typing import Annotated, Any, NoReturn
from urllib.parse import quote

import httpx
import typer

from fleet_manager.credentials import secret_for

TIMEOUT_S = 15.0
REFUSED, NO_ANSWER = 1, 2
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Url = Annotated[
    str | None,
    typer.Option(help="Address of the manager; else from CAMPUS_HOST and CAMPUS_PORT."),
]
By = Annotated[
    str | None,
    typer.Option(help="For whom a machine token asks; else your login. People ask as themselves."),
]
Reason = Annotated[str, typer.Option(help="Why, for the audit trail.")]


def get(url: str | None, path: str, **parameters: str | int | None) -> Any:
    """What a GET answers; parameters that are None are left out.

    Ends the program with one line where it is refused (1) or nobody answers (2).
    """
    given = {key: value for key, value in parameters.items() if value is not None}
    return _ask(url, "GET", path, params=given)


def post(url: str | None, path: str, body: Any, timeout_s: float = TIMEOUT_S) -> Any:
    """What a POST answers, within so many seconds; ends the program as `get` does."""
    return _ask(url, "POST", path, timeout_s, json=body)


def put(url: str | None, path: str, body: Any) -> Any:
    """What a PUT answers; ends the program as `get` does."""
    return _ask(url, "PUT", path, json=body)


def patch(url: str | None, path: str, body: Any) -> Any:
    """What a PATCH answers; ends the program as `get` does."""
    return _ask(url, "PATCH", path, json=body)


def delete(url: str | None, path: str, **parameters: str) -> Any:
    """What a DELETE answers; ends the program as `get` does."""
    return _ask(url, "DELETE", path, params=parameters)


def segment(identifier: str) -> str:
    """An id or name as a part of a path."""
    return quote(identifier, safe="")


def person(by: str | None) -> str:
    """Who asks: as given, else the login."""
    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def print_json(value: Any) -> None:
    """Print JSON for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def default_url() -> str:
    """Where the manager of these settings listens."""
    from pydantic import ValidationError

    from fleet_manager.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        _end(f"unusable settings: {error.errors()[0]['msg']}; give --url", NO_ANSWER)
    host = _WILDCARDS.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _ask(
    url: str | None, method: str, path: str, timeout_s: float = TIMEOUT_S, **content: Any
) -> Any:
    address = (url or default_url()).rstrip("/")
    secret = secret_for(address)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    try:
        answer = httpx.request(
            method,
            address + path,
            timeout=timeout_s,
            trust_env=False,
            headers=headers,
            **content,
        )
    except (httpx.TransportError, httpx.InvalidURL) as error:
        when = f" within {timeout_s:.0f} s" if isinstance(error, httpx.TimeoutException) else ""
        _end(
            f"no fleet manager answers at {address}{when}; "
            "start it with `fleet serve`, or give its address with --url",
            NO_ANSWER,
        )
    try:
        document = answer.json()
    except ValueError:
        _end(f"what answers at {address} is no fleet manager; give --url", NO_ANSWER)
    if answer.status_code == httpx.codes.UNAUTHORIZED and path != "/session":
        _end(f"{document['detail']}; log in with `fleet login`, or set CAMPUS_TOKEN", REFUSED)
    if not answer.is_success:
        _end(_told(document, answer.status_code), REFUSED)
    return document


def _told(problem: Any, status: int) -> str:
    if not isinstance(problem, dict) or "detail" not in problem:
        return f"refused with HTTP status {status}; see the log of the manager"
    remedy = problem.get("remedy")
    return f"{problem['detail']}; {remedy}" if remedy else str(problem["detail"])


def _end(line: str, code: int) -> NoReturn:
    print(f"fleet: {line}", file=sys.stderr)
    raise SystemExit(code)
