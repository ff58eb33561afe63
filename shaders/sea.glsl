// The bay: a long low swell, ripples, the sky in it, and the ground through it where it is shallow.
#pragma displace
#pragma horizon
#include "tide.glsl"
#include "sky.glsl"

#ifdef VERTEX
void displace(inout Point p) {}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec4 grown = grain_at(p.uv.yx + vec2(0.0, 0.3 * seconds), 11.0), small = grain_at(p.uv.yx - vec2(0.1, 0.2) * seconds, 2.3);
    vec3 normal = normalize(vec3(0.05 * grown.r + 0.05 * small.b, 1.0, 0.05 * grown.g + 0.05 * small.r));
    float edge = 1.0 - max(dot(p.to_eye, normal), 0.0);
    vec3 r = reflect(-p.to_eye, normal);
    r.y = abs(r.y);
    float depth = max(-p.uv.x, 0.0) * 0.085;
    vec3 body = mix(vec3(0.22, 0.17, 0.11), vec3(0.031, 0.081, 0.147), 1.0 - exp(-depth * vec3(2.6, 1.6, 1.2))) * skylight.rgb * 2.0;
    vec3 colour = mix(body, clear_sky(r), 0.02 + 0.98 * pow(edge, 5.0));
    return vec4(through_air(colour, p), 1.0);
}
#endif
