// Light on leaves and blades: from both sides, and warm through them where one looks toward the key.
#include "sky.glsl"

#ifdef VERTEX
// Where wind carries what stands at `place` (x, z): gusts that travel with it, and a slow sway of its own.
vec2 wind_at(vec2 place, float phase) {
    vec2 on = (place - wind.xy * (1.5 * seconds)) / 37.0;
    float gust = 0.55 + 0.9 * textureLod(grain, on, 4.0).r;
    float sway = 0.35 * sin(1.3 * seconds + 6.2832 * phase + 0.35 * dot(place, wind.xy));
    vec2 side = vec2(-wind.y, wind.x);
    return wind.z * (wind.xy * (max(gust, 0.0) + sway) + side * (0.3 * sin(0.9 * seconds + 17.0 * phase)));
}
#endif

#ifdef FRAGMENT
// `open` is how much it sees of its surroundings, `thin` how much of the beam comes through it; both 0..1.
vec3 leaf_light(Point p, vec3 albedo, vec3 normal, float open, float thin) {
    vec3 beam = key.rgb * (p.key * through_clouds(p.position));
    float facing = dot(normal, to_key.xyz), toward = max(-dot(p.to_eye, to_key.xyz), 0.0);
    float square = toward * toward;
    vec3 around = mix(ground.rgb, skylight.rgb, 0.5 + 0.5 * normal.y);
    vec3 front = beam * (0.55 * max(facing, 0.0) + 0.12) + around;
    vec3 behind = beam * (0.10 + 0.7 * square * square) * thin;
    return open * albedo * (front + behind * vec3(1.15, 1.02, 0.60));
}
#endif
