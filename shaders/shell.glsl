// Walls, floor and ceiling of the room, drawn at once. The mesh's `kind` says which: 0 plaster, 1 planks.
#include "room.glsl"
layout(binding = 5) uniform sampler2D daylight;
layout(binding = 6) uniform sampler2D lamplight;

#ifdef FRAGMENT
// Lime plaster on the walls, light from the lightmap.
vec4 plaster(Point p) {
    vec2 q = abs(p.normal.x) > 0.5 ? p.position.zy : abs(p.normal.z) > 0.5 ? p.position.xy : p.position.xz;
    vec4 broad = grain_at(q, 3.7);
    float cloud = broad.r, trowel = grain_at(q.yx + 0.05 * broad.g, 0.83).b + 0.5 * broad.b;
    vec3 albedo = p.colour.rgb * (1.0 + 0.06 * cloud + 0.035 * trowel) * mix(vec3(1.0), vec3(1.02, 1.0, 0.965), cloud);
    vec4 day = texture(daylight, p.uv);
    float facing = max(dot(p.normal, TO_SUN), 0.0) * (1.0 + 0.22 * trowel);
    vec3 light = day.rgb + sun_patch(p.position) * day.a * facing + lantern * texture(lamplight, p.uv).r;
    return vec4(albedo * light, 1.0);
}

// Boards of floor and ceiling, 14 cm wide, running away from the patient; light from the lightmap.
vec4 planks(Point p) {
    vec2 q = p.position.xz;
    float board = floor(q.x / 0.14), across = q.x - 0.14 * board;
    float shift = 2.3 * hash(vec2(board, 11.0));
    float end = floor((q.y + shift) / 2.3), along = q.y + shift - 2.3 * end;
    float tone = mix(hash(vec2(board, 3.0)), hash(vec2(board, end)), 0.5);
    float lines = wood_grain(vec2(q.y + 17.0 * tone, across + 0.31 * board + 0.17 * end));
    float width = max(0.0022, 0.7 * fwidth(q.x)), depth = 0.0022 / width;
    float edge = min(across, 0.14 - across);
    float gap = depth * (1.0 - smoothstep(0.3 * width, width, edge));
    float joint = 1.0 - smoothstep(0.001, 0.001 + max(0.002, fwidth(q.y)), along);
    float wear = p.normal.y > 0.0 ? 1.0 : 0.45;  // the ceiling is limewashed and quieter
    vec3 albedo = p.colour.rgb * (1.0 + wear * (0.36 * tone - 0.18)) * mix(vec3(1.0), vec3(1.05, 0.99, 0.92), tone) * (1.0 + 0.26 * wear * lines);
    albedo *= 1.0 - 0.6 * max(gap, 0.7 * joint);
    vec4 day = texture(daylight, p.uv);
    vec3 light = day.rgb + sun_patch(p.position) * day.a * max(dot(p.normal, TO_SUN), 0.0) + lantern * texture(lamplight, p.uv).r;
    vec3 normal = normalize(p.normal + vec3(0.05 * (across / 0.14 - 0.5) + 0.03 * lines, 0.0, 0.01 * lines));
    float open = clamp(day.g / 0.35, 0.0, 1.0);
    vec3 sheen = window_sheen(p, normal, 0.16) * (1.2 * fresnel(p, normal) + 0.02) * wear * open * (1.0 - 0.7 * gap);
    return vec4(albedo * light + sheen, 1.0);
}

vec4 surface(Point p) {
    if (p.kind < 0.5) return plaster(p);
    return planks(p);
}
#endif
