// The evening sky over the valley as a function of direction, and the haze that everything far away takes on.
#include "noise.glsl"

#ifdef FRAGMENT
const vec3 TO_SUN = vec3(-0.50379, 0.20791, -0.83844);

// Radiance of the sky toward unit `d` without clouds.
vec3 clear_sky(vec3 d) {
    float up = max(d.y, 0.0);
    float toward = max(dot(d, TO_SUN), 0.0);
    vec3 zenith = vec3(0.27, 0.345, 0.47), middle = vec3(0.62, 0.56, 0.53), low = vec3(0.88, 0.64, 0.44);
    vec3 sky = mix(low, middle, smoothstep(0.0, 0.16, up));
    sky = mix(sky, zenith, smoothstep(0.08, 0.6, up));
    float halo = pow(toward, 6.0);
    return sky * (0.72 + 0.3 * halo) + vec3(0.75, 0.46, 0.2) * (0.35 * halo + 0.5 * pow(toward, 40.0));
}

// Colour that air lends to things far away in direction d.
vec3 haze(vec3 d) { return clear_sky(normalize(vec3(d.x, 0.03, d.z))) * vec3(0.90, 0.92, 0.98); }
#endif
