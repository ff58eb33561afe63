// The ground: meadow, earth, rock, forest floor and far canopy; the beach where it is sand.
// colour.a: where the beach is; light: open sky, shares of forest, rock and bare earth. Of kind 1 is ground that is
// looked at from a chair on it: it has crumbs, little stones and fallen blades.
#pragma horizon
#include "sand.glsl"

#ifdef FRAGMENT
struct Close {
    float green, earth;  // brightness of what lies on grass and on bare earth, mean 1
    float stone;         // where little stones lie, 0..1
    vec2 slope;          // of crumbs and blades
};

Close close_by(vec2 q, float distance) {
    float near = 1.0 - smoothstep(1.8, 5.0, distance), lies = grain_at(q, 1.9).r;
    float loose = 0.45 + 0.55 * smoothstep(-0.5, 0.5, lies);
    vec4 crumbs = grain_at(q, 0.37), grit = grain_at(mat2(0.6, 0.8, -0.8, 0.6) * q, 0.21);
    float raised = grain_at(q + 0.004 * to_key.xz, 0.37).b - crumbs.b;  // toward the light
    vec2 bent = q + 0.012 * grit.rg;  // blades lie one way here, another there
    float one = grain_at(mat2(0.91, 2.1, -0.42, 4.5) * bent, 0.66).b, other = grain_at(mat2(0.85, -2.6, 0.55, 3.9) * bent + 0.41, 0.61).b;
    float blades = max(one + 0.5 * lies, other - 0.5 * lies) - 0.28;
    float stone = smoothstep(0.60, 0.72, crumbs.b + 0.12 * grit.r);
    float hollow = smoothstep(0.0, -0.8, crumbs.b + 0.5 * grit.b);
    return Close(1.0 + near * (0.85 * blades + 0.20 * grit.a), 1.0 + near * (loose * (0.24 * grit.b + 0.20 * grit.a) + 0.14 * crumbs.a - 0.30 * hollow * loose),
                 near * stone, near * loose * (0.42 * raised * to_key.xz + 0.05 * vec2(grit.a, crumbs.a)));
}

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
    vec2 slope = vec2(0.0);
    if (p.kind > 0.5 && DETAIL > 0) {
        Close close = close_by(q, p.distance);
        albedo *= mix(close.green, close.earth, bare);
        albedo = mix(albedo, vec3(0.27, 0.245, 0.215) * (1.0 + 0.3 * fine.b), 0.75 * close.stone * bare);
        slope = mix(0.5, 1.0, bare) * close.slope;
    }
    albedo = mix(albedo, vec3(0.190, 0.182, 0.172) * (1.0 + 0.35 * mid.r + 0.25 * fine.b), rock);
    float rough = mix(0.16, 0.5, max(forest, rock));
    vec3 normal = normalize(p.normal + rough * vec3(mid.g + 0.6 * fine.r, 0.0, 0.6 * fine.g - 0.5 * mid.a) - vec3(slope.x, 0.0, slope.y));
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
