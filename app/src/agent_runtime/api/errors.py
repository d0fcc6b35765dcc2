"""Every error leaves as `application/problem+json`, and none says more than it should."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from agent_runtime import problem
from agent_runtime.api.body import invalid
from agent_runtime.problem import Problem

MEDIA_TYPE = "application/problem+json"


def respond(fault: Problem, instance: str) -> Response:
    """The problem as an answer."""
    return JSONResponse(
        fault.body(instance),
        status_code=fault.status,
        headers=fault.headers,
        media_type=MEDIA_TYPE,
    )


def install_errors(app: FastAPI) -> None:
    """Route every kind of error through `respond`."""

    async def on_problem(request: Request, error: Exception) -> Response:
        fault = error if isinstance(error, Problem) else problem.internal()
        return respond(fault, request.url.path)

    async def on_http(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return respond(problem.internal(), request.url.path)
        return respond(_of_http(request, error), request.url.path)

    async def on_invalid(request: Request, error: Exception) -> Response:
        faults: list[ErrorDetails] = []
        if isinstance(error, RequestValidationError):
            faults = list(error.errors())
        return respond(invalid(faults), request.url.path)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)


def _of_http(request: Request, error: HTTPException) -> Problem:
    path, headers = request.url.path, dict(error.headers or {})
    if error.status_code == 404:
        return Problem(404, "not-found", "Nothing here", f"there is no {path}", headers=headers)
    if error.status_code == 405:
        allowed = headers.get("Allow", headers.get("allow", "another method"))
        return Problem(
            405,
            "method-not-allowed",
            "Not with this method",
            f"got {request.method} for {path}, wanted {allowed}",
            headers=headers,
        )
    return Problem(error.status_code, "http", "Request refused", str(error.detail), headers=headers)
