// Mist that lies over water and low ground: standing veils that end softly on every side, so that they cut nothing.
// A copy's row: the middle of its foot, turn; half width, height; free: where it reads the grain.
#pragma copies
#pragma displace
#pragma blend alpha
#pragma cull none
#include "sky.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    p.light = vec4(in_row[1].xy, in_row[3].xy);
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 along = vec2(p.uv.x * p.light.x + 0.22 * seconds * wind.z, 2.6 * p.uv.y * p.light.y) + p.light.zw;
    float wisps = 0.5 + 0.6 * grain_at(along, 90.0).r + 0.35 * grain_at(along + 0.1 * seconds, 31.0).g;
    float aside = 1.0 - p.uv.x * p.uv.x;
    float shape = aside * aside * smoothstep(0.0, 0.4, p.uv.y) * smoothstep(1.0, 0.25, p.uv.y);
    float alpha = 0.55 * smoothstep(0.08, 0.55, haze_key.a) * shape * clamp(wisps, 0.0, 1.2);
    alpha *= smoothstep(14.0, 45.0, p.distance) * exp(-p.distance / (1.6 * haze.a));
    vec3 d = -p.to_eye;
    float toward = toward_key(d);
    vec3 colour = mix(mix(haze.rgb, low.rgb, 0.5), mix(haze_key.rgb, glow.rgb, 0.3), toward);
    return vec4(colour * alpha, alpha);
}
#endif
