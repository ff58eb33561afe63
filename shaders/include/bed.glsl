// The bed of the table that mandalas are made on: sand, dark stone or paper, under sun, sky and the lamp on its rim.
#include "sky.glsl"

#ifdef FRAGMENT
const vec3 SAND = vec3(0.560, 0.440, 0.300), PAPER = vec3(0.72, 0.67, 0.57);
const float LIP = 0.012, WALL = 0.234;  // metres: of the rim over the bed, and its radius

// Light on sand, stone or paper that lies open to it. `glow`: the lamp's place and how bright it burns, 0..1.
vec3 lamp_on(vec3 position, vec3 normal, vec4 glow) {
    vec3 way = glow.xyz - position;
    float square = dot(way, way) + 0.0012;
    float facing = max(0.08 + 0.92 * dot(normal, way) * inversesqrt(square), 0.0);
    return vec3(1.0, 0.60, 0.27) * (0.105 * glow.w * facing / (square + 0.03));
}

// Share of a low light that the rim leaves to place `q` of the bed's plane; `l` points to the light, in the top's frame.
float past_rim(vec2 q, vec3 l) {
    float flat_ = max(length(l.xz), 1e-4);
    vec2 d = l.xz / flat_;
    float along = dot(q, d), to_rim = -along + sqrt(max(along * along + WALL * WALL - dot(q, q), 0.0));
    float clears = to_rim * l.y / flat_;  // how high the light passes over the rim
    return smoothstep(0.72 * LIP, 1.12 * LIP, clears);
}

// Sand at `q`: albedo, and the slope of what no hand drew.
vec3 sand_at(vec2 q, float away, out vec2 slope) {
    float near = 1.0 - smoothstep(0.9, 2.2, away);
    vec4 broad = grain_at(q, 0.53), fine = DETAIL > 0 ? grain_at(q.yx, 0.087) : broad.barg;
    vec4 grit = DETAIL > 1 ? grain_at(q + 0.31, 0.031) : fine;
    slope = 0.035 * broad.rg + near * (0.050 * fine.bg + 0.12 * vec2(grit.a, grit.b));
    return SAND * (1.0 + 0.07 * broad.b + near * (0.10 * fine.a + 0.20 * grit.a + 0.10 * grit.b));
}

// All light on a place of the bed whose normal in the world is `n`; `in_sun` is what of the sun comes there.
vec3 bed_light(Point p, vec3 n, float open, float in_sun, vec4 glow) {
    float facing = dot(n, to_key.xyz);
    facing = 0.5 * (facing + sqrt(facing * facing + 0.004));
    vec3 beam = key.rgb * (p.key * in_sun * through_clouds(p.position) * facing);
    return beam + open * mix(ground.rgb, skylight.rgb, 0.5 + 0.5 * n.y) + lamp_on(p.position, n, glow);
}
#endif
