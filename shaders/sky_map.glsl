// Clouds in a map of the sky (sky_uv of sky.glsl): radiance times cover, and cover. A share is painted in each frame.
#pragma field
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    float turn = 6.2831853 * p.uv.x, up = p.uv.y * p.uv.y, ring = sqrt(1.0 - up * up);
    vec3 d = vec3(sin(turn) * ring, up, -cos(turn) * ring);
    vec2 at = d.xz / (up + 0.12) + clouds.yz * seconds;
    float body = 0.5 + 0.35 * grain_at(at, 9.0).r + 0.25 * grain_at(at.yx, 4.1).g + 0.12 * grain_at(at, 2.3).b;
    float cover = smoothstep(1.0 - clouds.x, 1.35 - clouds.x, body) * smoothstep(0.0, 0.12, up);
    vec3 lit = middle.rgb * 0.9 + key.rgb * (0.12 + 0.25 * pow(max(dot(d, to_key.xyz), 0.0), 5.0));
    return vec4(lit * cover, cover) * 0.8;
}
#endif
