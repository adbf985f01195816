"""`fleet task`: ask for work, follow it, end it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from fleet_manager.api_client import AsJson, By, Reason, Url, get, person, post, print_json, segment

app = typer.Typer(help="Ask for tasks, follow them.", no_args_is_help=True)

TaskId = Annotated[str, typer.Argument(metavar="ID", help="Of the task: patrol-3.")]
Robot = Annotated[str | None, typer.Option(help="Only this robot may do it.")]
Priority = Annotated[int, typer.Option(min=0, max=9, help="Higher goes first.")]
Within = Annotated[
    float | None, typer.Option(min=0.1, metavar="MINUTES", help="To be done in so many minutes.")
]


@app.command()
def patrol(
    places: Annotated[list[str], typer.Argument(metavar="PLACE…", help="Ids or names.")],
    rounds: Annotated[int, typer.Option(min=1, help="How often.")] = 1,
    priority: Priority = 0,
    robot: Robot = None,
    within: Within = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have places visited, one after the other."""
    _dispatch(
        "patrol", {"places": places, "rounds": rounds}, priority, robot, within, by, url, as_json
    )


@app.command()
def clean(
    zone: Annotated[str, typer.Argument(metavar="ZONE", help="Id or name.")],
    priority: Priority = 0,
    robot: Robot = None,
    within: Within = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have a zone cleaned."""
    _dispatch("clean", {"zone": zone}, priority, robot, within, by, url, as_json)


@app.command()
def inspect(
    assets: Annotated[list[str], typer.Argument(metavar="ASSET…", help="Ids.")],
    priority: Priority = 0,
    robot: Robot = None,
    within: Within = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have assets inspected."""
    _dispatch("inspect", {"assets": assets}, priority, robot, within, by, url, as_json)


@app.command("go-to")
def go_to(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="Id or name.")],
    priority: Priority = 0,
    robot: Robot = None,
    within: Within = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Send a robot to a place."""
    _dispatch("go_to", {"place": place}, priority, robot, within, by, url, as_json)


@app.command()
def respond(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="Id or name.")],
    priority: Annotated[
        int, typer.Option(min=0, max=9, help="From 7 on robots leave other work for it.")
    ] = 8,
    robot: Robot = None,
    within: Within = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have a robot look at something that has happened."""
    _dispatch("respond", {"place": place}, priority, robot, within, by, url, as_json)


@app.command("list")
def list_tasks(
    status: Annotated[str | None, typer.Option(help="Such as underway.")] = None,
    category: Annotated[str | None, typer.Option(help="Such as patrol.")] = None,
    robot: Annotated[str | None, typer.Option(help="That has or had it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 30,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List tasks, newest first."""
    tasks = get(url, "/tasks", status=status, category=category, robot=robot, limit=limit)
    if as_json:
        print_json(tasks)
        return
    table = Table(
        Column("task", no_wrap=True),
        "category",
        Column("status", no_wrap=True),
        Column("robot", no_wrap=True),
        "progress",
        "asked for",
        "reason",
    )
    for task in tasks:
        table.add_row(
            task["booking"]["id"],
            task["category"],
            task["status"],
            _robot(task),
            f"{task['progress']:.0%}",
            _time(task["booking"]["unix_millis_request_time"]),
            task["reason"],
        )
    Console(markup=False, highlight=False).print(table if tasks else "no tasks")


@app.command()
def show(task_id: TaskId, url: Url = None, as_json: AsJson = False) -> None:
    """Show a task with its phases and its log."""
    task = get(url, f"/tasks/{segment(task_id)}/state")
    if as_json:
        print_json(task)
        return
    console = Console(markup=False, highlight=False)
    console.print(_line(task))
    table = Table("phase", "what", Column("status", no_wrap=True), "from", "to")
    for phase in task["phases"].values():
        table.add_row(
            str(phase["id"]),
            f"{phase['category']} {phase['detail']}",
            phase["events"]["0"]["status"],
            _time(phase["unix_millis_start_time"]),
            _time(phase["unix_millis_finish_time"]),
        )
    console.print(table)
    for line in get(url, f"/tasks/{segment(task_id)}/log")["log"]:
        text = f"{_time(line['unix_millis_time'])}  {line['tier']:<7}  {line['text']}"
        console.print(text)


@app.command()
def cancel(
    task_id: TaskId, reason: Reason = "", by: By = None, url: Url = None, as_json: AsJson = False
) -> None:
    """End a task; its robot stops inside what was released to it."""
    body = {"type": "cancel_task_request", "task_id": task_id, "by": person(by), "reason": reason}
    answer = post(url, "/tasks/cancel_task", body)
    _say(answer, f"{task_id} is canceled", as_json)


@app.command()
def interrupt(
    task_id: TaskId, reason: Reason = "", by: By = None, url: Url = None, as_json: AsJson = False
) -> None:
    """Hold a task; prints the token by which it is resumed."""
    body = {
        "type": "interrupt_task_request",
        "task_id": task_id,
        "by": person(by),
        "reason": reason,
    }
    answer = post(url, "/tasks/interrupt_task", body)
    _say(answer, f"{task_id} is held, token {answer['token']}", as_json)


@app.command()
def resume(
    task_id: TaskId,
    token: Annotated[list[str] | None, typer.Option(help="Of an interruption; else all.")] = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Let an interrupted task go on."""
    body = {
        "type": "resume_task_request",
        "for_task": task_id,
        "for_tokens": token or [],
        "by": person(by),
    }
    _say(post(url, "/tasks/resume_task", body), f"{task_id} goes on", as_json)


@app.command()
def explain(task_id: TaskId, url: Url = None, as_json: AsJson = False) -> None:
    """Say why a task waits or who has it, and what each robot would be for it."""
    explanation = get(url, f"/tasks/{segment(task_id)}/explain")
    if as_json:
        print_json(explanation)
        return
    console = Console(markup=False, highlight=False)
    console.print(f"{task_id} is {explanation['status']}: {explanation['reason']}")
    table = Table(Column("robot", no_wrap=True), "can", "could begin in", "why")
    for each in explanation["robots"]:
        cost = "–" if each["cost_s"] is None else f"{each['cost_s']:.0f} s"
        table.add_row(each["robot"], "yes" if each["eligible"] else "no", cost, each["reason"])
    decided = explanation["decided"]
    if decided is not None:
        console.print(f"{_moment(decided['time_s'])} to {decided['robot']}: {decided['reason']}")
        for each in decided["considered"]:
            console.print(f"  not {each['robot']} ({each['cost_s']:.0f} s): {each['reason']}")
    if explanation["robots"]:
        console.print(table)


def _moment(time_s: float) -> str:
    return _time(round(time_s * 1000))


def _dispatch(
    category: str,
    description: dict[str, Any],
    priority: int,
    robot: str | None,
    within_min: float | None,
    by: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    if robot is not None:
        description = {**description, "robot": robot}
    request: dict[str, Any] = {
        "category": category,
        "description": description,
        "priority": {"type": "level", "value": priority},
        "requester": person(by),
    }
    if within_min is not None:
        now_s = get(url, "/system")["now_s"]
        request["unix_millis_due_time"] = round((now_s + 60.0 * within_min) * 1000)
    body = {"type": "dispatch_task_request", "request": request}
    state = post(url, "/tasks/dispatch_task", body)["state"]
    _say(state, _line(state), as_json)


def _line(task: Any) -> str:
    parts = [f"{task['booking']['id']} is {task['status']}, {task['progress']:.0%} done"]
    if task["assigned_to"]:
        parts.append(f"by {task['assigned_to']['name']}")
    return " ".join(parts) + (f": {task['reason']}" if task["reason"] else "")


def _say(answer: Any, text: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print(text)


def _robot(task: Any) -> str:
    return task["assigned_to"]["name"] if task["assigned_to"] else "–"


def _time(millis: int | None) -> str:
    if millis is None:
        return "–"
    return datetime.fromtimestamp(millis / 1000).astimezone().strftime("%m-%d %H:%M:%S")
