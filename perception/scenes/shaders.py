"""The shaders: one look at a scene gives colours and numbers of things together."""

from __future__ import annotations

from typing import Final

MAX_GLOWS: Final = 6

_OUT_VERTEX = """
out vec3 place; out vec3 normal; out vec3 local; out vec3 local_normal;
flat out vec4 colour; flat out vec4 surface; flat out float thing;
"""

PART_VERTEX: Final = (
    """#version 330
uniform mat4 world_to_clip;
in vec3 corner; in vec3 corner_normal;
in vec4 row_x; in vec4 row_y; in vec4 row_z; in vec4 part_colour; in vec4 part_surface;
in float part_thing;
"""
    + _OUT_VERTEX
    + """
void main() {
    mat3 axes = transpose(mat3(row_x.xyz, row_y.xyz, row_z.xyz));
    vec3 lengths = vec3(length(axes[0]), length(axes[1]), length(axes[2]));
    place = axes * corner + vec3(row_x.w, row_y.w, row_z.w);
    normal = normalize(axes * (corner_normal / max(lengths * lengths, vec3(1e-9))));
    local = corner * lengths; local_normal = corner_normal;
    colour = part_colour; surface = part_surface; thing = part_thing;
    gl_Position = world_to_clip * vec4(place, 1.0);
}
"""
)

TRIANGLE_VERTEX: Final = (
    """#version 330
uniform mat4 world_to_clip;
in vec3 corner; in vec3 corner_normal; in vec4 part_colour; in vec4 part_surface;
in float part_thing;
"""
    + _OUT_VERTEX
    + """
void main() {
    place = corner; normal = corner_normal;
    // Along a wall of any direction; texture runs with the metres.
    float along = dot(corner.xy, vec2(-corner_normal.y, corner_normal.x));
    local = abs(corner_normal.z) > 0.5 ? corner : vec3(along, 0.0, corner.z);
    local_normal = abs(corner_normal.z) > 0.5 ? vec3(0, 0, 1) : vec3(0, 1, 0);
    colour = part_colour; surface = part_surface; thing = part_thing;
    gl_Position = world_to_clip * vec4(corner, 1.0);
}
"""
)

_TONE = """
vec3 developed(vec3 light) {
    light *= exposure;
    return sqrt(light * (1.0 + 0.3 * light) / (0.55 + light + 0.3 * light * light));
}
"""

SURFACE_FRAGMENT: Final = (
    """#version 330
uniform sampler2DArray textures; uniform sampler2D shadow; uniform mat4 world_to_shadow;
uniform vec3 eye; uniform vec3 to_sun; uniform vec3 sun; uniform vec3 sky; uniform vec3 bounce;
uniform vec3 horizon; uniform vec3 zenith; uniform float haze; uniform float exposure;
uniform float wetness; uniform float film; uniform float indoors; uniform int glow_count;
uniform vec4 glow_place[GLOWS]; uniform vec3 glow_colour[GLOWS];
in vec3 place; in vec3 normal; in vec3 local; in vec3 local_normal;
flat in vec4 colour; flat in vec4 surface; flat in float thing;
layout(location = 0) out vec4 seen; layout(location = 1) out uint number;
""".replace("GLOWS", str(MAX_GLOWS))
    + _TONE
    + """
void main() {
    vec3 facing = abs(local_normal);
    vec2 at = facing.z > facing.x && facing.z > facing.y ? local.xy
        : facing.x > facing.y ? local.yz : local.xz;
    vec3 detail = texture(textures, vec3(at / surface.y, surface.x)).rgb;
    vec3 albedo = colour.rgb * mix(vec3(1.0), detail * (1.0 + 2.0 * detail), surface.z);
    vec3 n = normalize(normal);
    float lambert = dot(n, to_sun);
    float lit = 0.0;
    if (lambert > 0.0 && sun.r > 0.01) {
        vec3 s = (world_to_shadow * vec4(place, 1.0)).xyz * 0.5 + 0.5;
        bool inside = all(greaterThan(s, vec3(0.0))) && all(lessThan(s, vec3(1.0)));
        lit = inside && texture(shadow, s.xy).r < s.z - 0.0012 ? 0.0 : lambert;
    }
    vec3 light = mix(bounce, sky, n.z * 0.5 + 0.5) + sun * lit;
    light *= 1.0 - 0.35 * max(1.0 - place.z * 3.0, 0.0) * step(abs(n.z), 0.9);
    for (int i = 0; i < glow_count; ++i) {
        vec3 ray = glow_place[i].xyz - place;
        float away = dot(ray, ray);
        float reach = glow_place[i].w;
        float fall = max(1.0 - away / (reach * reach), 0.0);
        float slant = max(dot(n, ray) * inversesqrt(away), 0.0);
        light += glow_colour[i] * fall * fall * (0.25 + 0.75 * slant);
    }
    vec3 ray = place - eye;
    float far = length(ray);
    float wet = wetness * step(0.9, n.z) * (1.0 - film);
    float gloss = max(surface.w, wet * 0.55);
    albedo *= 1.0 - 0.45 * wet;
    vec3 radiance = albedo * light + colour.rgb * colour.a * (1.0 - film) * 2.0;
    if (gloss > 0.0) {
        vec3 mirrored = reflect(ray / far, n);
        float grazing = pow(1.0 - max(dot(-ray / far, n), 0.0), 3.0);
        vec3 above = mix(horizon, zenith, clamp(mirrored.z * 1.4, 0.0, 1.0));
        float glint = pow(max(dot(mirrored, to_sun), 0.0), 60.0);
        radiance = mix(radiance, above * mix(1.0, 0.35, indoors), gloss * (0.12 + 0.88 * grazing));
        radiance += sun * glint * gloss * step(0.001, lit) * 1.5;
    }
    float clear = 1.0 / (1.0 + far * haze);
    radiance = mix(horizon, radiance, clear);
    seen = vec4(developed(radiance), mix(1.0, colour.a, film));
    number = uint(thing + 0.5);
}
"""
)

SKY_VERTEX: Final = """#version 330
in vec2 corner;
out vec2 at;
void main() { at = corner; gl_Position = vec4(corner, 0.99999, 1.0); }
"""

SKY_FRAGMENT: Final = (
    """#version 330
uniform mat3 to_world; uniform vec2 half_view; uniform vec3 horizon; uniform vec3 zenith;
uniform vec3 sun; uniform vec3 to_sun; uniform float exposure; uniform float cloud;
uniform sampler2DArray textures; uniform float cloud_layer;
in vec2 at;
layout(location = 0) out vec4 seen; layout(location = 1) out uint number;
"""
    + _TONE
    + """
void main() {
    vec3 ray = normalize(to_world * vec3(at * half_view, -1.0));
    vec3 light = mix(horizon, zenith, smoothstep(0.0, 0.5, ray.z));
    if (ray.z > 0.02) {
        vec2 sheet = ray.xy / (ray.z + 0.15) * 0.12;
        float thick = texture(textures, vec3(sheet, cloud_layer)).r;
        light = mix(light, mix(horizon, vec3(dot(sun, vec3(0.33))) + horizon, 0.35),
            cloud * smoothstep(0.42, 0.62, thick) * smoothstep(0.02, 0.2, ray.z));
    }
    light += sun * pow(max(dot(ray, to_sun), 0.0), 400.0) * 2.0;
    seen = vec4(developed(light), 1.0);
    number = 0u;
}
"""
)

PUFF_VERTEX: Final = """#version 330
uniform mat4 world_to_clip; uniform vec3 right; uniform vec3 up;
in vec2 corner;
in vec4 puff_place; in vec4 puff_colour; in vec4 puff_more;
out vec2 at; out vec3 place;
flat out vec4 tint; flat out float mask; flat out float glow; flat out float thing;
void main() {
    vec3 rise = puff_more.y > 0.5 ? vec3(0.0, 0.0, 1.0) : up;
    place = puff_place.xyz + right * corner.x * puff_place.w + rise * corner.y * puff_more.z;
    at = corner * 0.5 + 0.5; tint = puff_colour;
    mask = puff_more.x; glow = puff_more.y; thing = puff_more.w;
    gl_Position = world_to_clip * vec4(place, 1.0);
}
"""

PUFF_FRAGMENT: Final = (
    """#version 330
uniform sampler2DArray masks; uniform vec3 eye; uniform vec3 sky; uniform vec3 sun;
uniform vec3 horizon; uniform float haze; uniform float exposure; uniform float least;
in vec2 at; in vec3 place;
flat in vec4 tint; flat in float mask; flat in float glow; flat in float thing;
layout(location = 0) out vec4 seen; layout(location = 1) out uint number;
"""
    + _TONE
    + """
void main() {
    float cover = texture(masks, vec3(at, mask)).r * tint.a;
    if (cover < least) discard;
    vec3 light = tint.rgb * mix(sky * 1.1 + sun * 0.45, vec3(2.6), glow);
    light = mix(horizon, light, exp(-distance(place, eye) * haze));
    seen = vec4(developed(light), cover);
    number = uint(thing + 0.5);
}
"""
)

SHADOW_FRAGMENT: Final = """#version 330
void main() {}
"""


def silhouette(vertex: str) -> str:
    """A vertex shader that draws each thing alone, into its own tile of a sheet.

    `tiles` holds, per thing, the middle and half size of its box on the screen, and the middle of
    its tile on the sheet; what lies outside the tile is cut off.
    """
    head, body = vertex.split("void main() {", 1)
    thing = "puff_more.w" if "puff_more" in vertex else "part_thing"
    return (
        head
        + "uniform sampler2D tiles; uniform float tile_half; out vec2 in_tile; void main() {"
        + body.rstrip().removesuffix("}")
        + f"""
    int row = int({thing} + 0.5);
    vec4 box = texelFetch(tiles, ivec2(0, row), 0);
    vec4 tile = texelFetch(tiles, ivec2(1, row), 0);
    in_tile = (gl_Position.xy / gl_Position.w - box.xy) / box.zw;
    gl_Position = vec4(tile.xy + in_tile * tile_half, 0.0, 1.0);
}}
"""
    )


SILHOUETTE_FRAGMENT: Final = """#version 330
in vec2 in_tile;
out vec4 covered;
void main() {
    if (abs(in_tile.x) > 1.0 || abs(in_tile.y) > 1.0) discard;
    covered = vec4(1.0);
}
"""

PUFF_SILHOUETTE_FRAGMENT: Final = """#version 330
uniform sampler2DArray masks; uniform float least;
in vec2 in_tile; in vec2 at; flat in vec4 tint; flat in float mask;
out vec4 covered;
void main() {
    if (abs(in_tile.x) > 1.0 || abs(in_tile.y) > 1.0) discard;
    if (texture(masks, vec3(at, mask)).r * tint.a < least) discard;
    covered = vec4(1.0);
}
"""
