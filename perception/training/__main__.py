"""The commands of training: render, train, export, evaluate; each goes on where it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from perception.training.configuration import Configuration, load_configuration
from perception.training.dataset import draw_split, read_split, shard_paths
from perception.training.measure import Figures, measured, onnx_model

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(stderr=True)
HERE = Path(__file__).parent
MODELS = HERE.parent / "models"
SPLITS = ("train", "validation", "held_out")

ConfigurationPath = Annotated[Path, typer.Option("--configuration", help="YAML of the model")]
FolderPath = Annotated[
    Path, typer.Option("--folder", help="where pictures and checkpoints are kept")
]
DEFAULT = HERE / "configurations" / "campus.yaml"
KEPT = Path(".cache/training")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(), console=console, refresh_per_second=2,
    )  # fmt: skip


def _chosen(path: Path, folder: Path) -> tuple[Configuration, Path]:
    configuration = load_configuration(path)
    return configuration, folder / configuration.name


@app.command()
def render(
    split: Annotated[str, typer.Option(help="train, validation, held_out or all")] = "all",
    part: Annotated[
        str, typer.Option(help="0/2: this process draws the first of two parts")
    ] = "0/1",
    configuration: ConfigurationPath = DEFAULT,
    folder: FolderPath = KEPT,
) -> None:
    """Draw the pictures of splits; what is there already is kept."""
    chosen, place = _chosen(configuration, folder)
    which, _, of = part.partition("/")
    with _bar() as bar:
        for name in SPLITS if split == "all" else (split,):
            paths = shard_paths(place, chosen, name)
            task = bar.add_task(f"worlds of {name}", total=chosen.worlds(name).count // int(of))
            for done in draw_split(place, chosen, name, (int(which), int(of))):
                bar.advance(task, done)
            assert int(of) > 1 or all(path.exists() for path in paths)


@app.command()
def train(
    until: Annotated[int, typer.Option(help="stop at this step; 0: at the end of the cycles")] = 0,
    threads: Annotated[int, typer.Option(help="of PyTorch")] = os.cpu_count() or 1,
    configuration: ConfigurationPath = DEFAULT,
    folder: FolderPath = KEPT,
) -> None:
    """Train, from the last checkpoint on."""
    import torch

    from perception.training.batches import Batches
    from perception.training.fit import Progress as Now
    from perception.training.fit import Trainer

    torch.set_num_threads(threads)
    chosen, place = _chosen(configuration, folder)
    trainer = Trainer(chosen, place)
    steps = sum(cycle.steps for cycle in chosen.cycles)
    log = (place / "training.jsonl").open("a", buffering=1)
    with _bar() as bar, log:
        task = bar.add_task("steps", total=until or steps, completed=trainer.step)

        def tell(now: Now) -> None:
            text = f"steps (classes {now.class_loss:.2f}, boxes {now.box_loss:.3f})"
            bar.update(task, completed=now.step, description=text)
            if now.step % 20 == 0:
                line = {
                    "step": now.step,
                    "class": now.class_loss,
                    "box": now.box_loss,
                    "rate": now.rate,
                }
                log.write(json.dumps(line) + "\n")

        while trainer.step < min(until or steps, steps):
            cycle, end = chosen.cycle(trainer.step)
            batches = Batches(read_split(place, chosen, "train", cycle.worlds), chosen)
            trainer.run(batches, tell, min(until or end, end))


@app.command()
def export(
    target: Annotated[Path, typer.Option(help="folder of the models")] = MODELS,
    size: Annotated[
        str, typer.Option(help="height x width of the input; the configuration's")
    ] = "",
    configuration: ConfigurationPath = DEFAULT,
    folder: FolderPath = KEPT,
) -> None:
    """Write the averaged weights as ONNX, in float and in int8."""
    from perception.training.export import export_float, export_int8, load_average

    chosen, place = _chosen(configuration, folder)
    network, step = load_average(chosen, place / "checkpoint.pt")
    height, _, width = size.partition("x")
    shape = (int(height), int(width)) if size else chosen.input_size
    paths = target / f"{chosen.name}.onnx", target / f"{chosen.name}_int8.onnx"
    export_float(network, shape, paths[0])
    if shape == chosen.input_size:
        pictures = read_split(place, chosen, "validation").images
        export_int8(paths[0], paths[1], pictures[:: max(1, len(pictures) // 200)])
    console.print(f"Step {step} is in {paths[0]}")


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="an exported .onnx of the configuration's input")],
    split: Annotated[str, typer.Option(help="validation or held_out")] = "held_out",
    as_json: Annotated[bool, typer.Option("--json")] = False,
    configuration: ConfigurationPath = DEFAULT,
    folder: FolderPath = KEPT,
) -> None:
    """Measure a model on a split; pictures that are missing are drawn first."""
    chosen, place = _chosen(configuration, folder)
    for _ in draw_split(place, chosen, split):
        pass
    shard = read_split(place, chosen, split)
    with _bar() as bar:
        task = bar.add_task("pictures", total=len(shard.images))
        result = measured(
            onnx_model(model), shard, chosen, lambda done: bar.update(task, completed=done)
        )
    if as_json:
        typer.echo(json.dumps(as_plain(result)))
        return
    table = Table("class", "things", "AP50", "recall", "precision", "score")
    for role, each in result.classes.items():
        values = (each.ap50, each.recall, each.precision, each.score)
        table.add_row(role, str(each.things), *(f"{value:.3f}" for value in values))
    Console().print(table)
    Console().print(f"{result.pictures} pictures of {split}: mAP50 {result.map50:.3f}")


def as_plain(result: Figures) -> dict[str, object]:
    """Figures as JSON has them."""
    classes = {
        role: {"things": each.things, "ap50": each.ap50, "recall": each.recall,
               "precision": each.precision, "score": each.score}
        for role, each in result.classes.items()
    }  # fmt: skip
    return {"pictures": result.pictures, "map50": result.map50, "classes": classes}


if __name__ == "__main__":
    app()
