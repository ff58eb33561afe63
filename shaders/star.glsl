// Stars: cards of a fixed size in pixels, so that they neither shimmer nor crawl. A copy's row: direction times distance;
// light; free: seconds of a twinkle, its phase, how dark it must be before it shows (0..1).
#pragma copies
#pragma displace
#pragma blend add
#include "sky.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    vec3 centre = in_row[0].xyz, d = normalize(centre);
    vec3 right = normalize(cross(d, vec3(0.0, 1.0, 1e-3))), up = cross(right, d);
    float pixel = (tangents[EYE].y - tangents[EYE].x) / drawn.x;  // its tangent
    float half_size = max(in_row[1].w * pixel, 0.0008) * length(centre);
    p.position = centre + (right * p.uv.x + up * p.uv.y) * half_size;
    vec4 own = in_row[3];
    float twinkle = 1.0 + 0.16 * sin(6.2831853 * (seconds / own.x + own.y));
    float low = smoothstep(0.03, 0.30, d.y);
    p.colour.rgb *= in_row[2].a * twinkle * low * smoothstep(own.z, own.z + 0.25, 1.25 * zenith.a);
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float hidden = textureLod(sky_map, sky_uv(-p.to_eye), 0.0).a;
    float r = dot(p.uv, p.uv), point = max(exp(-4.5 * r) - 0.011, 0.0);
    return vec4(p.colour.rgb * (point * (1.0 - hidden)), 0.0);
}
#endif
