// Words on a soft plate, laid out by vr_app/render/text.py; `atlas` holds signed distances, 128 on the outline.
#pragma blend alpha
#pragma cull none

layout(std140, binding = 1) uniform Draw { mat4 at; float opacity; };

#ifdef FRAGMENT
layout(binding = 4) uniform sampler2D atlas;

// Radiances that leave the tone curve as #EDE6DA and #0E1426 at exposure 1.
const vec3 INK = vec3(1.86, 1.76, 1.53);
const vec3 PLATE = vec3(0.005, 0.011, 0.036);
const float PLATE_OPACITY = 0.84;  // ink stays at 4.5 : 1 (WCAG 2.2) before the whitest wall

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

// How much plate: a rounded rectangle (half width, half height, radius) whose edge fades inwards over `shape.w` metres.
float plate(vec2 from_centre, vec4 shape) {
    vec2 beyond = abs(from_centre) - shape.xy + shape.z;
    float outside = length(max(beyond, 0.0)) + min(max(beyond.x, beyond.y), 0.0) - shape.z;
    return smoothstep(0.0, shape.w, -outside);
}

vec4 surface(Point p) {
    bool glyph = p.colour.a > 0.5;
    float cover = ink(p.uv, p.light.x);
    float alpha = opacity * (glyph ? cover : PLATE_OPACITY * plate(p.uv, p.light));
    return vec4((glyph ? INK : PLATE) / exposure * alpha, alpha);
}
#endif
