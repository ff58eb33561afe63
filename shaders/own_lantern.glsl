// The patient's own lantern from afar. The mesh's `kind`: 0 its glow, a card that turns to the eye, all corners in its
// middle; 1 its light on the water. It burns evenly: nothing of it follows the clock but the ripples, and those slowly.
#pragma displace
#pragma blend add
#pragma cull none
#include "sky.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lantern;  // radiance
    vec3 lamp;     // where it hangs
};

const float BODY = 0.15, HALO = 1.15;  // metres: of the lantern, and half of the card

#ifdef VERTEX
void displace(inout Point p) {
    if (p.kind > 0.5) return;
    vec3 way = p.position - eye_position[EYE].xyz;
    float away = length(way), pixel = (tangents[EYE].y - tangents[EYE].x) / drawn.x * away;
    vec3 right = normalize(cross(way, vec3(0.0, 1.0, 0.0))), up = cross(right, way / away);
    float body = max(BODY, 1.7 * pixel), half_size = max(HALO, 6.0 * pixel);  // never finer than what pixels show
    p.light.xy = vec2(body / half_size, sqrt(BODY / body));
    p.position += (right * p.uv.x + up * p.uv.y) * half_size - way / away * 0.16;
}
#endif

#ifdef FRAGMENT
// What the air between leaves of a light.
float left_by_air(Point p) {
    float thick = haze_key.a * exp(-max(p.position.y + 3.0, 0.0) / 22.0) * smoothstep(25.0, 160.0, p.distance);
    return clamp(exp(-p.distance / haze.a) - thick, 0.0, 1.0);
}

vec4 surface(Point p) {
    if (p.kind < 0.5) {
        float r = length(p.uv), body = r / p.light.x;
        float fall = max(1.0 - r, 0.0);
        float seen = p.light.y * exp(-body * body) + 0.085 * fall * fall * fall / (0.22 + r);
        return vec4(lantern * (seen * left_by_air(p)), 0.0);
    }
    vec2 place = p.position.xz, drift = vec2(0.10, 0.16) * seconds;
    vec4 grown = grain_at(place * vec2(0.7, 0.9) + 0.5 * drift, 9.0), small = grain_at(place * vec2(0.8, 0.9) - drift, 2.9);
    vec2 ripple = 0.045 * grown.rg + 0.030 * (small.rg + small.ba);
    vec3 half_way = normalize(normalize(lamp - p.position) + p.to_eye);
    vec2 off = half_way.xz / max(half_way.y, 0.05) - ripple;
    float facing = clamp(dot(p.to_eye, half_way), 0.0, 1.0), grazing = 1.0 - facing, g2 = grazing * grazing;
    float ends = smoothstep(0.0, 0.22, p.uv.y) * smoothstep(1.0, 0.70, p.uv.y) * smoothstep(1.0, 0.55, abs(p.uv.x));
    float glint = exp(-dot(off, off) / 0.010) * (0.10 + 0.90 * g2 * g2) * ends;
    return vec4(lantern * (0.42 * glint * left_by_air(p)), 0.0);
}
#endif
