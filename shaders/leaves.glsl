// Leaves of trees and bushes: copies of twigs. The mesh's `kind` says how: 0 cards with the image `leaves`
// (scenes/valley/trees.py), 1 leaves of their own.
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
    p.position.xz += 0.07 * sway * distance(p.position, in_row[0].xyz);
    // light falls as on the whole crown, and a little as on each leaf; a card seen on edge fades
    vec3 to_eye = normalize(eye_position[EYE].xyz - p.position), own = normalize(p.normal);
    float facing = dot(own, to_eye);
    p.light = vec4(p.kind > 0.5 ? 1.0 : smoothstep(0.05, 0.35, abs(facing)), in_row[1].w, 0.0, 0.0);
    p.normal = normalize(in_row[3].xyz + (0.2 + 0.35 * p.kind) * own * sign(facing));
    if (p.kind < 0.5) p.uv = vec2((clamp(p.uv.x, 0.01, 0.99) + floor(in_row[3].w)) / 3.0, clamp(p.uv.y, 0.01, 0.99));
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec3 albedo = p.colour.rgb;
    float cover = 1.0;
    if (p.kind < 0.5) {
        vec4 leaf = texture(leaves, p.uv, -0.8);
        // small leaves keep their share of the picture where the image is blurred
        cover = leaf.a * (1.0 + 0.10 * max(textureQueryLod(leaves, p.uv).x, 0.0)) * p.light.x;
        albedo *= (0.45 + 0.75 * leaf.r) * mix(vec3(1.0), vec3(1.28, 1.08, 0.70), leaf.g * leaf.g * 0.6);
    } else {
        albedo *= 0.85 + 0.25 * abs(p.uv.x);
    }
    float rim = 1.0 - abs(dot(p.normal, p.to_eye));
    vec3 colour = leaf_light(p, albedo, p.normal, p.light.y, 0.35 + 0.8 * rim);
    return vec4(through_air(colour, p), cover);
}
#endif
