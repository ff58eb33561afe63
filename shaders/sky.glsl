// The sky in the window: evening gradient and thin clouds that take minutes to pass.
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec3 d = -p.to_eye;
    vec3 sky = clear_sky(d);
    vec2 q = d.xz / (max(d.y, 0.0) + 0.09) * vec2(0.9, 1.5) + vec2(0.004 * seconds, 0.0);
    q += 0.5 * vec2(noise(q * 0.8), noise(q * 0.8 + 40.0));
    float streaks = 0.5 * noise(q * vec2(0.7, 1.6)) + 0.28 * noise(q * vec2(1.7, 3.4) + 9.0) + 0.14 * noise(q * vec2(4.1, 7.0)) + 0.08 * noise(q * vec2(9.0, 15.0));
    float veil = smoothstep(0.46, 0.74, streaks) * smoothstep(0.015, 0.14, d.y);
    float toward = max(dot(d, TO_SUN), 0.0);
    vec3 lit = vec3(1.12, 0.86, 0.70) + vec3(0.35, 0.2, 0.06) * pow(toward, 5.0);
    return vec4(mix(sky, lit, 0.7 * veil), 1.0);
}
#endif
