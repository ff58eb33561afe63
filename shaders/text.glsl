// Words on a soft plate, laid out by vr_app/render/text.py; `atlas` holds signed distances, 128 on the outline.
#pragma blend alpha
#pragma cull none

layout(std140, binding = 1) uniform Draw { mat4 at; float opacity; };

#ifdef FRAGMENT
layout(binding = 4) uniform sampler2D atlas;

// Radiances that leave the tone curve as #EDE6DA and #0E1426 at exposure 1.
const vec3 INK = vec3(1.86, 1.76, 1.53);
const vec3 PLATE = vec3(0.005, 0.011, 0.036);
const float PLATE_OPACITY = 0.72;

// Texels from the outline, more inside.
float inside(vec2 uv, vec2 across, vec2 down, float spread) {
    return (textureGrad(atlas, uv, across, down).r * 255.0 - 128.0) * spread / 127.0;
}

// How much of the pixel is ink, at any size and angle.
float ink(vec2 uv, float spread) {
    vec2 across = dFdx(uv), down = dFdy(uv);
    vec2 right = across * textureSize(atlas, 0), below = down * textureSize(atlas, 0);
    // Texels a pixel measured across the outline. The atlas has no slope along the middle of a stroke, so it is
    // kept between the shortest and the longest texels a pixel can be.
    float longest = max(max(length(right), length(below)), 1e-6);
    float shortest = abs(right.x * below.y - right.y * below.x) / longest;
    float centre = inside(uv, across, down, spread);
    float width = clamp(length(vec2(dFdx(centre), dFdy(centre))), shortest, longest);
    // Four samples on a rotated grid, each for a quarter of the pixel, keep thin strokes even when words are small.
    const vec2 grid[4] = vec2[](vec2(0.125, 0.375), vec2(-0.375, 0.125), vec2(0.375, -0.125), vec2(-0.125, -0.375));
    float cover = 0.0;
    for (int i = 0; i < 4; ++i) {
        float distance = inside(uv + grid[i].x * across + grid[i].y * down, 0.5 * across, 0.5 * down, spread);
        cover += clamp(distance / max(0.5 * width, 1e-6) + 0.5, 0.0, 1.0);
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
