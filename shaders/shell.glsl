// Walls, floor and ceiling of the room, drawn at once; light from the lightmaps. The mesh's `kind` says which: 0 lime
// plaster, 1 planks, 14 cm wide, running away from the patient.
#include "room.glsl"
layout(binding = 5) uniform sampler2D daylight;
layout(binding = 6) uniform sampler2D lamplight;

#ifdef FRAGMENT
// Clouds in the plaster, and how far it leans to the light, which comes along the walls: -1..1.
vec2 plaster(Point p) {
    vec2 q = abs(p.normal.x) > 0.5 ? p.position.zy : abs(p.normal.z) > 0.5 ? p.position.xy : p.position.xz;
    vec4 broad = grain_at(q, 6.3);
    if (DETAIL == 0) return vec2(broad.r, 0.5 * broad.b);
    float rise = grain_at(q, 2.1).g - grain_at(q - vec2(0.025, 0.0), 2.1).g;
    return vec2(broad.r, 3.2 * rise + 0.35 * grain_at(q.yx, 0.83).b);
}

struct Board {
    float across;  // share of its width
    float tone;    // 0..1, its own
    float lines;   // of its grain
    float gap;     // between it and the next, beside or behind; 0..1
    float joint;
};

Board plank(vec2 q) {
    Board b;
    float board = floor(q.x / 0.14), across = q.x - 0.14 * board;
    float shift = 2.3 * hash(vec2(board, 11.0));
    float end = floor((q.y + shift) / 2.3), along = q.y + shift - 2.3 * end;
    b.tone = mix(hash(vec2(board, 3.0)), hash(vec2(board, end)), 0.5);
    b.lines = wood_grain(vec2(q.y + 17.0 * b.tone, across + 0.31 * board + 0.17 * end));
    float width = max(0.0022, 0.7 * fwidth(q.x)), depth = 0.0022 / width;
    b.gap = depth * (1.0 - smoothstep(0.3 * width, width, min(across, 0.14 - across)));
    float length = max(0.003, 1.4 * fwidth(q.y));
    b.joint = 0.003 / length * (1.0 - smoothstep(0.3 * length, length, along));
    b.across = across / 0.14;
    return b;
}

vec4 surface(Point p) {
    bool planks = p.kind > 0.5;
    vec4 day = texture(daylight, p.uv);
    vec3 sun = sun_patch(p.position) * (day.a * max(dot(p.normal, TO_SUN), 0.0) * (1.0 - 0.8 * plain));
    vec3 around = day.rgb + lantern * texture(lamplight, p.uv).r;
    if (!planks) {
        vec2 made = plaster(p);
        vec3 albedo = p.colour.rgb * (1.0 + 0.014 * made.x + 0.012 * made.y) * mix(vec3(1.0), vec3(1.004, 1.0, 0.993), made.x);
        return vec4(plainly(albedo * (around + sun * (1.0 + 0.13 * made.y))), 1.0);
    }
    Board b = plank(p.position.xz);
    float wear = p.normal.y > 0.0 ? 1.0 : 0.45;  // the ceiling is limewashed and quieter
    vec3 albedo = p.colour.rgb * (1.0 + wear * (0.36 * b.tone - 0.18)) * mix(vec3(1.0), vec3(1.05, 0.99, 0.92), b.tone) * (1.0 + 0.2 * wear * b.lines);
    albedo *= 1.0 - (0.2 + 0.35 * wear) * max(b.gap, b.joint);
    vec3 normal = normalize(p.normal + vec3(0.05 * (b.across - 0.5) + 0.03 * b.lines, 0.0, 0.01 * b.lines));
    float open = clamp(day.g / 0.35, 0.0, 1.0);
    vec3 sheen = window_sheen(p, normal, 0.16) * (1.2 * fresnel(p, normal) + 0.02) * wear * open * (1.0 - 0.7 * b.gap);
    return vec4(plainly(albedo * (around + sun) + sheen), 1.0);
}
#endif
