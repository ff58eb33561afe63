// The hearth ring: stones, logs and coals in the valley's light and in that of the embers. The mesh's `kind`: 0 wood, 1 stone,
// 3 coal or ash. uv in metres, of wood with u along the grain; of a coal its phase. colour.a: how mossy, of a coal how much
// it glows; light: open sky, share of damp at its foot.
#pragma horizon
#include "sky.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 embers;  // the middle of their bed, metres
    float warmth; // 0..1 of their glow
};

#ifdef FRAGMENT
const vec3 EMBER = vec3(1.0, 0.47, 0.17);  // of hot coals through a little ash

// Light of the embers on a surface, as of a small disc that lies a hand's breadth above the ground.
vec3 of_embers(vec3 position, vec3 normal) {
    vec3 way = embers + vec3(0.0, 0.10, 0.0) - position;
    float square = dot(way, way) + 0.05;
    float facing = max(0.25 + 0.75 * dot(normal, way) * inversesqrt(square), 0.0);
    return EMBER * (0.16 * warmth * facing / square * smoothstep(3.2, 0.6, sqrt(square)));
}

vec4 surface(Point p) {
    bool wooden = p.kind < 0.5;
    if (p.kind > 2.5) {
        vec4 crust = grain_at(p.position.xz + 0.4 * p.position.y + 3.0 * p.uv, 0.31);
        // each in its own time, slowly: nine to fifteen seconds
        float swell = 0.80 + 0.20 * sin(seconds * mix(0.42, 0.70, p.uv.y) + 6.2831853 * p.uv.x);
        float hot = p.colour.a * swell * smoothstep(-0.85, 0.55, crust.b + 0.5 * crust.r + 1.3 * (p.colour.a - 0.4));
        vec3 albedo = p.colour.rgb * (1.0 + 0.3 * crust.a);
        vec3 glowing = EMBER * mix(vec3(0.75, 0.42, 0.35), vec3(1.0), hot) * (3.4 * warmth * hot * sqrt(hot));
        return vec4(through_air(albedo * (light_on(p, p.normal, 0.7 * p.light.r) + 0.5 * of_embers(p.position, p.normal)) + glowing, p), 1.0);
    }
    vec4 a = grain_at(p.uv * (wooden ? vec2(0.16, 1.0) / 0.27 : vec2(1.0 / 0.83)), 1.0);
    vec4 b = DETAIL > 0 ? grain_at(wooden ? (p.uv * vec2(0.5, 1.0) + 0.37) / 1.3 : p.uv.yx / 0.27, 1.0) : a.barg;
    float damp = p.light.g;
    vec3 albedo = p.colour.rgb * (1.0 + (wooden ? 0.34 : 0.22) * a.b + 0.22 * b.r + 0.14 * b.a) * (1.0 - 0.4 * damp);
    vec3 normal = normalize(p.normal + (wooden ? 0.16 : 0.14) * vec3(a.b, 0.4 * b.b, a.a));
    if (!wooden) {
        float moss = smoothstep(0.3, 0.95, p.colour.a * (0.55 + 0.75 * p.normal.y) + 0.25 * a.b);
        albedo = mix(albedo, vec3(0.105, 0.118, 0.060), moss);
        float soot = smoothstep(1.0, 0.45, length(p.position.xz - embers.xz)) * smoothstep(0.05, 0.7, dot(normalize(embers - p.position), normal));
        albedo *= 1.0 - 0.6 * soot;
    }
    vec3 light = light_on(p, normal, p.light.r) + of_embers(p.position, normal);
    return vec4(through_air(albedo * light, p), 1.0);
}
#endif
