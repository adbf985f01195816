"""Draws scenes without a screen: colours, numbers of things and their silhouettes.

OpenGL 3.3 over EGL; on machines without a graphics card Mesa's llvmpipe draws on the CPU.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perception.scenes import shaders
from perception.scenes.assembly import Assembled
from perception.scenes.errors import NoGraphics
from perception.scenes.meshes import MESH_NAMES, MeshName, unit_mesh
from perception.scenes.parts import CORNER_FLOATS, PART_FLOATS, PUFF_FLOATS
from perception.scenes.scene import Camera, Light
from perception.scenes.textures import layer, puff_stack, texture_stack

SHADOW_SIZE: Final = 1024
SHADOW_HALF_M: Final = 22.0
TILE_PX: Final = 32
SHEET_TILES: Final = 12  # a sheet of 12 x 12 silhouettes
LEAST_COVER: Final = 0.13  # a puff counts as smoke where it hides this much

_PART = "4f 4f 4f 4f 4f 1f/i"
_PART_NAMES = ("row_x", "row_y", "row_z", "part_colour", "part_surface", "part_thing")
_CORNER = "3f 3f 4f 4f 1f"
_CORNER_NAMES = ("corner", "corner_normal", "part_colour", "part_surface", "part_thing")
_PUFF = "4f 4f 4f/i"
_PUFF_NAMES = ("puff_place", "puff_colour", "puff_more")


@dataclass(frozen=True)
class Drawn:
    """What a camera sees.

    Attributes:
        rgb: [height, width, 3].
        numbers: [height, width] of the labelled things, from 1; 0 elsewhere.
        whole_px: [things + 1] pixels of each thing if nothing hid it and the picture had no edge;
            nan: nearer than the camera can show.
    """

    rgb: NDArray[np.uint8]
    numbers: NDArray[np.uint16]
    whole_px: NDArray[np.float64]


def open_context() -> Any:
    """An OpenGL context without a screen.

    Raises:
        NoGraphics: there is no EGL here.
    """
    os.environ.setdefault(
        "LP_NUM_THREADS", "1"
    )  # a process a core; threads of llvmpipe only add work
    try:
        import moderngl

        return moderngl.create_context(standalone=True, require=330, backend="egl")  # type: ignore[arg-type]
    except Exception as error:  # the binding raises bare Exceptions
        raise NoGraphics(str(error)) from error


class Renderer:
    """Draws one scene at a time; `load` a scene, then `draw` it from as many cameras as wanted."""

    def __init__(self) -> None:
        self.gl = open_context()
        self.loaded: Assembled | None = None
        self._fresh: list[Any] = []
        self._targets: dict[tuple[int, int], tuple[Any, Any, Any]] = {}
        self._make_programs()
        self._make_textures()
        self._make_meshes()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give everything back; the renderer is of no use afterwards."""
        self.gl.release()

    # --- what is made once ---

    def _make_programs(self) -> None:
        def program(vertex: str, fragment: str) -> Any:
            return self.gl.program(vertex_shader=vertex, fragment_shader=fragment)

        self.parts_program = program(shaders.PART_VERTEX, shaders.SURFACE_FRAGMENT)
        self.corners_program = program(shaders.TRIANGLE_VERTEX, shaders.SURFACE_FRAGMENT)
        self.puff_program = program(shaders.PUFF_VERTEX, shaders.PUFF_FRAGMENT)
        self.sky_program = program(shaders.SKY_VERTEX, shaders.SKY_FRAGMENT)
        self.shadow_parts = program(shaders.PART_VERTEX, shaders.SHADOW_FRAGMENT)
        self.shadow_corners = program(shaders.TRIANGLE_VERTEX, shaders.SHADOW_FRAGMENT)
        alone = shaders.SILHOUETTE_FRAGMENT
        self.alone_parts = program(shaders.silhouette(shaders.PART_VERTEX), alone)
        self.alone_corners = program(shaders.silhouette(shaders.TRIANGLE_VERTEX), alone)
        self.alone_puffs = program(
            shaders.silhouette(shaders.PUFF_VERTEX), shaders.PUFF_SILHOUETTE_FRAGMENT
        )

    def _make_textures(self) -> None:
        stack = texture_stack()
        self.textures = self.gl.texture_array(
            (stack.shape[2], stack.shape[1], stack.shape[0]), 3, stack.tobytes()
        )
        self.textures.build_mipmaps()
        self.textures.filter = (self.gl.LINEAR_MIPMAP_NEAREST, self.gl.LINEAR)
        puffs = puff_stack()
        self.masks = self.gl.texture_array(
            (puffs.shape[2], puffs.shape[1], puffs.shape[0]), 1, puffs.tobytes()
        )
        self.masks.repeat_x = self.masks.repeat_y = False
        self.shadow_map = self.gl.depth_texture((SHADOW_SIZE, SHADOW_SIZE))
        self.shadow_map.compare_func = ""
        self.shadow_map.repeat_x = self.shadow_map.repeat_y = False
        self.shadow_target = self.gl.framebuffer(depth_attachment=self.shadow_map)
        self.tiles = self.gl.texture((2, SHEET_TILES**2 + 1), 4, dtype="f4")
        self.tiles.filter = (self.gl.NEAREST, self.gl.NEAREST)
        side = TILE_PX * SHEET_TILES
        self.sheet = self.gl.framebuffer([self.gl.texture((side, side), 1)])

    def _make_meshes(self) -> None:
        self.corner_buffers = {}
        for name in MESH_NAMES:
            vertices, which = unit_mesh(name).indexed()
            buffers = (self.gl.buffer(vertices.tobytes()), self.gl.buffer(which.tobytes()))
            self.corner_buffers[name] = buffers
        square = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], dtype="f4")
        self.square = self.gl.buffer(square.tobytes())
        self.sky_array = self.gl.vertex_array(self.sky_program, [(self.square, "2f", "corner")])

    # --- a scene ---

    def load(self, assembled: Assembled) -> None:
        """Bring a scene to the graphics memory and work out its shadows."""
        for old in self._fresh:
            old.release()
        self._fresh = []
        self.loaded = assembled
        self.mesh_counts: dict[MeshName, int] = {}
        self.arrays: dict[str, list[Any]] = {"main": [], "shadow": [], "alone": []}
        self.films: list[Any] = []
        self.puffs: dict[str, Any] = {}
        for name, rows in assembled.meshes.items():
            if len(rows):
                self._load_parts(name, rows)
        self._load_corners(assembled)
        if len(assembled.puffs):
            self._load_puffs(assembled.puffs)
        self._cast_shadows(assembled)

    def _buffer(self, rows: NDArray[np.float32]) -> Any:
        buffer = self.gl.buffer(np.ascontiguousarray(rows, dtype="f4").tobytes())
        self._fresh.append(buffer)
        return buffer

    def _array(self, program: Any, content: list[tuple[Any, ...]], which: Any = None) -> Any:
        array = self.gl.vertex_array(program, content, which, skip_errors=True)
        self._fresh.append(array)
        return array

    def _load_parts(self, name: MeshName, rows: NDArray[np.float32]) -> None:
        vertices, which = self.corner_buffers[name]

        def array(program: Any, buffer: Any) -> Any:
            corners = (vertices, "3f 3f", "corner", "corner_normal")
            return self._array(program, [corners, (buffer, _PART, *_PART_NAMES)], which)

        buffer = self._buffer(rows)
        self.arrays["main"].append((array(self.parts_program, buffer), len(rows)))
        self.arrays["shadow"].append((array(self.shadow_parts, buffer), len(rows)))
        labelled = rows[rows[:, PART_FLOATS - 1] > 0]
        if len(labelled):
            alone = array(self.alone_parts, self._buffer(labelled))
            self.arrays["alone"].append((alone, len(labelled)))

    def _load_corners(self, assembled: Assembled) -> None:
        for rows, kept in ((assembled.solid, self.arrays["main"]), (assembled.films, self.films)):
            if len(rows):
                content = [(self._buffer(rows), _CORNER, *_CORNER_NAMES)]
                kept.append((self._array(self.corners_program, content), 1))
                if kept is not self.films:
                    self.arrays["shadow"].append((self._array(self.shadow_corners, content), 1))
        rows = np.concatenate([assembled.solid, assembled.films])
        labelled = rows[rows[:, CORNER_FLOATS - 1] > 0]
        if len(labelled):
            content = [(self._buffer(labelled), _CORNER, *_CORNER_NAMES)]
            self.arrays["alone"].append((self._array(self.alone_corners, content), 1))

    def _load_puffs(self, rows: NDArray[np.float32]) -> None:
        content = [(self.square, "2f", "corner"), (self._buffer(rows), _PUFF, *_PUFF_NAMES)]
        self.puffs["main"] = self._array(self.puff_program, content)
        self.puffs["alone"] = self._array(self.alone_puffs, content)
        self.puff_rows = rows

    def _cast_shadows(self, assembled: Assembled) -> None:
        light = assembled.light
        towards = np.array(light.to_sun) / np.linalg.norm(light.to_sun)
        helper = np.array([0.0, 1.0, 0.0]) if abs(towards[1]) < 0.9 else np.array([1.0, 0, 0])
        side = np.cross(helper, towards)
        side /= np.linalg.norm(side)
        axes = np.stack([side, np.cross(towards, side), -towards / 3])
        matrix = np.eye(4)
        matrix[:3, :3] = axes / SHADOW_HALF_M
        matrix[:3, 3] = -matrix[:3, :3] @ np.array([*assembled.centre_m, 0.0])
        self.to_shadow = matrix
        if max(light.sun) <= 0.01:
            return
        self.shadow_target.use()
        self.shadow_target.clear(depth=1.0)
        self.gl.enable_only(self.gl.DEPTH_TEST)
        for program in (self.shadow_parts, self.shadow_corners):
            _set(program, world_to_clip=matrix)
        for array, count in self.arrays["shadow"]:
            array.render(self.gl.TRIANGLES, instances=count)

    # --- a picture ---

    def draw(self, camera: Camera) -> Drawn:
        """What the camera sees of the loaded scene.

        Raises:
            ValueError: no scene is loaded.
        """
        if self.loaded is None:
            raise ValueError("load a scene before drawing it")
        target, colours, numbers = self._target(camera.width, camera.height)
        target.use()
        target.clear()
        matrix = camera.matrix()
        self._set_light(camera, matrix)
        self.gl.enable_only(self.gl.DEPTH_TEST | self.gl.CULL_FACE)
        for array, count in self.arrays["main"]:
            array.render(self.gl.TRIANGLES, instances=count)
        self.gl.disable(self.gl.CULL_FACE)
        self.sky_array.render(self.gl.TRIANGLE_STRIP)
        self._draw_transparent(target, camera)
        rgb = np.frombuffer(colours.read(), np.uint8).reshape(camera.height, camera.width, 4)
        things = np.frombuffer(numbers.read(), np.uint16).reshape(camera.height, camera.width)
        return Drawn(
            np.ascontiguousarray(rgb[::-1, :, :3]),
            np.ascontiguousarray(things[::-1]),
            self._whole(camera, matrix),
        )

    def _target(self, width: int, height: int) -> tuple[Any, Any, Any]:
        if (width, height) not in self._targets:
            colours = self.gl.texture((width, height), 4)
            numbers = self.gl.texture((width, height), 1, dtype="u2")
            depth = self.gl.depth_renderbuffer((width, height))
            target = self.gl.framebuffer([colours, numbers], depth)
            self._targets[width, height] = (target, colours, numbers)
        return self._targets[width, height]

    def _set_light(self, camera: Camera, matrix: NDArray[np.float64]) -> None:
        assert self.loaded is not None
        light: Light = self.loaded.light
        towards = np.array(light.to_sun) / np.linalg.norm(light.to_sun)
        indoors = self.loaded.indoors
        eye = (camera.x_m, camera.y_m, camera.z_m)
        glows = sorted(
            light.glows,
            key=lambda glow: (glow.x_m - eye[0]) ** 2 + (glow.y_m - eye[1]) ** 2 - glow.reach_m**2,
        )[: shaders.MAX_GLOWS]
        places = np.zeros((shaders.MAX_GLOWS, 4), "f4")
        tints = np.zeros((shaders.MAX_GLOWS, 3), "f4")
        for row, glow in enumerate(glows):
            places[row] = (glow.x_m, glow.y_m, glow.z_m, glow.reach_m)
            tints[row] = glow.colour
        self.textures.use(0)
        self.shadow_map.use(1)
        self.masks.use(2)
        axes = camera.axes()
        shared = {
            "world_to_clip": matrix, "world_to_shadow": self.to_shadow, "eye": eye,
            "to_sun": tuple(towards), "sun": light.sun, "sky": light.sky, "bounce": light.bounce,
            "horizon": light.horizon, "zenith": light.zenith, "haze": light.haze_per_m,
            "exposure": light.exposure, "wetness": light.wetness, "indoors": float(indoors),
            "glow_count": len(glows), "glow_place": places, "glow_colour": tints,
            "textures": 0, "shadow": 1, "masks": 2, "right": tuple(axes[0]), "up": tuple(axes[1]),
            "to_world": axes.T, "cloud": 0.0 if indoors else 1.0,
            "cloud_layer": float(layer("concrete", 1)),
            "half_view": (camera.width / 2 / camera.focal_px, camera.height / 2 / camera.focal_px),
        }  # fmt: skip
        for program in (self.parts_program, self.corners_program):
            _set(program, film=0.0, **shared)
        _set(self.sky_program, **shared)
        _set(self.puff_program, **shared)

    def _draw_transparent(self, target: Any, camera: Camera) -> None:
        """Films and puffs, over what is behind them; numbers only where they hide enough."""
        self.gl.enable(self.gl.BLEND)
        self.gl.blend_func = self.gl.SRC_ALPHA, self.gl.ONE_MINUS_SRC_ALPHA
        target.depth_mask = False
        if self.films:
            _set(self.corners_program, film=1.0)
            for array, _ in self.films:
                array.render(self.gl.TRIANGLES)
        if self.puffs:
            eye = np.array([camera.x_m, camera.y_m, camera.z_m])
            rows = self.puff_rows
            order = np.argsort(
                -np.linalg.norm(rows[:, :3] - eye, axis=1) + 100 * (rows[:, 9] > 0.5)
            )
            ordered = self.gl.buffer(np.ascontiguousarray(rows[order]).tobytes())
            content = [(self.square, "2f", "corner"), (ordered, _PUFF, *_PUFF_NAMES)]
            array = self.gl.vertex_array(self.puff_program, content)
            target.color_mask = ((True,) * 4, (False,) * 4)
            _set(self.puff_program, least=0.004)
            array.render(self.gl.TRIANGLE_STRIP, instances=len(rows))
            self.gl.disable(self.gl.BLEND)
            target.color_mask = ((False,) * 4, (True,) * 4)
            _set(self.puff_program, least=LEAST_COVER)
            array.render(self.gl.TRIANGLE_STRIP, instances=len(rows))
            target.color_mask = ((True,) * 4, (True,) * 4)
            array.release()
            ordered.release()
        target.depth_mask = True
        self.gl.disable(self.gl.BLEND)

    def _whole(self, camera: Camera, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels of each thing if it stood alone, from a small silhouette of each."""
        assert self.loaded is not None
        boxes = self.loaded.screen_boxes(matrix)
        count = len(boxes)
        rows = np.zeros((SHEET_TILES**2 + 1, 2, 4), "f4")
        rows[:, 0] = (9.0, 9.0, 1e-3, 1e-3)
        known = [number for number in range(1, count) if np.isfinite(boxes[number]).all()]
        known = known[: SHEET_TILES**2]
        for number in known:
            x0, y0, x1, y1 = boxes[number]
            half = (max((x1 - x0) / 2, 1e-6), max((y1 - y0) / 2, 1e-6))
            column, line = (number - 1) % SHEET_TILES, (number - 1) // SHEET_TILES
            middle = [(2 * index + 1) / SHEET_TILES - 1 for index in (column, line)]
            rows[number, 0] = ((x0 + x1) / 2, (y0 + y1) / 2, *half)
            rows[number, 1, :2] = middle
        whole = np.full(count, np.nan)
        if not known:
            return whole
        self.tiles.write(rows.tobytes())
        self.tiles.use(3)
        self.sheet.use()
        self.sheet.clear()
        self.gl.enable_only(self.gl.NOTHING)
        shared = {"tiles": 3, "tile_half": 1 / SHEET_TILES, "world_to_clip": matrix, "masks": 2}
        axes = camera.axes()
        for program in (self.alone_parts, self.alone_corners, self.alone_puffs):
            _set(program, **shared, least=LEAST_COVER, right=tuple(axes[0]), up=tuple(axes[1]))
        for array, instances in self.arrays["alone"]:
            array.render(self.gl.TRIANGLES, instances=instances)
        if self.puffs:
            self.puffs["alone"].render(self.gl.TRIANGLE_STRIP, instances=len(self.puff_rows))
        side = SHEET_TILES * TILE_PX
        sheet = np.frombuffer(self.sheet.read(components=1), np.uint8).reshape(side, side) > 0
        tiles = sheet.reshape(SHEET_TILES, TILE_PX, SHEET_TILES, TILE_PX).mean(axis=(1, 3)).ravel()
        for number in known:
            x0, y0, x1, y1 = boxes[number]
            area = (x1 - x0) * (y1 - y0) / 4 * camera.width * camera.height
            whole[number] = tiles[number - 1] * area
        return whole


def _set(program: Any, **values: Any) -> None:
    """Set those uniforms that the program has; matrices are given row by row."""
    for name, value in values.items():
        if name not in program:
            continue
        if isinstance(value, np.ndarray) and value.ndim == 2 and value.shape[0] == value.shape[1]:
            program[name].write(np.ascontiguousarray(value.T, dtype="f4").tobytes())
        elif isinstance(value, np.ndarray):
            program[name].write(value.tobytes())
        else:
            program[name].value = value


PUFF_COLUMNS: Final = PUFF_FLOATS
