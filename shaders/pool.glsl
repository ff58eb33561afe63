// Soft light on the ground: discs that lie on it, brightest in their middles; uv is -1..1 across. Kinds: embers', feet's.
#pragma blend add
#pragma displace
#include "grain.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lit;  // radiance that the ground gives back in the middle
    vec3 feet;
};

#ifdef VERTEX
// Nearer along the line of sight, so that it lies on the ground however that was cut into triangles.
void displace(inout Point p) {
    vec3 to_eye = eye_position[EYE].xyz - p.position;
    p.position += to_eye * (0.03 / max(length(to_eye), 0.1));
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float in_by = max(1.0 - dot(p.uv, p.uv), 0.0);
    vec4 rough = grain_at(p.position.xz, 0.66);
    return vec4((p.kind < 0.5 ? lit : feet) * (in_by * in_by * (1.0 + 0.22 * rough.b + 0.16 * rough.a)), 0.0);
}
#endif
