// Three bays of linen in frames of driftwood, the bench before them and what lies on it. `kind` as in natural.glsl, and
// 6 linen (uv -1..1 across, 0..1 up; light.y: its bay), 7 a pebble with a sign (uv -1..1); light.y of all else: the
// number of what answers, or -1. Each bay has light of its own behind it: evening, a lamp, morning.
#pragma displace
#pragma cull none
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 warm[5];  // how long things (10) and tools (7) were rested on, 0..1
    vec4 seen[2];  // of each tool, how far it has come, 0..1
    vec4 bays;     // how far each bay is rested on, and how far the template shows; 0..1
};
#include "natural.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    int n = int(p.light.y + 0.5) - 10;
    if (n < 0 || p.kind == 6.0) return;
    p.position.y = mix(0.482 + at[3].y, p.position.y, seen[n >> 2][n & 3]);  // it comes up out of the board
}
#endif

#ifdef FRAGMENT
// 1 on a line `wide` half its width, `away` from its middle.
float line(float away, float wide) {
    float soft = clamp(fwidth(away), 0.002, 0.1);
    return 1.0 - smoothstep(wide - soft, wide + soft, abs(away));
}

// A faint composition in charcoal: a low shore; a ring on the ground; a way to a far line.
float charcoal(vec2 q, int bay) {
    if (bay == 0) return max(line(q.y + 0.16 - 0.03 * sin(7.0 * q.x + 1.0), 0.004), 0.7 * line(q.y + 0.25 - 0.02 * sin(9.0 * q.x), 0.003));
    if (bay == 1) return max(line(length(q - vec2(0.0, 0.03)) - 0.22, 0.004), 0.7 * line(q.y + 0.19, 0.003));
    float up = clamp((q.y + 0.5) / 0.62, 0.0, 1.0), half_wide = 0.17 * (1.0 - up) + 0.008, middle = 0.10 * sin(2.6 * up) * up;
    return max(step(q.y, 0.12) * line(abs(q.x - middle) - half_wide, 0.004), line(q.y - 0.12 - 0.015 * sin(6.0 * q.x), 0.004));
}

// Radiance that comes through the linen of a bay from behind.
vec3 behind(vec2 uv, int bay) {
    float u = uv.x, v = uv.y;
    if (bay == 0) {
        vec3 sky = mix(vec3(0.60, 0.22, 0.08), vec3(0.15, 0.10, 0.22), smoothstep(0.05, 0.85, v));
        return sky + vec3(0.30, 0.14, 0.05) * exp(-7.0 * (v - 0.20) * (v - 0.20) - 1.2 * (u - 0.2) * (u - 0.2));
    }
    if (bay == 1) {
        vec2 from = vec2(0.84 * u, v - 0.40);
        float far2 = dot(from, from);
        return vec3(0.085, 0.060, 0.050) + vec3(0.86, 0.44, 0.16) * (0.62 / (1.0 + 11.0 * far2)) + vec3(0.62, 0.39, 0.17) * exp(-20.0 * far2);
    }
    vec3 sky = mix(vec3(0.31, 0.29, 0.23), vec3(0.11, 0.21, 0.36), smoothstep(0.12, 0.90, v));
    return sky + vec3(0.20, 0.15, 0.08) * exp(-20.0 * (v - 0.24) * (v - 0.24) - 0.9 * (u + 0.25) * (u + 0.25));
}

vec4 linen(Point p) {
    int bay = int(p.light.y + 0.5);
    vec3 normal = dot(p.normal, p.to_eye) < 0.0 ? -p.normal : p.normal;
    vec2 metres = vec2(0.42 * p.uv.x, p.uv.y);
    vec4 a = grain_at(metres * vec2(1.0, 0.12), 0.16), b = grain_at(metres.yx * vec2(1.0, 0.12) + 0.31, 0.16), broad = grain_at(metres, 1.3);
    float weave = 0.07 * (a.b + b.b) + 0.05 * (a.a + b.a) + 0.05 * broad.r;
    float hem = max(smoothstep(0.945, 0.965, abs(p.uv.x)), max(smoothstep(0.972, 0.985, p.uv.y), 1.0 - smoothstep(0.015, 0.03, p.uv.y)));
    vec3 albedo = p.colour.rgb * (1.0 + weave);
    float day = clamp(1.3 * dot(skylight.rgb, vec3(0.9)), 0.0, 1.0);
    vec3 light = 0.38 * light_on(p, normal, 0.9) + 0.12 * light_on(p, -normal, 0.6);
    vec3 colour = albedo * light * (1.0 - 0.16 * hem);
    float edge = 1.0 - 0.34 * smoothstep(0.45, 1.0, abs(p.uv.x));
    vec3 glow = behind(p.uv, bay) * mix(0.20, 0.70, day) * (1.0 + 1.4 * weave) * edge * (1.0 - 0.45 * hem);
    colour += glow;
    float marks = bays.w * charcoal(vec2(0.42 * p.uv.x, p.uv.y - 0.5), bay) * (0.75 + 0.5 * a.a);
    colour *= 1.0 - 0.42 * clamp(marks, 0.0, 1.0);
    float rested = bay == 0 ? bays.x : bay == 1 ? bays.y : bays.z;
    vec2 in_by = 1.0 - abs(vec2(p.uv.x, 2.0 * p.uv.y - 1.0));
    colour += EMBER * rested * (0.05 + 0.20 * exp(-16.0 * min(in_by.x, in_by.y)));
    return vec4(through_air(colour, p), 1.0);
}

float segment(vec2 q, vec2 a, vec2 b) {
    vec2 d = b - a;
    return length(q - a - d * clamp(dot(q - a, d) / dot(d, d), 0.0, 1.0));
}

// Distance to the middle of a sign's line: back, again, clear, keep.
float sign_of(vec2 q, int which) {
    if (which == 1) q.x = -q.x;  // again mirrors back
    if (which < 2) {
        vec2 from = q - vec2(0.06, -0.08);
        float turn = atan(from.y, from.x);
        float bow = turn > -1.2 && turn < 2.9 ? abs(length(from) - 0.36) : 9.0;
        vec2 tip = vec2(0.06, -0.08) + 0.36 * vec2(cos(2.9), sin(2.9));
        return min(bow, min(segment(q, tip, tip + vec2(-0.16, 0.20)), segment(q, tip, tip + vec2(0.24, 0.12))));
    }
    if (which == 2) return min(abs(q.y - 0.14 - 0.07 * sin(8.0 * q.x)), abs(q.y + 0.16 - 0.07 * sin(8.0 * q.x + 1.0))) + 9.0 * step(0.52, abs(q.x));
    return min(abs(length(q) - 0.42), max(length(q) - 0.06, 0.0));
}

vec4 pebble(Point p) {
    int which = int(p.light.y + 0.5) - 13;
    float away = sign_of(p.uv, which), wide = 0.055;
    float soft = clamp(1.5 * fwidth(p.uv.x), 0.02, 0.3);
    float cut = 1.0 - smoothstep(wide - soft, wide + soft, away);
    Point flat_one = p;
    flat_one.kind = 0.0;
    int n = int(p.light.y + 0.5);
    float rested = warm[n >> 2][n & 3];
    flat_one.colour.rgb *= 1.0 - 0.62 * cut;
    vec3 colour = natural(flat_one, rested, 0.044) + EMBER * rested * cut * 0.6;
    return vec4(through_air(colour, p), 1.0);
}

vec4 surface(Point p) {
    if (p.kind == 6.0) return linen(p);
    if (p.kind == 7.0) return pebble(p);
    int n = int(p.light.y + 0.5);
    float rested = p.light.y < -0.5 ? 0.0 : warm[n >> 2][n & 3];
    if (!gl_FrontFacing) p.normal = -p.normal;
    return vec4(through_air(natural(p, rested, 1.0), p), 1.0);
}
#endif
