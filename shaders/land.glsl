// The ground: meadow, earth, rock, forest floor and far canopy; the beach where it is sand.
// colour.a: where the beach is; light: open sky, shares of forest, rock and bare earth.
#pragma horizon
#include "sand.glsl"

#ifdef FRAGMENT
// Grass, earth, rock and forests, without the air before them.
vec3 grown(Point p, vec4 broad, vec4 mid) {
    float near = 1.0 - smoothstep(8.0, 45.0, p.distance);
    vec2 q = p.position.xz + vec2(0.3, 0.9) * p.position.y;  // not smeared on a bank that faces the sea
    vec4 fine = DETAIL > 0 ? grain_at(mat2(0.53, 0.80, -1.10, 0.45) * q, 0.66) * near : vec4(0.0);
    float forest = smoothstep(0.35, 0.65, p.light.g + 0.22 * broad.b + 0.1 * mid.r);
    float rock = smoothstep(0.3, 0.7, p.light.b + 0.3 * mid.r + 0.2 * mid.b);
    float foot = ramp(13.0, 11.2, p.uv.x) * p.colour.a;  // of the bank, where sand has blown over the ground
    float bare = smoothstep(0.3, 0.8, p.light.a + 0.35 * mid.g + 0.15 * fine.b + foot);
    // dry blades that lie over green ones
    vec3 thatch = mix(vec3(0.60, 0.68, 0.60), vec3(1.34, 1.28, 1.32), smoothstep(-0.9, 0.9, 0.45 * fine.b + fine.a + 0.5 * mid.a + 0.8 * mid.b + 0.7 * mid.r));
    vec3 albedo = p.colour.rgb * thatch * (1.0 + 0.18 * broad.r + 0.2 * mid.a);
    albedo = mix(albedo, mix(vec3(0.165, 0.130, 0.098), mix(vec3(0.46, 0.37, 0.27), DRY, foot), p.colour.a) * (1.0 + 0.2 * mid.a), bare * (1.0 - forest));
    albedo = mix(albedo, vec3(0.190, 0.182, 0.172) * (1.0 + 0.35 * mid.r + 0.25 * fine.b), rock);
    float rough = mix(0.16, 0.5, max(forest, rock));
    vec3 normal = normalize(p.normal + rough * vec3(mid.g + 0.6 * fine.r, 0.0, 0.6 * fine.g - 0.5 * mid.a));
    float open = p.light.r * (1.0 + 0.35 * min(mid.b, 0.0));
    vec3 colour = albedo * light_on(p, normal, open);
    float toward = max(-dot(p.to_eye, to_key.xyz), 0.0);
    vec3 sheen = key.rgb * (p.key * 0.55 * toward * toward * toward * (1.0 - rock) * (1.0 - bare));
    return colour + sheen * albedo * vec3(1.05, 1.08, 0.55);
}

vec4 surface(Point p) {
    vec2 q = p.position.xz;
    vec4 broad = grain_at(q, 61.0), mid = grain_at(mat2(0.80, 0.60, -0.60, 0.80) * q, 7.3);
    float border = p.uv.x + 0.9 * broad.b + 0.9 * mid.r + 0.5 * mid.b + 0.4 * mid.a;
    float green = max(smoothstep(10.5, 11.8, border), 1.0 - p.colour.a);
    vec3 colour = vec3(0.0);
    if (green > 0.004) colour = grown(p, broad, mid);
    if (green < 0.996) colour = mix(sand(p, broad, mid), colour, green);
    return vec4(through_air(colour, p), 1.0);
}
#endif
