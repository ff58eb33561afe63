// Ink of a brush on the table's paper: its edge runs a little into the paper and is darker, its hairs leave streaks.
#pragma horizon
#pragma copies
#pragma displace
#pragma blend alpha
#pragma cull none
#define REACH 1.35
#include "bed.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 lamp;    // place in the world, and how bright it burns, 0..1
    float shown;  // 0..1
};
#include "bed_line.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    float radius = p.light.x;
    vec3 local = (p.position - at[3].xyz) * mat3(at);
    vec2 q = local.xz, off = from_middle(p);
    vec4 wash = grain_at(q, 0.19), fibre = grain_at(q.yx, 0.037);
    float along = p.light.w + p.uv.x, x = length(off) / radius;
    vec4 hair = grain_at(vec2(0.12 * along, off.y * 0.9), 0.030);
    float edge = x + 0.10 * fibre.a + 0.07 * wash.b, soft = max(1.5 * fwidth(p.uv.y) / radius, 0.10);
    float body = 1.0 - smoothstep(1.0 - soft, 1.0 + soft, edge);
    float dry = smoothstep(0.35, 1.0, hair.b + 0.6 * hair.a + 0.55 * (x - 0.75)) * 0.34;
    float pooled = smoothstep(0.55, 0.92, edge) * 0.22;
    float strength = clamp(0.88 + 0.08 * wash.r + pooled - dry, 0.0, 0.98);
    float seen = body * strength * shown * smoothstep(0.2325, 0.2305, length(q));
    vec3 n = mat3(at) * vec3(0.0, 1.0, 0.0);
    vec3 colour = p.colour.rgb * (1.0 + 0.25 * wash.b) * bed_light(p, n, 1.0, past_rim(q, to_key.xyz * mat3(at)), lamp);
    return vec4(through_air(colour, p) * seen, seen);
}
#endif
