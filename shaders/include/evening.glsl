// The calm room's evening sky as a function of direction, and the haze that everything far away takes on.
#include "noise.glsl"

#ifdef FRAGMENT
const vec3 EVENING_SUN = vec3(-0.50379, 0.20791, -0.83844);

// Radiance of the sky toward unit `d` without clouds.
vec3 clear_sky(vec3 d) {
    float up = max(d.y, 0.0);
    float toward = max(dot(d, EVENING_SUN), 0.0), side = max(dot(normalize(d.xz), normalize(EVENING_SUN.xz)), 0.0);
    vec3 low = mix(vec3(0.82, 0.62, 0.52), vec3(1.45, 0.88, 0.48), side * side * side);
    vec3 middle = vec3(0.68, 0.68, 0.74), zenith = vec3(0.20, 0.30, 0.52);
    vec3 sky = mix(low, middle, smoothstep(0.0, 0.15, up));
    sky = mix(sky, zenith, smoothstep(0.08, 0.5, up));
    return sky + vec3(0.95, 0.55, 0.22) * (0.32 * pow(toward, 9.0) + 0.6 * pow(toward, 60.0));
}

// Colour that air lends to things far away in direction d: blue away from the sun, golden toward it.
vec3 far_air(vec3 d) {
    float side = max(dot(normalize(d.xz), normalize(EVENING_SUN.xz)), 0.0);
    return mix(vec3(0.33, 0.37, 0.47), vec3(1.0, 0.60, 0.34), side * side * side);
}
#endif
