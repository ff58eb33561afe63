// The stream's water: slow ripples that travel with it, quicker and white where it falls, clear at its edges.
// uv: metres along and across; light: depth of water in metres, how steeply it falls, how much of it
// has not seeped into the beach: the tide's sheet is the only water there.
#pragma blend alpha
#pragma horizon
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    float fall = clamp(p.light.g * 4.0, 0.0, 1.0);
    float pace = mix(0.22, 0.55, fall);
    vec2 on = vec2(0.6 * p.uv.x, p.uv.y);
    vec4 a = grain_at(on - vec2(0.6 * pace * seconds, 0.0), 1.9), b = grain_at(on.yx * 1.07 + vec2(0.03, -0.8 * pace) * seconds, 1.13);
    float near = 1.0 - smoothstep(10.0, 50.0, p.distance);
    float rough = near * mix(0.05, 0.16, fall);
    vec3 normal = normalize(p.normal + rough * vec3(a.r + b.b, 0.0, a.g + b.r));
    float edge = 1.0 - clamp(dot(p.to_eye, normal), 0.0, 1.0);
    float mirror = 0.02 + 0.98 * edge * edge * edge * edge * edge;
    vec3 r = reflect(-p.to_eye, normal);
    vec3 above = sky_mirrored(normalize(vec3(r.x, abs(r.y) + 0.02, r.z)), 0.12);
    above = mix(above * 0.45, above, smoothstep(0.02, 0.25, r.y));  // banks stand about it
    vec3 shine = light_on(p, p.normal, 1.0);
    float deep = 1.0 - exp(-p.light.r * 9.0);
    vec3 below = mix(vec3(0.16, 0.115, 0.07), vec3(0.050, 0.052, 0.040), deep) * shine * (1.0 + 0.3 * a.b);
    vec3 colour = mix(below, above, mirror);
    float white = fall * smoothstep(0.25, 0.8, a.b + 0.7 * b.a + 0.5 * fall);
    colour = mix(colour, 0.75 * shine, 0.6 * white);
    float there = smoothstep(0.0, 0.06, p.light.r + 0.012 * a.b) * clamp(p.light.b + 0.35 * p.light.b * (1.0 - p.light.b) * a.b, 0.0, 1.0);
    float alpha = there * mix(0.62, 1.0, max(max(deep, mirror), white));
    return vec4(through_air(colour, p) * alpha, alpha);
}
#endif
