// Bell, bowls, harp, basin and the birds' table. The mesh's `kind` is whose it is times 4 and its surface: 0 bronze, 1 wood,
// 2 stone, 3 cord and felt. uv in metres, of wood with u along the grain; colour.a: metres by which wind moves it;
// light: open sky.
#pragma horizon
#pragma displace
#include "sky.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 warm;      // how far each has been rested on, 0..1
    vec4 warm_too;
};

#ifdef VERTEX
// What hangs sways slowly, by two periods that never agree.
void displace(inout Point p) {
    float far = p.colour.a * wind.z * 2.0;
    p.position.xz += far * (wind.xy * sin(0.83 * seconds) + 0.7 * wind.yx * vec2(1.0, -1.0) * sin(0.51 * seconds + 1.0));
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    int kind = int(p.kind + 0.5), whose = kind >> 2, what = kind & 3;
    float warmth = whose < 4 ? warm[whose] : warm_too[whose - 4];
    bool metal = what == 0, wooden = what == 1;
    vec4 a = grain_at(p.uv * (wooden ? vec2(0.13, 1.0) / 0.29 : metal ? vec2(1.0 / 0.37) : what == 2 ? vec2(1.0 / 0.9) : vec2(1.0 / 0.11)), 1.0);
    vec4 b = DETAIL > 0 ? grain_at(p.uv.yx / (metal ? 0.09 : 0.31), 1.0) : a.barg;
    vec3 albedo = p.colour.rgb * (1.0 + (metal ? 0.06 : 0.26) * a.b + (metal ? 0.05 : 0.18) * a.a + 0.08 * b.r);
    vec3 normal = normalize(p.normal + (metal ? 0.006 : 0.10) * vec3(a.b, b.r, a.a));
    vec3 light = light_on(p, normal, p.light.r);
    // warm light from below and before it, as of a lamp that stands at its foot
    vec3 lamp = warmth * vec3(0.58, 0.35, 0.16) * (0.3 + 0.7 * p.light.r) * (0.45 + 0.35 * max(dot(normal, p.to_eye), 0.0) - 0.15 * normal.y);
    vec3 colour = albedo * (light + lamp);
    if (metal) {
        float patina = smoothstep(0.0, 1.6, a.g + 0.3 * b.b);
        float edge = 1.0 - clamp(dot(p.to_eye, normal), 0.0, 1.0), edge2 = edge * edge;
        vec3 sheen = mix(vec3(0.62, 0.43, 0.22), vec3(0.9, 0.82, 0.7), edge2 * edge2 * edge);
        vec3 r = reflect(-p.to_eye, normal);
        vec3 seen = r.y > 0.0 ? sky_mirrored(r, 0.45) : mix(sky_mirrored(vec3(r.x, 0.02, r.z), 0.5), ground.rgb, min(-2.0 * r.y, 1.0));
        vec3 half_way = normalize(to_key.xyz + p.to_eye);
        float sun = pow(max(dot(half_way, normal), 0.0), 60.0) * p.key * through_clouds(p.position);
        vec3 mirror = sheen * (seen * p.light.r * p.light.r + 0.9 * sun * key.rgb + 0.5 * lamp);
        colour = mix(0.45 * colour + mirror * 0.8, colour, 0.4 * patina);
    }
    return vec4(through_air(colour, p), 1.0);
}
#endif
