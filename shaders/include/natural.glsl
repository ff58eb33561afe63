// Small natural stuff and weathered wood seen from near by. `kind`: 0 stone and shell, 1 wood, 2 cord, 3 thin and let
// through by light (leaf, feather, sail), 4 paper that is lit from within, 5 planks. uv in metres, of wood with u along.
#include "sky.glsl"

#ifdef FRAGMENT
const vec3 EMBER = vec3(0.62, 0.33, 0.12);

// Light that comes through a thin thing from behind.
vec3 through(Point p, vec3 normal, float open) { return 0.55 * light_on(p, -normal, 0.7 * open); }

// Radiance of all but cloth and signs; `warm` 0..1: how long it was rested on; `metres` of a unit of uv.
vec3 natural(Point p, float warm, float metres) {
    vec2 uv = p.uv * metres;
    bool wooden = p.kind == 1.0 || p.kind == 5.0;
    vec4 a = grain_at(wooden ? uv * vec2(0.13, 1.0) / 0.29 : uv / 0.21, 1.0);
    vec4 b = grain_at(wooden ? (uv * vec2(0.5, 1.0) + 0.37) / 0.9 : uv.yx / 0.07, 1.0);
    vec3 albedo = p.colour.rgb, relief = vec3(0.0);
    if (wooden) {
        albedo *= 1.0 + 0.28 * a.b + 0.22 * a.a + 0.16 * b.r;
        relief = 0.09 * vec3(a.b, a.a, -a.b);
    } else if (p.kind < 0.5) {
        albedo *= 1.0 + 0.16 * a.r + 0.16 * b.b + 0.12 * b.a;
        relief = 0.10 * vec3(b.b, b.r, b.a);
    } else if (p.kind < 2.5) {  // twisted strands
        float strand = sin(210.0 * (uv.x * 0.55 + uv.y));
        albedo *= 0.84 + 0.14 * strand + 0.10 * a.a;
    } else {
        albedo *= 1.0 + 0.08 * a.b + 0.06 * b.a;
    }
    vec3 normal = normalize(p.normal + relief);
    vec3 lit = light_on(p, normal, p.light.r);
    if (p.kind == 3.0) lit = 0.80 * lit + through(p, normal, p.light.r);
    vec3 colour = albedo * lit;
    if (p.kind == 4.0) colour += p.colour.rgb * vec3(1.0, 0.66, 0.32) * (0.42 + 0.30 * clamp(dot(p.to_eye, p.normal), 0.0, 1.0));
    float rim = 1.0 - clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    return colour + EMBER * warm * (0.10 + 0.9 * albedo + 0.35 * rim * rim);
}
#endif
