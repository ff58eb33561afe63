// The sky over the valley as a function of direction, and the air that lies before everything far away.
// All of it follows the Light block (vr_app.api.Light); the sky with its clouds is in a map (shaders/sky_map.glsl).
#include "grain.glsl"

layout(binding = 5) uniform sampler2D sky_map;

#ifdef FRAGMENT
const float SKY_MAP_TEXELS = 768.0;

// 0 away from the key light's side of the horizon, 1 below it.
float toward_key(vec3 d) {
    float side = max(dot(normalize(d.xz + 1e-5), normalize(to_key.xz + 1e-5)), 0.0);
    return side * side * side;
}

// Radiance of the sky toward unit `d` without clouds, stars or the key's own disc.
vec3 clear_sky(vec3 d) {
    float up = max(d.y, 0.0), toward = max(dot(d, to_key.xyz), 0.0);
    vec3 sky = mix(mix(low.rgb, glow.rgb, toward_key(d)), middle.rgb, smoothstep(0.0, 0.20, up));
    sky = mix(sky, zenith.rgb, smoothstep(0.08, 0.70, up));
    return sky + key.rgb * key.a * mix(0.4, 1.0, to_key.w) * (0.10 * pow(toward, 9.0) + 0.19 * pow(toward, 60.0));
}

// Colour that air lends to things far away in direction d.
vec3 haze_of(vec3 d) { return mix(haze.rgb, haze_key.rgb, toward_key(d)); }

// `colour` seen through the air between it and the eye; mist lies low over the water. Past all land air is as bright as
// the sky above the horizon, so that no line parts the two; what stands higher has no brighter air before it than sky behind.
vec3 through_air(vec3 colour, Point p) {
    float lost = 1.0 - exp(-p.distance / haze.a);
    float thick = haze_key.a * exp(-max(p.position.y + 3.0, 0.0) / 22.0) * smoothstep(25.0, 160.0, p.distance);
    float toward = toward_key(-p.to_eye);
    vec3 air = mix(mix(haze.rgb, haze_key.rgb, toward), mix(low.rgb, glow.rgb, toward), smoothstep(800.0, 5000.0, p.distance));
    air = mix(air, middle.rgb, clamp(-6.0 * p.to_eye.y, 0.0, 0.7));
    return mix(colour, air, clamp(lost + thick, 0.0, 1.0));
}

// Share of the key's beam that the clouds let through to a place; broad patches that drift with them.
float through_clouds(vec3 position) {
    float body = 0.5;
    if (DETAIL > 0) {
        vec2 at = position.xz + to_key.xz / max(to_key.y, 0.1) * (180.0 - position.y) + 180.0 * clouds.yz * seconds;
        body += 0.7 * grain_at(at, 900.0).r;
    }
    return 1.0 - clouds.a * smoothstep(0.45, 0.75, body + clouds.x - 0.45);
}

// Light on a matt surface (irradiance / pi): the beam past land and clouds, the sky above and the ground below.
// `open` is how much of its surroundings it sees, 0..1.
vec3 light_on(Point p, vec3 normal, float open) {
    vec3 beam = key.rgb * (p.key * through_clouds(p.position) * max(dot(normal, to_key.xyz), 0.0));
    return beam + open * mix(ground.rgb, skylight.rgb, 0.5 + 0.5 * normal.y);
}

// Where direction `d` lies in the map of the sky: stereographic from straight up in the middle to the horizon.
vec2 sky_uv(vec3 d) {
    return 0.5 + (0.5 - 2.0 / SKY_MAP_TEXELS) * d.xz / (1.0 + max(d.y, 0.0));
}

// The sky as it is seen toward unit `d`: clear sky, clouds, the key's soft disc; the moon's is wider, with its darker plains.
vec3 sky_seen(vec3 d) {
    vec4 seen = textureLod(sky_map, sky_uv(d), 0.0);
    vec3 off = d - to_key.xyz;
    float disc = clamp(2.4 - mix(1.8e4, 5.2e4, to_key.w) * dot(off, off), 0.0, 1.0) * key.a * (1.0 - seen.a);
    float plains = textureLod(grain, 22.0 * off.xy, 0.0).r;
    return seen.rgb + key.rgb * (disc * mix(1.9 + 0.5 * plains, 2.8, to_key.w));
}

// The sky in a mirror of some roughness (0 smooth, 1 matt): softer with it; without the disc, which is glitter's.
vec3 sky_mirrored(vec3 d, float roughness) {
    return textureLod(sky_map, sky_uv(d), 7.0 * roughness).rgb;
}
#endif
