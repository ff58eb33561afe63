// Glazed pottery and beach stones; light is baked at the vertices, the window mirrored in the glaze.
#include "room.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    float run = noise(p.uv * vec2(22.0, 9.0)) - 0.5 + 0.7 * fine_noise(p.uv * 70.0) + 0.5 * fine_noise(p.uv * 230.0);
    vec3 albedo = p.colour.rgb * (1.0 + 0.2 * run);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * max(dot(p.normal, TO_SUN), 0.0) + lantern * p.light.a;
    vec3 normal = normalize(p.normal + 0.02 * run);
    vec3 sheen = window_sheen(p, normal, 0.12) * (0.35 * fresnel(p, normal) + 0.03);
    return vec4(albedo * light + sheen, 1.0);
}
#endif
