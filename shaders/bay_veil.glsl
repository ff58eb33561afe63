// Mist before a bay while the therapist hides what is made there: a card over its cloth; uv -1..1 and 0..1.
#pragma blend alpha
#pragma cull none
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float veil;  // 0..1
};
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec4 drift = grain_at(p.position.xy + vec2(0.006 * seconds, 0.0), 1.7);
    vec3 air = 0.85 * mix(skylight.rgb, low.rgb, 0.35) * (1.0 + 0.10 * drift.r + 0.05 * drift.g);
    float ragged = 1.0 - smoothstep(0.90, 1.0, abs(p.uv.x)) * (1.0 - veil);
    float amount = clamp(1.6 * veil - 0.6 * (0.5 + 0.5 * drift.r) * (1.0 - veil), 0.0, 1.0);
    return vec4(air, 1.0) * amount * ragged;
}
#endif
