// Wool, linen, leather-backed books and leaves: matt, with a weave that fades with distance; light at the vertices.
#include "room.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    float weave = fine_noise(p.uv * vec2(420.0, 90.0)) + fine_noise(p.uv * vec2(90.0, 420.0));
    float felt = noise(p.uv * 17.0) - 0.5 + 0.8 * fine_noise(p.uv * 60.0);
    vec3 albedo = p.colour.rgb * (1.0 + 0.22 * weave + 0.12 * felt);
    float facing = dot(p.normal, TO_SUN);
    vec3 light = p.light.rgb + sun_patch(p.position) * p.colour.a * max(facing, 0.0) + lantern * p.light.a;
    float edge = 1.0 - clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    return vec4(albedo * light * (1.0 + 0.25 * edge * edge), 1.0);  // fibres catch light at the rim
}
#endif
