// Oiled or painted wood of beams and furniture; uv runs along the grain in metres, light is baked at the vertices.
#include "room.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 g = vec2(p.uv.x * 1.6, p.uv.y * 26.0 + 1.6 * noise(vec2(p.uv.x * 2.3, p.uv.y * 4.0)));
    float grain = 0.7 * (noise(g) - 0.5) + 0.7 * fine_noise(g * vec2(2.7, 3.1)) + 0.5 * fine_noise(g * vec2(7.0, 9.0));
    float drift = noise(p.uv * vec2(0.9, 5.0) + 31.0) - 0.5;
    vec3 albedo = p.colour.rgb * (1.0 + 0.30 * grain + 0.22 * drift) * mix(vec3(1.0), vec3(1.06, 1.0, 0.9), drift);
    float facing = max(dot(p.normal, TO_SUN), 0.0);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * facing + lantern * p.light.a;
    vec3 normal = normalize(p.normal + 0.03 * grain);
    float open = clamp(p.light.g / 0.35, 0.0, 1.0);
    vec3 sheen = window_sheen(p, normal, 0.35) * fresnel(p, normal) * 0.6 * open;
    return vec4(albedo * light + sheen, 1.0);
}
#endif
