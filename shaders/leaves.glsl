// Sprays of leaves on trees and bushes: copies of a few cards whose leaves are in the image `leaves` (scenes/valley/trees.py).
#pragma copies
#pragma horizon
#pragma displace
#pragma cull none
#pragma blend coverage
#include "leaf.glsl"
layout(binding = 6) uniform sampler2D leaves;

#ifdef VERTEX
void displace(inout Point p) {
    vec2 sway = wind_at(p.position.xz, fract(in_row[3].w));
    p.position.xz += 0.05 * sway * distance(p.position, in_row[0].xyz);
    // a card seen on edge fades; light falls as on the whole crown
    vec3 to_eye = normalize(eye_position[EYE].xyz - p.position);
    p.light = vec4(abs(dot(normalize(p.normal), to_eye)), in_row[1].w, 0.0, 0.0);
    p.normal = normalize(in_row[3].xyz + 0.25 * normalize(p.normal) * sign(dot(p.normal, to_eye)));
    float cell = floor(in_row[3].w);
    p.uv = (clamp(p.uv, 0.01, 0.99) + vec2(mod(cell, 2.0), floor(cell / 2.0))) * 0.5;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec4 leaf = texture(leaves, p.uv);
    // small leaves keep their share of the picture where the image is blurred
    float level = max(textureQueryLod(leaves, p.uv).x, 0.0);
    float cover = leaf.a * (1.0 + 0.10 * level) * smoothstep(0.05, 0.35, p.light.x);
    vec3 albedo = p.colour.rgb * (0.45 + 0.75 * leaf.r) * mix(vec3(1.0), vec3(1.28, 1.08, 0.70), leaf.g * leaf.g * 0.6);
    float rim = 1.0 - abs(dot(p.normal, p.to_eye));
    vec3 colour = leaf_light(p, albedo, p.normal, p.light.y, 0.35 + 0.9 * rim);
    return vec4(through_air(colour, p), cover);
}
#endif
