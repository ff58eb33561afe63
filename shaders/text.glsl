// Words, plates, rings and what can be chosen, laid out by vr_app/render/text.py: one draw for all that stands together.
// `kind` is what a quad is (below) and, in eights, whose state it follows. `atlas` holds signed distances, 128 on the
// outline.
#pragma blend alpha
#pragma cull none

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float opacity;
    vec4 states[12];  // of each part: how far its ring is filled, how far it is chosen, how far it is pointed at; 0..1
};

#ifdef FRAGMENT
layout(binding = 4) uniform sampler2D atlas;

const int PLATE = 0, GLYPH = 1, RING = 2, PILL = 3;

// Radiances that leave the tone curve as #EDE6DA, #E8B26E and #0E1426 at exposure 1.
const vec3 INK = vec3(1.92, 1.76, 1.41);
const vec3 LANTERN = vec3(1.41, 0.36, 0.132);
const vec3 GLOW = vec3(0.42, 0.19, 0.07);  // of a lantern on a dark plate
const vec3 NIGHT = vec3(0.004, 0.007, 0.021);
const float PLATE_OPACITY = 0.93;  // ink stays at 4.5 : 1 (WCAG 2.2) before the whitest wall, on a lit pill too
const float BAND_OPACITY = 0.92;
const float TURN = 6.2831853;

// How much of the pixel is ink, at any size and angle.
float ink(vec2 uv, float spread) {
    vec2 across = dFdx(uv), down = dFdy(uv);
    vec2 right = across * textureSize(atlas, 0), below = down * textureSize(atlas, 0);
    float longest = max(max(length(right), length(below)), 1e-6);
    float shortest = abs(right.x * below.y - right.y * below.x) / longest;
    // Distances reach over `spread` texels already: a blurred level is needed only where pixels lie farther apart,
    // and any earlier it would thin the strokes.
    float level = log2(max(sqrt(longest * shortest) / spread, 1.0));
    float scale = 255.0 / 127.0 * spread;
    // Texels a pixel measured across the outline. Along the middle of a stroke distances have no slope, so it is
    // kept between the shortest and the longest that a pixel can be.
    float centre = textureLod(atlas, uv, level).r * scale;
    float width = clamp(length(vec2(dFdx(centre), dFdy(centre))), shortest, longest);
    // Four samples on a rotated grid, each for a quarter of the pixel, keep thin strokes even when words are small.
    const vec2 grid[4] = vec2[](vec2(0.125, 0.375), vec2(-0.375, 0.125), vec2(0.375, -0.125), vec2(-0.125, -0.375));
    float cover = 0.0;
    for (int i = 0; i < 4; ++i) {
        float from_outline = (textureLod(atlas, uv + grid[i].x * across + grid[i].y * down, level).r - 128.0 / 255.0) * scale;
        cover += clamp(from_outline / max(0.5 * width, 1e-6) + 0.5, 0.0, 1.0);
    }
    return cover / 4.0;
}

// Metres inside a rounded rectangle (half width, half height, radius); negative outside.
float inside(vec2 from_centre, vec3 shape) {
    vec2 beyond = abs(from_centre) - shape.xy + shape.z;
    return shape.z - length(max(beyond, 0.0)) - min(max(beyond.x, beyond.y), 0.0);
}

// One thing over another, both premultiplied.
vec4 over(vec4 upper, vec4 lower) { return upper + lower * (1.0 - upper.a); }

vec4 painted(vec3 colour, float alpha) { return vec4(colour, 1.0) * alpha; }

// A faint ring (radius, half its stroke, radius of its disc, reach) that fills clockwise from the top. With a disc
// below 0 it stands by itself, on a band of shade.
vec4 ring(vec2 from_centre, vec4 shape, vec4 state, float pixel) {
    float out_by = length(from_centre);
    float track = 1.0 - smoothstep(-pixel, pixel, abs(out_by - shape.x) - shape.y);
    float turned = fract(atan(from_centre.x, from_centre.y) / TURN);  // 0 at the top, growing clockwise
    vec2 tip = shape.x * vec2(sin(TURN * state.x), cos(TURN * state.x));
    float from_arc = turned < state.x ? abs(out_by - shape.x)
                                      : min(length(from_centre - tip), length(from_centre - vec2(0.0, shape.x)));
    float begun = smoothstep(0.0, 0.03, state.x);
    float arc = begun * (1.0 - smoothstep(-pixel, pixel, from_arc - 1.4 * shape.y));
    float glow = begun * exp(-5.0 * from_arc / (shape.w - shape.x)) * smoothstep(shape.w, shape.x, out_by);
    float disc = state.y * (1.0 - smoothstep(-pixel, pixel, out_by - shape.z));
    float shade = shape.z >= 0.0 ? 0.0 : smoothstep(shape.w - shape.x, 2.0 * shape.y, abs(out_by - shape.x));
    vec4 drawn = over(painted(INK, mix(0.5, 0.8, state.z) * track), painted(NIGHT, BAND_OPACITY * shade));
    drawn = over(painted(GLOW, 0.5 * glow), drawn);
    drawn = over(painted(LANTERN, disc), drawn);
    return over(painted(LANTERN, arc), drawn);
}

vec4 surface(Point p) {
    int kind = int(p.kind + 0.5);
    vec4 state = states[kind >> 3];
    kind &= 7;
    float pixel = 0.5 * max(length(dFdx(p.uv)), length(dFdy(p.uv)));
    vec4 drawn = vec4(0.0);
    if (kind == GLYPH) drawn = painted(mix(INK, NIGHT, p.light.y * state.y), ink(p.uv, p.light.x));
    if (kind == PLATE) drawn = painted(NIGHT, PLATE_OPACITY * smoothstep(0.0, p.light.w, inside(p.uv, p.light.xyz)));
    if (kind == PILL) {
        float cover = smoothstep(-pixel, pixel, inside(p.uv, p.light.xyz));
        drawn = painted(INK, cover * (0.035 + 0.025 * state.z + 0.02 * state.y));
    }
    if (kind == RING) drawn = ring(p.uv, p.light, state, pixel);
    drawn *= opacity;
    return vec4(drawn.rgb / exposure, drawn.a);
}
#endif
