"""`python -m perception.scenes sheet | rate`: pictures of worlds to look at, and their speed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import cv2
import typer

from perception.scenes.pictures import Picture, pictures, sheet, with_boxes
from perception.scenes.renderer import Renderer
from perception.scenes.worlds import generators, make_world

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


def _pictures(split: str, worlds: int, first_seed: int, views: int) -> list[Picture]:
    kinds = generators(split)
    with Renderer() as renderer:
        return [
            picture
            for index in range(worlds)
            for picture in pictures(
                renderer, make_world(kinds[index % len(kinds)], first_seed + index, views)
            )
        ]


@app.command(name="sheet")
def draw_sheet(
    target: Annotated[Path, typer.Argument(help=".png or .jpg")],
    split: Annotated[str, typer.Option(help="train, validation or held_out")] = "train",
    worlds: Annotated[int, typer.Option(min=1)] = 12,
    first_seed: Annotated[int, typer.Option(help="of the first world")] = 0,
    columns: Annotated[int, typer.Option(min=1)] = 4,
    width: Annotated[int, typer.Option(help="of a picture, pixels", min=16)] = 320,
    boxes: Annotated[bool, typer.Option(help="draw the labels in")] = True,
) -> None:
    """Pictures of worlds side by side, one a world."""
    taken = _pictures(split, worlds, first_seed, views=1)
    images = [with_boxes(each) if boxes else each.rgb for each in taken]
    page = cv2.cvtColor(sheet(images, columns, width), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(target), page, [cv2.IMWRITE_JPEG_QUALITY, 72]):
        raise typer.BadParameter(f"{target} cannot be written")


@app.command()
def rate(
    worlds: Annotated[int, typer.Option(min=1)] = 24,
    views: Annotated[int, typer.Option(min=1)] = 4,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Labelled pictures of 640 x 480 a second of one core, worlds made and spoiled with them."""
    kinds = generators("train")
    with Renderer() as renderer:
        list(pictures(renderer, make_world(kinds[0], 999, 1)))  # shaders are compiled once
        began, count = time.process_time(), 0
        for index in range(worlds):
            world = make_world(kinds[index % len(kinds)], index, views)
            count += len(list(pictures(renderer, world)))
        spent = time.process_time() - began
    figures = {"pictures": count, "cpu_s": spent, "pictures_per_core_s": count / spent}
    typer.echo(json.dumps(figures) if as_json else f"{count / spent:.1f} pictures a core-second")


if __name__ == "__main__":
    app()
