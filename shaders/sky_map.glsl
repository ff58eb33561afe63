// The sky in a map (sky_uv of sky.glsl): its radiance, and how much of it clouds cover. A share is painted in each frame.
#pragma field
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 disc = (p.uv - 0.5) / (0.5 - 2.0 / SKY_MAP_TEXELS);
    float r = dot(disc, disc);
    vec3 d = r < 1.0 ? vec3(2.0 * disc.x, 1.0 - r, 2.0 * disc.y) / (1.0 + r) : vec3(disc.x, 0.0, disc.y) * inversesqrt(r);
    float up = d.y;
    vec2 at = d.xz / (up + 0.12) + clouds.yz * seconds;
    float body = 0.5 + 0.35 * grain_at(at, 9.0).r + 0.25 * grain_at(at.yx, 4.1).g + 0.12 * grain_at(at, 2.3).b;
    float cover = 0.8 * smoothstep(1.0 - clouds.x, 1.35 - clouds.x, body) * smoothstep(0.0, 0.12, up);
    vec3 lit = middle.rgb * 0.9 + key.rgb * (0.12 + 0.25 * pow(max(dot(d, to_key.xyz), 0.0), 5.0));
    return vec4(mix(clear_sky(d), lit, cover), cover);
}
#endif
