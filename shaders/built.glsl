// What is built, rocks and driftwood. The mesh's `kind`: 0 weathered wood, 1 stone, 2 paint, 3 lit at dusk, 4 a steady lamp,
// 5 wood below the feet, with its fibres.
// uv in metres, of wood with u along the grain; colour.a of stone: how mossy; light: open sky, share of moss or damp at
// its foot.
#pragma horizon
#include "sky.glsl"
#include "fibres.glsl"

#ifdef FRAGMENT
struct Weathered {
    vec3 albedo;
    vec3 relief;  // by which the normal is bent
};

// Silver where rain and sun reach it; streaks along the grain.
Weathered wood(Point p, vec4 streaks, vec4 marks) {
    vec3 albedo = p.colour.rgb * (1.0 + 0.30 * streaks.b + 0.24 * streaks.a + 0.22 * marks.r);
    return Weathered(mix(albedo, albedo * vec3(0.62, 0.60, 0.55), p.light.g), 0.10 * vec3(streaks.b, streaks.a, -streaks.b));
}

// With moss and lichen where it lies flat.
Weathered stone(Point p, vec4 body, vec4 fine) {
    float near = 1.0 - smoothstep(6.0, 26.0, p.distance);
    vec3 albedo = p.colour.rgb * (1.0 + 0.26 * body.r + 0.22 * fine.b + 0.16 * near * fine.a);
    albedo = mix(albedo, vec3(0.30, 0.30, 0.24), 0.45 * smoothstep(0.35, 0.75, body.g + 0.5 * fine.b));
    float moss = smoothstep(0.25, 0.95, p.colour.a * (0.55 + 0.75 * p.normal.y) + 0.3 * body.b);
    albedo = mix(albedo, vec3(0.105, 0.118, 0.060) * (1.0 + 0.45 * fine.b + 0.3 * fine.a), moss);
    vec3 relief = (0.20 + 0.12 * moss) * near * vec3(fine.b, fine.r, fine.a) + 0.12 * vec3(body.b, 0.0, body.a);
    return Weathered(albedo * (1.0 - 0.45 * p.light.g), relief);
}

Weathered paint(Point p, vec4 streaks, vec4 worn) {
    vec3 albedo = p.colour.rgb * (1.0 + 0.16 * streaks.b + 0.14 * worn.r);
    albedo = mix(albedo, vec3(0.24, 0.20, 0.16), 0.35 * smoothstep(0.45, 0.9, worn.g + 0.6 * streaks.b));
    return Weathered(albedo, vec3(0.0));
}

// Panes and lanterns: they mirror the sky by day and are lit when the day goes.
vec3 lit(Point p, float least) {
    float day = dot(skylight.rgb, vec3(1.0)) + dot(key.rgb, vec3(0.2));
    float on = max(1.0 - smoothstep(0.25, 1.0, day), least);
    vec3 glass = 0.06 * p.colour.rgb * light_on(p, p.normal, p.light.r) + 0.10 * sky_mirrored(reflect(-p.to_eye, p.normal), 0.2);
    return glass + p.colour.rgb * (on * 1.1);
}

vec4 surface(Point p) {
    if (p.kind > 2.5 && p.kind < 4.5) return vec4(through_air(lit(p, p.kind < 3.5 ? 0.03 : 0.55), p), 1.0);
    bool close = p.kind > 4.5, wooden = p.kind < 0.5 || close, mineral = p.kind > 0.5 && p.kind < 1.5;
    vec4 a = grain_at(p.uv * (wooden ? vec2(0.13, 1.0) / 0.29 : mineral ? vec2(1.0 / 1.7) : vec2(0.2, 1.0) / 0.61), 1.0), b = a.barg;
    if (DETAIL > 0) b = grain_at(wooden ? (p.uv * vec2(0.5, 1.0) + 0.37) / 1.9 : mineral ? p.uv.yx / 0.43 : p.uv / 2.3, 1.0);
    Weathered made = wooden ? wood(p, a, b) : mineral ? stone(p, a, b) : paint(p, a, b);
    if (close && DETAIL > 0) {
        vec2 fibres = fibres_at(p.uv, p.distance);
        made.albedo *= 1.0 + fibres.x;
        made.relief += 0.22 * fibres.y * cross(p.normal, vec3(1.0, 0.0, 0.0));
    }
    vec3 normal = p.kind < 1.5 || close ? normalize(p.normal + made.relief) : p.normal;
    return vec4(through_air(made.albedo * light_on(p, normal, p.light.r), p), 1.0);
}
#endif
