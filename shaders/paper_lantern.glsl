// A paper lantern in a wooden frame, cards of the same paper, and the board they stand on; seen from near by. The mesh's
// `kind`: 0 the lantern's paper, 1 a card, 2 wood. uv of paper: -1..1 across, of wood: metres, u along the grain;
// light: open sky, number of a card.
#include "sky.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lantern;  // radiance of its paper where it is brightest
    vec4 symbol;   // cut into it: which (below 0: none) and how far it shows, and the same of what was there before
    vec4 warm[2];  // how long each card was rested on, 0..1
};

#ifdef FRAGMENT
layout(binding = 6) uniform sampler2D symbols;

const float SYMBOLS = 6.0;
const vec3 LAMP = vec3(0.0, 0.69, -0.10);
const vec3 EMBER = vec3(0.62, 0.33, 0.12);

// How far (0..1) a place of the paper lies in a cut.
float cut(vec2 uv, float which) {
    vec2 at_square = uv / 0.94;
    float within = step(max(abs(at_square.x), abs(at_square.y)), 0.98) * step(-0.5, which) * step(which, SYMBOLS - 0.5);
    vec2 at_atlas = vec2((0.5 + 0.5 * clamp(at_square.x, -0.98, 0.98) + max(which, 0.0)) / SYMBOLS, 0.5 + 0.5 * at_square.y);
    float d = textureGrad(symbols, at_atlas, vec2(dFdx(uv.x) / (2.0 * SYMBOLS), 0.5 * dFdx(uv.y)), vec2(dFdy(uv.x) / (2.0 * SYMBOLS), 0.5 * dFdy(uv.y))).r - 0.5;
    float soft = clamp(1.7 * max(length(dFdx(uv)), length(dFdy(uv))), 0.03, 0.5);
    return within * smoothstep(-soft, soft, d);
}

// Light of the lantern on what stands about it (irradiance / pi): a box of paper is broad.
vec3 lamplight(Point p, vec3 normal) {
    vec3 way = (at * vec4(LAMP, 1.0)).xyz - p.position;
    float far2 = dot(way, way);
    return lantern * (0.020 * max(dot(normal, way) * inversesqrt(far2) + 0.25, 0.0) / (far2 + 0.012));
}

// Paper before the sky: what falls on it, and what comes through from behind.
vec3 lit(Point p, vec3 normal, vec3 albedo, float open) {
    return albedo * (0.78 * light_on(p, normal, open) + 0.30 * light_on(p, -normal, 0.6 * open));
}

vec4 surface(Point p) {
    vec4 fibre = grain_at(p.uv * vec2(1.0, 0.8) + 0.13 * p.light.y, 1.7);
    if (p.kind > 1.5) {
        vec4 a = grain_at(p.uv * vec2(0.13, 1.0) / 0.29, 1.0), b = grain_at((p.uv * vec2(0.5, 1.0) + 0.37) / 0.9, 1.0);
        vec3 albedo = p.colour.rgb * (1.0 + 0.26 * a.b + 0.20 * a.a + 0.16 * b.r);
        vec3 normal = normalize(p.normal + 0.07 * vec3(a.b, a.a, -a.b));
        return vec4(through_air(albedo * (light_on(p, normal, p.light.r) + lamplight(p, p.normal)), p), 1.0);
    }
    vec4 strands = grain_at(p.uv.yx * vec2(0.35, 2.4) + 0.31 * p.light.y, 1.1);
    vec3 albedo = p.colour.rgb * (1.0 + 0.07 * fibre.b + 0.05 * fibre.a + 0.06 * strands.a);
    if (p.kind > 0.5) {
        int n = int(p.light.y + 0.5);
        float rested = warm[n >> 2][n & 3];
        float c = cut(p.uv / 0.86, p.light.y);
        vec3 colour = lit(p, p.normal, albedo * (1.0 - 0.58 * c), p.light.r) + albedo * lamplight(p, p.normal);
        return vec4(through_air(colour + EMBER * rested * (0.16 + 0.9 * c), p), 1.0);
    }
    float c = max(symbol.y * cut(p.uv, symbol.x), symbol.w * cut(p.uv, symbol.z));
    // the flame stands low; frame and corners shade the paper
    vec2 from_flame = p.uv - vec2(0.0, -0.45);
    float core = exp(-0.95 * dot(from_flame, from_flame)), edge = smoothstep(1.02, 0.55, abs(p.uv.x));
    float facing = clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    float through = (0.26 + 0.74 * core) * (0.72 + 0.28 * edge) * (0.72 + 0.28 * facing) * (1.0 + 0.10 * fibre.b + 0.06 * fibre.a);
    vec3 glow = lantern * (through * (1.0 + 0.06 * strands.a)) * mix(vec3(1.0, 0.78, 0.52), vec3(1.0), through);
    glow = mix(glow, (1.3 * glow + 0.8 * lantern) * vec3(1.0, 1.25, 1.75), c);
    vec3 paper = lit(p, p.normal, albedo * (1.0 - 0.36 * c) * (0.86 + 0.14 * edge) * (1.0 - 0.35 * clamp(lantern.r, 0.0, 1.0)), p.light.r);
    return vec4(through_air(paper + glow, p), 1.0);
}
#endif
