// Small stones on the rim of the table, each with a sign carved into its top, and discs of clay for what was kept there.
// A copy's free values: which sign (100: a rosette), how far it was rested on, 0..1; of a stone how far it is chosen,
// of a rosette how many petals; 1: mirrored. uv: -1..1 across its top; light: open sky.
#pragma horizon
#pragma copies
#pragma displace
#include "bed.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 lamp;  // place in the world, and how bright it burns, 0..1
};

#ifdef VERTEX
void displace(inout Point p) {
    p.light.yzw = in_row[3].yzw;
    p.kind = in_row[3].x;
}
#endif

#ifdef FRAGMENT
float line_of(vec2 q, vec2 a, vec2 b) {
    vec2 d = b - a;
    return length(q - a - d * clamp(dot(q - a, d) / dot(d, d), 0.0, 1.0));
}

// An arrow that runs back to the left.
float back(vec2 q) {
    vec2 m = vec2(q.y, q.x);  // its gap lies at the lower left
    float d = abs(length(q) - 0.32), turn = atan(m.y, m.x);
    vec2 tip = 0.32 * vec2(-0.95, -0.31);
    if (turn < 0.0 && turn > -1.9) d = min(length(q - tip), length(q - vec2(0.0, 0.32)));
    return min(d, min(line_of(q, tip, tip + vec2(0.22, 0.02)), line_of(q, tip, tip + vec2(-0.06, -0.20))));
}

// Metres, in units of the stone, from a sign's lines.
float sign_at(vec2 q, float which) {
    int n = int(which + 0.5);
    if (n == 0) return line_of(q, vec2(-0.3, 0.0), vec2(0.3, 0.0));
    if (n == 1) return min(line_of(q, vec2(-0.3, 0.0), vec2(0.3, 0.0)), line_of(q, vec2(0.0, -0.3), vec2(0.0, 0.3)));
    if (n == 2) {  // two arcs on both sides of a line
        vec2 m = vec2(abs(q.x), q.y);
        return min(line_of(q, vec2(0.0, -0.42), vec2(0.0, 0.42)), abs(length(m - vec2(0.52, 0.0)) - 0.32) + step(0.62, m.x));
    }
    if (n == 3) return min(min(abs(length(q) - 0.40), abs(length(q) - 0.20)), line_of(q, vec2(-0.42, 0.0), vec2(0.42, 0.0)));
    if (n == 4) {  // three dots
        float d = length(q - vec2(0.0, -0.26));
        return min(d, min(length(q - vec2(0.24, 0.16)), length(q - vec2(-0.24, 0.16)))) - 0.09;
    }
    if (n == 5) {  // three furrows
        float y = q.y + 0.08 * sin(7.0 * q.x);
        return abs(q.x) > 0.42 ? 1.0 : min(abs(y), min(abs(y - 0.24), abs(y + 0.24)));
    }
    if (n == 6) {  // a light with rays
        float turn = mod(atan(q.y, q.x) + 0.3927, 0.7854) - 0.3927, r = length(q);
        vec2 ray = r * vec2(cos(turn), sin(turn));
        return min(abs(r - 0.15), line_of(ray, vec2(0.29, 0.0), vec2(0.44, 0.0)));
    }
    if (n == 7) return min(line_of(q, vec2(0.30, -0.36), vec2(-0.04, 0.04)) - 0.02, length(q - vec2(-0.16, 0.20)) - 0.10);  // a brush
    if (n == 8) return back(q);
    if (n == 9) return back(vec2(-q.x, q.y));
    if (n == 10) return abs(length(q) - 0.36);  // an empty ring
    return min(line_of(q, vec2(-0.30, 0.02), vec2(-0.06, 0.26)), line_of(q, vec2(-0.06, 0.26), vec2(0.34, -0.24)));
}

vec4 surface(Point p) {
    vec2 q = p.uv;
    bool tile = p.kind > 50.0;
    vec4 a = grain_at(0.02 * q + 0.037 * p.kind, 0.11), b = grain_at(0.02 * q.yx + 0.05 * p.kind, 0.034);
    float soft = max(1.2 * fwidth(q.x) + 1.2 * fwidth(q.y), 0.03), cut = 0.0, bright = p.light.y;
    if (tile) {
        float r = length(q), turn = atan(q.x, -q.y), petals = 0.5 + 0.5 * cos(turn * p.light.z);
        float shape = 0.28 + 0.42 * (p.light.w > 0.5 ? petals : abs(fract(turn * p.light.z / 6.2831853 + 0.35 * r) - 0.5) * 2.0);
        cut = max(1.0 - smoothstep(0.0, soft, abs(r - shape) - 0.03), 1.0 - smoothstep(0.0, soft, abs(r - 0.14) - 0.03));
    } else {
        cut = 1.0 - smoothstep(-0.5 * soft, soft, sign_at(q, p.kind) - 0.055);
        bright = max(bright, 0.8 * p.light.z);
    }
    cut *= smoothstep(0.6, 0.9, p.normal.y + 0.35);
    vec3 albedo = p.colour.rgb * (1.0 + 0.20 * a.b + 0.16 * a.r + 0.18 * b.a + 0.10 * b.b);
    vec3 normal = normalize(p.normal + 0.07 * vec3(a.b, b.r, b.b));
    albedo *= 1.0 - 0.68 * cut;
    vec3 light = light_on(p, normal, p.light.r) + lamp_on(p.position, normal, lamp);
    vec3 warm = vec3(0.95, 0.52, 0.20) * bright * (0.75 * cut + 0.10);
    return vec4(through_air(albedo * light + warm, p), 1.0);
}
#endif
