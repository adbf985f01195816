"""Throughput and stuck robots of all directors, as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.road_graph.trial import Outcome

COLOURS = {
    "ours": "#1f7a4d",
    "PIBT with swaps": "#3d6fb6",
    "PIBT": "#7a9ccb",
    "lane locks": "#c0402c",
    "free flow": "#5a666f",
}
INK, GRID = "#26313a", "#dfe3e6"


def plot(outcomes: dict[int, dict[float, dict[str, Outcome]]], file: Path) -> None:
    """Draw goals a step and stuck robots over the size of the fleet; solid without delays.

    Args:
        outcomes: by robots, share of delays and director.
        file: to be written; its ending says how.
    """
    figure = Figure(figsize=(11.0, 4.4), layout="constrained")
    goals, stuck = figure.subplots(1, 2)
    fleets = sorted(outcomes)
    for late, style in ((0.0, "-"), (max(outcomes[fleets[0]]), "--")):
        for name, colour in COLOURS.items():
            found = [outcomes[robots][late][name] for robots in fleets]
            label = name if late == 0.0 else None
            thin = {"linewidth": 1.2} if name == "free flow" else {"linewidth": 2.0}
            goals.plot(
                fleets,
                [each.goals_a_step for each in found],
                style,
                color=colour,
                label=label,
                marker="o",
                markersize=4,
                **thin,
            )
            if name != "free flow":
                part = [100.0 * each.stuck / each.robots for each in found]
                stuck.plot(fleets, part, style, color=colour, marker="o", markersize=4, **thin)
    goals.set_title("goals reached per step", loc="left", color=INK, fontsize=11)
    stuck.set_title("robots stuck at the end, %", loc="left", color=INK, fontsize=11)
    goals.legend(frameon=False, fontsize=9)
    for axes in (goals, stuck):
        axes.set_xlabel("robots (solid: no delays; dashed: a fifth of all steps delayed)")
        axes.set_ylim(bottom=0.0)
        axes.grid(color=GRID, linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file)
