// What stands in the room, drawn at once. The mesh's `kind` says which: 0 wood, 1 cloth, 2 glaze.
#include "room.glsl"

#ifdef FRAGMENT
// Oiled or painted wood of beams and furniture; uv runs along the grain in metres, light is baked at the vertices.
vec4 wood(Point p) {
    float lines = wood_grain(p.uv);
    float drift = 0.5 * grain_at(p.uv * vec2(0.3, 1.0) + 0.37, 1.3).g;
    vec3 albedo = p.colour.rgb * (1.0 + 0.24 * lines + 0.22 * drift) * mix(vec3(1.0), vec3(1.06, 1.0, 0.9), drift);
    float facing = max(dot(p.normal, TO_SUN), 0.0);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * facing + lantern * p.light.a;
    vec3 normal = normalize(p.normal + 0.02 * lines);
    float open = clamp(p.light.g / 0.35, 0.0, 1.0);
    vec3 sheen = window_sheen(p, normal, 0.35) * fresnel(p, normal) * 0.6 * open;
    return vec4(albedo * light + sheen, 1.0);
}

// Wool, linen, leather-backed books and leaves: matt, with a weave that fades with distance; light at the vertices.
vec4 cloth(Point p) {
    float weave = grain_at(p.uv * vec2(4.0, 1.0), 0.16).a + grain_at(p.uv.yx * vec2(4.0, 1.0), 0.17).a;
    float felt = grain_at(p.uv, 0.45).b;
    vec3 albedo = p.colour.rgb * (1.0 + 0.06 * weave + 0.05 * felt);
    float facing = dot(p.normal, TO_SUN);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * max(facing, 0.0) + lantern * p.light.a;
    float edge = 1.0 - clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    return vec4(albedo * light * (1.0 + 0.25 * edge * edge), 1.0);  // fibres catch light at the rim
}

// Glazed pottery and beach stones; light is baked at the vertices, the window mirrored in the glaze.
vec4 glaze(Point p) {
    vec4 run_at = grain_at(p.uv * vec2(1.0, 0.5), 0.43);
    float run = 0.5 * run_at.r + 0.5 * run_at.b + 0.3 * grain_at(p.uv, 0.11).a;
    vec3 albedo = p.colour.rgb * (1.0 + 0.14 * run);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * max(dot(p.normal, TO_SUN), 0.0) + lantern * p.light.a;
    vec3 normal = normalize(p.normal + 0.02 * run);
    vec3 sheen = window_sheen(p, normal, 0.12) * (0.35 * fresnel(p, normal) + 0.03);
    return vec4(albedo * light + sheen, 1.0);
}

vec4 surface(Point p) {
    if (p.kind < 0.5) return wood(p);
    if (p.kind < 1.5) return cloth(p);
    return glaze(p);
}
#endif
