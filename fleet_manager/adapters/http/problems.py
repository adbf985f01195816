"""Every error as RFC 9457 `application/problem+json` with `code` and `remedy`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fleet_manager.app.accounts.records import Forbidden, TooOften, Unauthenticated
from fleet_manager.app.inbox import Ending, Overloaded
from fleet_manager.app.turn import InternalError
from fleet_manager.core.config import FleetConfigError
from fleet_manager.core.errors import CampusFleetError, Unknown, UnknownFeature, WrongState
from fleet_manager.ports import LinkFailed, StoreError

MEDIA_TYPE = "application/problem+json"
DEFECT = "this is a defect of the fleet manager; report it with its log"

STATUS_OF: dict[type[CampusFleetError], HTTPStatus] = {
    Unknown: HTTPStatus.NOT_FOUND,
    UnknownFeature: HTTPStatus.NOT_FOUND,
    FleetConfigError: HTTPStatus.NOT_FOUND,
    WrongState: HTTPStatus.CONFLICT,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooOften: HTTPStatus.TOO_MANY_REQUESTS,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    Ending: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    LinkFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""By class, for its subclasses too; anything else asked for what cannot be: 422."""

REMEDY_OF = {
    HTTPStatus.BAD_REQUEST: "send a body that is JSON in UTF-8",
    HTTPStatus.NOT_FOUND: "/docs lists the paths of this API",
    HTTPStatus.METHOD_NOT_ALLOWED: "/docs lists the methods of this path",
}
LISTED_ERRORS = 5

log = structlog.get_logger(__name__)


class Problem(JSONResponse):
    """A problem as an answer; what went wrong, where, and what to do about it."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        remedy: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        document = {
            "type": f"urn:campus-fleet:problem:{code}",
            "title": HTTPStatus(status).phrase,
            "status": int(status),
            "detail": detail,
            "code": code,
            "remedy": remedy,
        }
        super().__init__(document, status_code=status, headers=headers)


def add_problems(app: FastAPI) -> None:
    """Have every error of an application answered as a problem."""
    app.add_exception_handler(CampusFleetError, _on_fleet_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_defect)


def status_of(error: CampusFleetError) -> HTTPStatus:
    """The HTTP status that tells a known error."""
    for kind in type(error).__mro__:
        if kind in STATUS_OF:
            return STATUS_OF[kind]
    return HTTPStatus.UNPROCESSABLE_ENTITY


def code_of(error: CampusFleetError) -> str:
    """The name of an error's class in snake case: `wrong_state`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def problem_of(error: CampusFleetError) -> Problem:
    """A known error as an answer."""
    status = status_of(error)
    headers = {}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": "2"}
    elif isinstance(error, TooOften):
        headers = {"Retry-After": str(error.wait_s)}
    elif status is HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer"}
    return Problem(status, code_of(error), str(error), error.remedy, headers)


async def _on_fleet_error(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, CampusFleetError)
    return problem_of(error)


async def _on_invalid(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(each["type"] == "json_invalid" for each in errors):
        return Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid_json",
            "the body is not JSON",
            REMEDY_OF[HTTPStatus.BAD_REQUEST],
        )
    told = [_told(each) for each in errors[:LISTED_ERRORS]]
    if len(errors) > LISTED_ERRORS:
        told.append(f"and {len(errors) - LISTED_ERRORS} more")
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid_request",
        "; ".join(told),
        "correct the fields that are named; /docs describes them",
    )


def _told(error: Mapping[str, Any]) -> str:
    """Where and what is wrong, without repeating what was sent."""
    where = ".".join(str(step) for step in error["loc"])
    return f"{where}: {error['msg']}"


async def _on_http_error(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_")
    remedy = REMEDY_OF.get(status, "/docs describes this API")
    return Problem(status, code, str(error.detail), remedy, error.headers)


async def _on_defect(request: Request, error: Exception) -> Problem:
    log.error("a request failed", path=request.url.path, exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", type(error).__name__, DEFECT)
