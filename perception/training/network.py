"""The detector: a small residual backbone, a path-aggregating neck, and a decoupled head."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from perception.training.configuration import Architecture

STRIDES = (8, 16, 32)


def convolution(inward: int, outward: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inward, outward, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outward, eps=1e-3, momentum=0.03),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions beside an identity (He et al., 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width, eps=1e-3, momentum=0.03),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


def _stage(inward: int, outward: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(
        convolution(inward, outward, 3, 2), *(Residual(outward) for _ in range(blocks))
    )


class Pooled(nn.Module):
    """Pools of growing reach beside each other (SPPF of YOLOv5)."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.reduce = convolution(inward, outward, 1)
        self.pool = nn.MaxPool2d(3, 1, 1)
        self.merge = convolution(3 * outward, outward, 1)

    def forward(self, x: Tensor) -> Tensor:
        near = self.reduce(x)
        wide = self.pool(self.pool(near))
        wider = self.pool(self.pool(wide))
        return self.merge(torch.cat([near, wide, wider], 1))


class Neck(nn.Module):
    """Coarse to fine and back (PANet, Liu et al., 2018), summing instead of stacking."""

    def __init__(self, widths: tuple[int, int, int], neck: int) -> None:
        super().__init__()
        self.side3 = convolution(widths[0], neck, 1)
        self.side4 = convolution(widths[1], neck, 1)
        self.side5 = Pooled(widths[2], neck)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.mix4, self.mix3 = convolution(neck, neck), convolution(neck, neck)
        self.down3, self.down4 = convolution(neck, neck, 3, 2), convolution(neck, neck, 3, 2)

    def forward(self, p3: Tensor, p4: Tensor, p5: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        n5 = self.side5(p5)
        n4 = self.mix4(self.side4(p4) + self.up(n5))
        n3 = self.mix3(self.side3(p3) + self.up(n4))
        n4 = n4 + self.down3(n3)
        return n3, n4, n5 + self.down4(n4)


class Head(nn.Module):
    """Classes and distances to the four sides, each with its own convolutions at each level."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.class_part = nn.Sequential(convolution(width, width), nn.Conv2d(width, classes, 1))
        self.box_part = nn.Sequential(convolution(width, width), nn.Conv2d(width, 4, 1))
        last, sides = self.class_part[-1], self.box_part[-1]
        nn.init.constant_(last.bias, -math.log((1 - 0.01) / 0.01))
        nn.init.constant_(sides.bias, 1.0)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.class_part(x), self.box_part(x)


class Detector(nn.Module):
    """Pictures [b, 3, h, w] from 0 to 1 to logits [b, a, classes] and boxes [b, a, 4].

    Boxes are x0, y0, x1, y1 in pixels of the input.
    """

    def __init__(self, architecture: Architecture, classes: int) -> None:
        super().__init__()
        widths, blocks = architecture.widths, architecture.blocks
        self.stem = convolution(3, widths[0], 3, 2)
        self.stages = nn.ModuleList(
            _stage(inward, outward, count)
            for inward, outward, count in zip(widths[:-1], widths[1:], blocks, strict=True)
        )
        self.neck = Neck((widths[2], widths[3], widths[4]), architecture.neck)
        self.heads = nn.ModuleList(Head(architecture.neck, classes) for _ in STRIDES)

    def raw(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Logits and sides of each level, as maps."""
        levels = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        necks = self.neck(*levels[-3:])
        return [head(level) for head, level in zip(self.heads, necks, strict=True)]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, boxes = [], []
        for stride, (class_map, side_map) in zip(STRIDES, self.raw(x), strict=True):
            centres = cell_centres(class_map.shape[-2:], stride, class_map.device)
            sides = nn.functional.softplus(side_map.float().flatten(2).transpose(1, 2)) * stride * 2
            logits.append(class_map.float().flatten(2).transpose(1, 2))
            boxes.append(torch.cat([centres - sides[..., :2], centres + sides[..., 2:]], -1))
        return torch.cat(logits, 1), torch.cat(boxes, 1)


def cell_centres(shape: torch.Size | tuple[int, int], stride: int, device: torch.device) -> Tensor:
    """[cells, 2] x and y of the middles of cells, row by row."""
    y = (torch.arange(shape[0], device=device) + 0.5) * stride
    x = (torch.arange(shape[1], device=device) + 0.5) * stride
    grid = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1).reshape(-1, 2)
    return grid.flip(-1)


def all_centres(size: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Middles of the cells of all levels [a, 2], and their strides [a]."""
    centres, strides = [], []
    for stride in STRIDES:
        level = cell_centres((size[0] // stride, size[1] // stride), stride, device)
        centres.append(level)
        strides.append(torch.full((len(level),), float(stride), device=device))
    return torch.cat(centres), torch.cat(strides)
