// Trunks, branches and small things on the sand. The mesh's `kind` says which: 0 birch, 1 pine and twigs, 2 stone, shell, weed.
#pragma horizon
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec3 albedo = p.colour.rgb;
    float across = 0.0;
    if (p.kind < 0.5) {  // white, with dark marks that run round
        vec4 marks = grain_at(p.uv * vec2(0.35, 2.2), 1.1);
        float dark = smoothstep(0.30, 0.62, marks.b + 0.35 * marks.r) + smoothstep(1.5, 0.1, p.uv.y) * smoothstep(-0.3, 0.3, marks.r + 0.2 * marks.a) + 0.75 * smoothstep(0.9, 0.4, p.uv.y);
        albedo *= mix(vec3(1.0), vec3(0.13, 0.12, 0.11), clamp(dark, 0.0, 1.0)) * (1.0 + 0.12 * marks.a);
        across = marks.b * 0.2;
    } else if (p.kind > 1.5) {
        vec4 flecks = grain_at(p.position.xz + p.position.y, 0.23);
        albedo *= 1.0 + 0.22 * flecks.b + 0.25 * flecks.a;
    } else {  // plates that run up
        vec4 plates = grain_at(p.uv * vec2(2.6, 0.6), 1.3);
        albedo *= (1.0 + 0.45 * plates.b + 0.3 * plates.a) * mix(vec3(0.8, 0.82, 0.85), vec3(1.15, 1.0, 0.85), smoothstep(1.5, 5.0, p.uv.y));
        across = plates.b * 0.5;
    }
    vec3 normal = normalize(p.normal + across * vec3(-p.normal.z, 0.0, p.normal.x));
    return vec4(through_air(albedo * light_on(p, normal, p.light.r), p), 1.0);
}
#endif
