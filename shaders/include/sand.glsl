// The beach: dry and damp sand, the sheet of water that comes and goes, the film that mirrors the sky and drains, foam.
#include "tide.glsl"
#include "sky.glsl"

#ifdef FRAGMENT
// Seconds since the sheet's edge fell past `reach`; `wave` 0 is this one, 1 the one before.
float since_edge(float reach, int wave) {
    float at = clamp((reach - swash.y) / REACH_STEP, 0.0, 30.99);
    int k = int(at), first = 32 * wave + k, next = first + 1;
    return mix(since[first >> 2][first & 3], since[next >> 2][next & 3], fract(at));
}

vec4 sand(Point p) {
    vec4 broad = grain_at(p.uv, 5.3), fine = grain_at(p.uv, 0.61);
    float near = 1.0 - smoothstep(6.0, 30.0, p.distance);
    float now = reach_at(p.uv, lobes.xy), before = reach_at(p.uv, lobes.zw);
    float ahead = swash.x - now + 0.10 * broad.b + 0.03 * fine.b;  // metres of sheet seaward of the edge
    float sheet = smoothstep(0.0, 0.14, ahead);
    float drained = max(1.0 - since_edge(now, 0) / (4.2 + 2.0 * broad.r), 0.0) * step(now, crests.x);
    float film = max(sheet, drained * drained);
    float damp = 1.0 - smoothstep(-0.3, 0.9, p.uv.x - crests.z + 0.5 * broad.r);
    vec3 normal = normalize(p.normal + 0.10 * (1.0 - damp) * near * vec3(fine.r, 0.0, fine.g));
    vec3 albedo = mix(vec3(0.584, 0.423, 0.262), vec3(0.258, 0.184, 0.120), damp) * (1.0 + 0.12 * broad.b + 0.1 * near * fine.a);
    vec3 colour = albedo * light_on(p, normal, p.light.r);
    vec3 level = normalize(vec3(0.02 * broad.r, 1.0, 0.02 * broad.g));
    float edge = 1.0 - max(dot(p.to_eye, level), 0.0);
    float mirror = (0.02 + 0.98 * pow(edge, 5.0)) * film;
    colour = mix(colour, clear_sky(reflect(-p.to_eye, level)), mirror);
    float lace = smoothstep(0.16, 0.02, abs(fine.b)) * smoothstep(0.5, 0.0, abs(ahead - 0.15));
    colour = mix(colour, vec3(0.9) * light_on(p, normal, p.light.r), 0.8 * lace);
    return vec4(through_air(colour, p), 1.0);
}
#endif
