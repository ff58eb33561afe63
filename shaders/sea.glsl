// The bay: a calm swell that mirrors sky and hills, with a soft path of light toward the sun.
#include "sky.glsl"

#ifdef FRAGMENT
// Slope of one wave train at `at`, faded where its length is below two pixels.
vec2 train(vec2 at, vec2 direction, float wave_length, float speed, float steep) {
    float phase = dot(at, direction) * 6.2832 / wave_length;
    float fade = clamp(1.5 - 3.0 * fwidth(phase) / 6.2832, 0.0, 1.0);
    return direction * steep * fade * cos(phase + seconds * speed);
}

vec4 surface(Point p) {
    vec3 d = -p.to_eye;
    vec2 q = p.position.xz;
    vec2 bend = 6.0 * vec2(noise(q * 0.05), noise(q * 0.05 + 50.0));
    vec2 w = q + bend;
    vec2 slope = train(w, vec2(0.28, 0.96), 7.3, 0.9, 0.030) + train(w, vec2(-0.42, 0.907), 4.1, 1.2, 0.028)
        + train(w, vec2(0.77, 0.638), 2.3, 1.6, 0.026) + train(w, vec2(-0.86, 0.51), 1.3, 2.1, 0.022)
        + 0.07 * vec2(fine_noise(w * 0.9 + vec2(0.25, 0.1) * seconds), fine_noise(w * 0.9 + vec2(30.0, 0.22 * seconds)));
    vec3 normal = normalize(vec3(slope.x, 1.0, slope.y));
    float edge = 1.0 - clamp(dot(normal, p.to_eye), 0.0, 1.0);
    float mirror = 0.03 + 0.75 * edge * edge * edge * edge * edge;
    vec3 r = reflect(d, normal);
    r.y = abs(r.y) + 0.03;
    r = normalize(r);
    // the far shore's dark band in the water
    vec3 hills = mix(vec3(0.16, 0.18, 0.18), haze(d), 0.62);
    vec3 seen = mix(hills, clear_sky(r), smoothstep(0.02, 0.11, r.y));
    vec3 deep = vec3(0.035, 0.09, 0.13);
    vec3 colour = mix(deep, seen, mirror);
    // path of light: facets that would have to tilt by this slope to flash at the eye; far ones spread more
    vec3 h = normalize(TO_SUN + p.to_eye);
    vec2 tilt = h.xz / h.y - slope * 1.6;
    float rough = 0.15;
    colour += vec3(1.0, 0.64, 0.32) * 1.6 * exp(-dot(tilt, tilt) / (2.0 * rough));
    float air = 1.0 - exp(-p.distance / 700.0);
    return vec4(mix(colour, haze(d), air * 0.7), 1.0);
}
#endif
