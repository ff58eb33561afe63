// What is built, rocks and driftwood. The mesh's `kind`: 0 weathered wood, 1 stone, 2 paint, 3 lit at dusk, 4 a steady lamp.
// colour.a of stone: how mossy; light: open sky, share of moss or damp at its foot.
#pragma horizon
#include "sky.glsl"

#ifdef FRAGMENT
// Silver where rain and sun reach it; streaks along the grain, uv in metres with u along it.
vec3 wood(Point p) {
    vec4 streaks = grain_at(p.uv * vec2(0.13, 1.0), 0.29), marks = grain_at(p.uv * vec2(0.5, 1.0) + 0.37, 1.9);
    vec3 albedo = p.colour.rgb * (1.0 + 0.30 * streaks.b + 0.24 * streaks.a + 0.22 * marks.r);
    albedo = mix(albedo, albedo * vec3(0.62, 0.60, 0.55), p.light.g);
    vec3 normal = normalize(p.normal + 0.10 * vec3(streaks.b, streaks.a, -streaks.b));
    return albedo * light_on(p, normal, p.light.r);
}

// Weathered stone with moss and lichen where it lies flat; uv in metres.
vec3 stone(Point p) {
    vec4 body = grain_at(p.uv, 1.7), fine = grain_at(p.uv.yx, 0.43);
    float near = 1.0 - smoothstep(6.0, 26.0, p.distance);
    vec3 albedo = p.colour.rgb * (1.0 + 0.26 * body.r + 0.22 * fine.b + 0.16 * near * fine.a);
    albedo = mix(albedo, vec3(0.30, 0.30, 0.24), 0.45 * smoothstep(0.35, 0.75, body.g + 0.5 * fine.b));
    float moss = smoothstep(0.2, 0.75, p.colour.a * (0.55 + 0.75 * p.normal.y) + 0.4 * body.b);
    albedo = mix(albedo, vec3(0.078, 0.098, 0.030) * (1.0 + 0.45 * fine.b + 0.3 * fine.a), moss);
    albedo *= 1.0 - 0.45 * p.light.g;
    vec3 normal = normalize(p.normal + (0.20 + 0.12 * moss) * near * vec3(fine.b, fine.r, fine.a) + 0.12 * vec3(body.b, 0.0, body.a));
    return albedo * light_on(p, normal, p.light.r);
}

vec3 paint(Point p) {
    vec4 streaks = grain_at(p.uv * vec2(0.2, 1.0), 0.61), worn = grain_at(p.uv, 2.3);
    vec3 albedo = p.colour.rgb * (1.0 + 0.16 * streaks.b + 0.14 * worn.r);
    albedo = mix(albedo, vec3(0.24, 0.20, 0.16), 0.35 * smoothstep(0.45, 0.9, worn.g + 0.6 * streaks.b));
    return albedo * light_on(p, p.normal, p.light.r);
}

// Panes and lanterns: they mirror the sky by day and are lit when the day goes.
vec3 lit(Point p, float least) {
    float day = dot(skylight.rgb, vec3(1.0)) + dot(key.rgb, vec3(0.2));
    float on = max(1.0 - smoothstep(0.25, 1.0, day), least);
    vec3 normal = p.normal;
    vec3 glass = 0.06 * p.colour.rgb * light_on(p, normal, p.light.r) + 0.10 * sky_mirrored(reflect(-p.to_eye, normal), 0.2);
    return glass + p.colour.rgb * (on * 1.1);
}

vec4 surface(Point p) {
    vec3 colour;
    if (p.kind < 0.5) colour = wood(p);
    else if (p.kind < 1.5) colour = stone(p);
    else if (p.kind < 2.5) colour = paint(p);
    else colour = lit(p, p.kind < 3.5 ? 0.03 : 0.55);
    return vec4(through_air(colour, p), 1.0);
}
#endif
