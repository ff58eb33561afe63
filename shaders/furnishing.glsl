// What stands in the room, drawn at once. The mesh's `kind` says which: 0 oiled or painted wood, 1 wool, linen, books and
// leaves, 2 glazed pottery and beach stones. uv runs along the grain in metres, light is baked at the vertices.
#include "room.glsl"

#ifdef FRAGMENT
struct Finish {
    vec3 tint;     // of the colour
    float relief;  // by which the normal is bent
};

// Lines of the wood, and broad patches that are lighter and yellower.
Finish wood(vec2 uv) {
    float lines = wood_grain(uv), drift = 0.5 * grain_at(uv * vec2(0.3, 1.0) + 0.37, 1.3).g;
    return Finish((1.0 + 0.17 * lines + 0.12 * drift) * mix(vec3(1.0), vec3(1.04, 1.0, 0.93), drift), lines);
}

// A weave that fades with distance, and felt.
Finish cloth(vec2 uv) {
    float weave = grain_at(uv * vec2(4.0, 1.0), 0.16).a + grain_at(uv.yx * vec2(4.0, 1.0), 0.17).a;
    return Finish(vec3(1.0 + 0.06 * weave + 0.05 * grain_at(uv, 0.45).b), 0.0);
}

// How the glaze ran.
Finish glaze(vec2 uv) {
    vec4 run_at = grain_at(uv * vec2(1.0, 0.5), 0.43);
    float run = 0.5 * run_at.r + 0.5 * run_at.b + 0.3 * grain_at(uv, 0.11).a;
    return Finish(vec3(1.0 + 0.14 * run), run);
}

// All three from one place in the grain.
Finish least(vec2 uv, float kind) {
    vec2 place = kind < 0.5 ? vec2(0.06, 1.0) / 0.19 : kind < 1.5 ? vec2(4.0, 1.0) / 0.17 : vec2(1.0, 0.5) / 0.43;
    vec4 found = grain_at(uv * place, 1.0);
    float relief = kind < 0.5 ? found.b : kind < 1.5 ? 0.35 * found.a : 0.5 * found.r + 0.5 * found.b;
    return Finish(vec3(1.0 + 0.2 * relief), relief);
}

Finish finish(vec2 uv, float kind) {
    if (DETAIL == 0) return least(uv, kind);
    if (kind < 0.5) return wood(uv);
    return kind < 1.5 ? cloth(uv) : glaze(uv);
}

vec4 surface(Point p) {
    Finish made = finish(p.uv, p.kind);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * max(dot(p.normal, TO_SUN), 0.0) * (1.0 - 0.8 * plain) + lantern * p.light.a;
    vec3 lit = p.colour.rgb * made.tint * light;
    if (p.kind > 0.5 && p.kind < 1.5) {  // matt; fibres catch light at the rim
        float edge = 1.0 - clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
        return vec4(plainly(lit * (1.0 + 0.25 * edge * edge)), 1.0);
    }
    bool wooden = p.kind < 0.5;
    vec3 normal = normalize(p.normal + 0.02 * made.relief);
    float mirror = fresnel(p, normal);
    mirror = wooden ? 0.6 * mirror * clamp(p.light.g / 0.35, 0.0, 1.0) : 0.35 * mirror + 0.03;
    return vec4(plainly(lit + window_sheen(p, normal, wooden ? 0.35 : 0.12) * mirror), 1.0);
}
#endif
