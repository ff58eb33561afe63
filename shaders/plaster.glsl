// Lime plaster on the walls, light from the lightmap.
#include "room.glsl"
layout(binding = 4) uniform sampler2D daylight;
layout(binding = 5) uniform sampler2D lamplight;

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 q = abs(p.normal.x) > 0.5 ? p.position.zy : abs(p.normal.z) > 0.5 ? p.position.xy : p.position.xz;
    float cloud = noise(q * 1.3 + 7.0) + 0.5 * noise(q * 3.1) - 0.75;
    float trowel = fine_noise(q * vec2(9.0, 14.0) + 2.0 * cloud) + 0.6 * fine_noise(q * vec2(34.0, 47.0));
    vec3 albedo = p.colour.rgb * (1.0 + 0.07 * cloud + 0.05 * trowel) * mix(vec3(1.0), vec3(1.02, 1.0, 0.965), cloud);
    vec4 day = texture(daylight, p.uv);
    float facing = max(dot(p.normal, TO_SUN), 0.0) * (1.0 + 0.22 * trowel);
    vec3 light = day.rgb + sun_patch(p.position) * day.a * facing + lantern * texture(lamplight, p.uv).r;
    return vec4(albedo * light, 1.0);
}
#endif
