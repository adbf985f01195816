"""The commands of training: render, train, export, evaluate; each goes on where it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from perception.training.configuration import Configuration, load_configuration
from perception.training.dataset import draw_split, read_split, shard_paths

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(stderr=True)
HERE = Path(__file__).parent
MODELS = HERE.parent / "models"
CALIBRATION = 200
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
            shard = read_split(place, chosen, "train", cycle.worlds)
            batches = Batches(shard, chosen, cycle.size, balanced=cycle.balanced)
            trainer.run(batches, tell, min(until or end, end))


@app.command()
def export(
    target: Annotated[Path, typer.Option(help="folder of the models")] = MODELS,
    configuration: ConfigurationPath = DEFAULT,
    folder: FolderPath = KEPT,
) -> None:
    """Write the averaged weights as ONNX, in float and in int8, with measured cards."""
    from perception.training.card import write_card
    from perception.training.export import export_float, export_int8, load_average

    chosen, place = _chosen(configuration, folder)
    network, step = load_average(chosen, place / "checkpoint.pt")
    models = target / f"{chosen.name}.onnx", target / f"{chosen.name}_int8.onnx"
    for split in ("validation", "held_out"):
        _draw(place, chosen, split)
    pictures = read_split(place, chosen, "validation").images
    export_float(network, chosen.input_size, models[0])
    export_int8(models[0], models[1], pictures[:: max(1, len(pictures) // CALIBRATION)])
    for model in models:
        commands = tuple(
            f"python -m perception.training evaluate {_shown(model.with_suffix('.yaml'))}{more}"
            for more in ("", " --split validation")
        )
        paths = [shard_paths(place, chosen, split) for split in ("validation", "held_out")]
        card = write_card(model, chosen, paths[0], paths[1], (commands[0], commands[1]))
        console.print(f"Step {step} is in {model}, its figures in {card}")


def _shown(path: Path) -> str:
    """A path as people at the root of the repository write it."""
    root = HERE.parents[1]
    return str(path.resolve().relative_to(root)) if root in path.resolve().parents else str(path)


def _draw(place: Path, chosen: Configuration, split: str) -> None:
    with _bar() as bar:
        task = bar.add_task(f"worlds of {split}", total=chosen.worlds(split).count)
        for done in draw_split(place, chosen, split):
            bar.advance(task, done)


@app.command()
def evaluate(
    card: Annotated[Path, typer.Argument(help="of a model")],
    split: Annotated[str, typer.Option(help="validation or held_out")] = "held_out",
    first_seed: Annotated[int, typer.Option(help="other worlds of the split; -1: the usual")] = -1,
    worlds: Annotated[int, typer.Option(help="how many; 0: the usual")] = 0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    configuration: ConfigurationPath = DEFAULT,
    folder: FolderPath = KEPT,
) -> None:
    """Measure a model on worlds of a split; pictures that are missing are drawn first."""
    from perception import evaluate as evaluation

    chosen, place = _chosen(configuration, folder)
    usual = chosen.worlds(split)
    seed = usual.first_seed if first_seed < 0 else first_seed
    asked = msgspec.structs.replace(usual, first_seed=seed, count=worlds or usual.count)
    chosen = msgspec.structs.replace(chosen, **{split: asked})
    _draw(place, chosen, split)
    paths = [str(path) for path in shard_paths(place, chosen, split)]
    arguments = [str(card), "--held-out", *paths, *(["--json"] if as_json else [])]
    raise typer.Exit(evaluation.main(arguments))


if __name__ == "__main__":
    app()
