// What stands in the room, drawn at once. The mesh's `kind` says which: 0 wood, 1 cloth, 2 glaze.
#include "room.glsl"

#ifdef FRAGMENT
// Oiled or painted wood of beams and furniture; uv runs along the grain in metres, light is baked at the vertices.
vec4 wood(Point p) {
    vec2 g = vec2(p.uv.x * 1.6, p.uv.y * 26.0 + 1.6 * noise(vec2(p.uv.x * 2.3, p.uv.y * 4.0)));
    float grain = 0.7 * (noise(g) - 0.5) + 0.7 * fine_noise(g * vec2(2.7, 3.1)) + 0.5 * fine_noise(g * vec2(7.0, 9.0));
    float drift = noise(p.uv * vec2(0.9, 5.0) + 31.0) - 0.5;
    vec3 albedo = p.colour.rgb * (1.0 + 0.30 * grain + 0.22 * drift) * mix(vec3(1.0), vec3(1.06, 1.0, 0.9), drift);
    float facing = max(dot(p.normal, TO_SUN), 0.0);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * facing + lantern * p.light.a;
    vec3 normal = normalize(p.normal + 0.03 * grain);
    float open = clamp(p.light.g / 0.35, 0.0, 1.0);
    vec3 sheen = window_sheen(p, normal, 0.35) * fresnel(p, normal) * 0.6 * open;
    return vec4(albedo * light + sheen, 1.0);
}

// Wool, linen, leather-backed books and leaves: matt, with a weave that fades with distance; light at the vertices.
vec4 cloth(Point p) {
    float weave = fine_noise(p.uv * vec2(420.0, 90.0)) + fine_noise(p.uv * vec2(90.0, 420.0));
    float felt = noise(p.uv * 17.0) - 0.5 + 0.8 * fine_noise(p.uv * 60.0);
    vec3 albedo = p.colour.rgb * (1.0 + 0.22 * weave + 0.12 * felt);
    float facing = dot(p.normal, TO_SUN);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * max(facing, 0.0) + lantern * p.light.a;
    float edge = 1.0 - clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    return vec4(albedo * light * (1.0 + 0.25 * edge * edge), 1.0);  // fibres catch light at the rim
}

// Glazed pottery and beach stones; light is baked at the vertices, the window mirrored in the glaze.
vec4 glaze(Point p) {
    float run = noise(p.uv * vec2(22.0, 9.0)) - 0.5 + 0.7 * fine_noise(p.uv * 70.0) + 0.5 * fine_noise(p.uv * 230.0);
    vec3 albedo = p.colour.rgb * (1.0 + 0.2 * run);
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
