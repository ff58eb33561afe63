// Walls, floor and ceiling of the room, drawn at once. The mesh's `kind` says which: 0 plaster, 1 planks.
#include "room.glsl"
layout(binding = 4) uniform sampler2D daylight;
layout(binding = 5) uniform sampler2D lamplight;

#ifdef FRAGMENT
// Lime plaster on the walls, light from the lightmap.
vec4 plaster(Point p) {
    vec2 q = abs(p.normal.x) > 0.5 ? p.position.zy : abs(p.normal.z) > 0.5 ? p.position.xy : p.position.xz;
    float cloud = noise(q * 1.3 + 7.0) + 0.5 * noise(q * 3.1) - 0.75;
    float trowel = fine_noise(q * vec2(9.0, 14.0) + 2.0 * cloud) + 0.6 * fine_noise(q * vec2(34.0, 47.0));
    vec3 albedo = p.colour.rgb * (1.0 + 0.07 * cloud + 0.05 * trowel) * mix(vec3(1.0), vec3(1.02, 1.0, 0.965), cloud);
    vec4 day = texture(daylight, p.uv);
    float facing = max(dot(p.normal, TO_SUN), 0.0) * (1.0 + 0.22 * trowel);
    vec3 light = day.rgb + sun_patch(p.position) * day.a * facing + lantern * texture(lamplight, p.uv).r;
    return vec4(albedo * light, 1.0);
}

// Boards of floor and ceiling, 14 cm wide, running away from the patient; light from the lightmap.
vec4 planks(Point p) {
    vec2 q = p.position.xz;
    float board = floor(q.x / 0.14), across = q.x - 0.14 * board;
    float tone = hash(vec2(board, 3.0)), shift = 2.3 * hash(vec2(board, 11.0));
    float end = floor((q.y + shift) / 2.3), along = q.y + shift - 2.3 * end;
    tone = mix(tone, hash(vec2(board, end)), 0.5);
    // grain bends slowly along the board
    vec2 g = vec2(across * 30.0 + 1.8 * noise(vec2(q.y * 1.1, board * 5.0 + end)), q.y * 0.8 + 17.0 * tone);
    float grain = 0.6 * (noise(g) - 0.5) + 0.8 * fine_noise(g * vec2(3.3, 2.5)) + 0.5 * fine_noise(g * vec2(11.0, 6.0));
    float width = max(0.0022, 0.7 * fwidth(q.x)), depth = 0.0022 / width;
    float edge = min(across, 0.14 - across);
    float gap = depth * (1.0 - smoothstep(0.3 * width, width, edge));
    float joint = 1.0 - smoothstep(0.001, 0.001 + max(0.002, fwidth(q.y)), along);
    float wear = p.normal.y > 0.0 ? 1.0 : 0.45;  // the ceiling is limewashed and quieter
    vec3 albedo = p.colour.rgb * (1.0 + wear * (0.30 * tone - 0.15)) * mix(vec3(1.0), vec3(1.05, 0.99, 0.92), tone) * (1.0 + 0.34 * wear * grain);
    albedo *= 1.0 - 0.6 * max(gap, 0.7 * joint);
    vec4 day = texture(daylight, p.uv);
    vec3 light = day.rgb + sun_patch(p.position) * day.a * max(dot(p.normal, TO_SUN), 0.0) + lantern * texture(lamplight, p.uv).r;
    vec3 normal = normalize(p.normal + vec3(0.05 * (across / 0.14 - 0.5) + 0.03 * grain, 0.0, 0.01 * grain));
    float open = clamp(day.g / 0.35, 0.0, 1.0);
    vec3 sheen = window_sheen(p, normal, 0.16) * (1.2 * fresnel(p, normal) + 0.02) * wear * open * (1.0 - 0.7 * gap);
    return vec4(albedo * light + sheen, 1.0);
}

vec4 surface(Point p) {
    if (p.kind < 0.5) return plaster(p);
    return planks(p);
}
#endif
