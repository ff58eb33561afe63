// The valley outside the window, drawn at once. The mesh's `kind` says which: 0 land, 1 sea, 2 sky.
#pragma displace
#include "evening.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    if (p.kind > 0.5) return;  // only land has leaves
    float phase = dot(p.position, vec3(1.7, 2.3, 1.1));
    p.position += p.light.a * vec3(sin(seconds * 0.9 + phase), 0.4 * sin(seconds * 0.7 + 1.3 * phase), sin(seconds * 0.6 + phase));
}
#endif

#ifdef FRAGMENT
// Hills, shore, jetty and near leaves outside; light is baked at the vertices, light.a is how far wind moves a leaf.
vec4 land(Point p) {
    vec3 d = -p.to_eye;
    float patches = fine_noise(p.uv) + 0.6 * fine_noise(p.uv * 3.7) + 0.4 * fine_noise(p.uv * 11.0);
    vec3 colour = p.colour.rgb * (1.0 + 0.7 * patches) * p.light.rgb;
    float air = 1.0 - exp(-p.distance / 800.0);
    float low = exp(-max(p.position.y + 3.0, 0.0) / 22.0);  // thicker over the water
    air = clamp(air + 0.13 * low * smoothstep(25.0, 160.0, p.distance), 0.0, 1.0);
    return vec4(mix(colour, far_air(d), air), 1.0);
}

// The bay: a calm swell that mirrors sky and hills, with a soft path of light toward the sun.
// Slope of one wave train at `at`, faded where its length is below two pixels.
vec2 train(vec2 at, vec2 direction, float wave_length, float speed, float steep) {
    float phase = dot(at, direction) * 6.2832 / wave_length;
    float fade = clamp(1.5 - 3.0 * fwidth(phase) / 6.2832, 0.0, 1.0);
    return direction * steep * fade * cos(phase + seconds * speed);
}

vec4 sea(Point p) {
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
    vec3 hills = mix(vec3(0.16, 0.18, 0.18), far_air(d), 0.62);
    vec3 seen = mix(hills, clear_sky(r), smoothstep(0.02, 0.11, r.y));
    vec3 deep = vec3(0.035, 0.09, 0.13);
    vec3 colour = mix(deep, seen, mirror);
    // path of light: facets that would have to tilt by this slope to flash at the eye; far ones spread more
    vec3 h = normalize(EVENING_SUN + p.to_eye);
    vec2 tilt = h.xz / h.y - slope * 1.6;
    float rough = 0.15;
    colour += vec3(1.0, 0.64, 0.32) * 1.6 * exp(-dot(tilt, tilt) / (2.0 * rough));
    float air = 1.0 - exp(-p.distance / 700.0);
    return vec4(mix(colour, far_air(d), air * 0.7), 1.0);
}

// The sky in the window: evening gradient and thin clouds that take minutes to pass.
vec4 sky(Point p) {
    vec3 d = -p.to_eye;
    vec3 sky = clear_sky(d);
    vec2 q = d.xz / (max(d.y, 0.0) + 0.09) * vec2(0.9, 1.5) + vec2(0.004 * seconds, 0.0);
    q += 0.5 * vec2(noise(q * 0.8), noise(q * 0.8 + 40.0));
    float streaks = 0.5 * noise(q * vec2(0.7, 1.6)) + 0.28 * noise(q * vec2(1.7, 3.4) + 9.0) + 0.14 * noise(q * vec2(4.1, 7.0)) + 0.08 * noise(q * vec2(9.0, 15.0));
    float veil = smoothstep(0.46, 0.74, streaks) * smoothstep(0.015, 0.14, d.y);
    float toward = max(dot(d, EVENING_SUN), 0.0);
    vec3 lit = vec3(1.12, 0.86, 0.70) + vec3(0.35, 0.2, 0.06) * pow(toward, 5.0);
    return vec4(mix(sky, lit, 0.7 * veil), 1.0);
}

vec4 surface(Point p) {
    if (p.kind < 0.5) return land(p);
    if (p.kind < 1.5) return sea(p);
    return sky(p);
}
#endif
