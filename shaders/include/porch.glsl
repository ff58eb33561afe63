// What stands on the porch. The mesh's `kind` says which: 0 wood, 1 cloth and fur, 2 stone, glaze and metal, 3 painted
// boards, 4 the lantern's paper. uv runs along the grain in metres. light: how open to sky and garden, and to the beam
// of day's end, first light and night (scenes/valley/porch_light.py).
#include "sky.glsl"
#include "fibres.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 lamp;      // radiance of the lantern's paper; how far what is drawn has come, 0..1
    vec4 lamp_at;   // middle of its globe; whether colour.a says which token a corner belongs to
    vec4 warmth[4]; // of each token, or of all that is drawn in the first: attention rests on it, 0..1
};

#ifdef FRAGMENT
const vec3 FIRST_LIGHT = vec3(0.92663, 0.12187, -0.35569);
const vec3 NIGHT = vec3(-0.31483, 0.39073, -0.86498);
const vec3 FLOOR = vec3(0.52, 0.44, 0.35);  // of sunlit boards, what they give back
const float LAMP_RADIUS = 0.16;  // metres within which the lantern's light hardly falls off

float in_beam(Point p) {
    if (dot(to_key.xyz, FIRST_LIGHT) > 0.9) return p.light.b;
    return dot(to_key.xyz, NIGHT) > 0.995 ? p.light.a : p.light.g;
}

float warm_at(Point p) {
    if (lamp_at.w < 0.5) return warmth[0].x;
    int token = int(p.colour.a * 16.0 + 0.5);
    return warmth[token >> 2][token & 3];
}

struct Near {
    vec3 tint;
    float relief;
};

Near wood_near(vec2 uv, float away) {
    vec4 streaks = grain_at(uv * vec2(0.11, 1.0), 0.27);
    vec2 fibres = DETAIL > 0 ? fibres_at(uv, away) : vec2(0.0);
    float body = DETAIL > 0 ? grain_at(uv * vec2(0.4, 1.0) + 0.37, 1.7).r : streaks.r;
    float worn = 0.26 * streaks.b + 0.6 * fibres.x + 0.20 * body;
    return Near((1.0 + worn) * mix(vec3(1.0), vec3(1.05, 1.0, 0.92), clamp(body, -1.0, 1.0)), streaks.b + 0.3 * fibres.y);
}

vec3 near_albedo(Point p, out vec3 normal) {
    Near made = Near(vec3(1.0), 0.0);
    if (p.kind < 0.5) made = wood_near(p.uv, p.distance);
    else if (p.kind < 1.5) {
        float weave = grain_at(p.uv * vec2(4.0, 1.0), 0.16).a + (DETAIL > 0 ? grain_at(p.uv.yx * vec2(4.0, 1.0), 0.17).a : 0.0);
        made = Near(vec3(1.0 + 0.09 * weave), 0.4 * weave);
    } else if (p.kind < 2.5) {
        vec4 fleck = grain_at(p.uv, 0.21);
        made = Near(vec3(1.0 + 0.14 * fleck.b + 0.10 * fleck.a), 0.5 * fleck.b);
    } else {
        vec4 streaks = grain_at(p.uv * vec2(0.2, 1.0), 0.55), patches = grain_at(p.uv, 2.1);
        float bare = smoothstep(0.45, 0.9, patches.g + 0.6 * streaks.b);
        made = Near((1.0 + 0.15 * streaks.b + 0.12 * patches.r) * mix(vec3(1.0), vec3(0.88, 0.95, 1.02), bare), 0.5 * streaks.b);
    }
    normal = normalize(p.normal + 0.07 * made.relief * vec3(1.0, 0.6, -0.8));
    return p.colour.rgb * made.tint;
}

vec3 porch_surface(Point p) {
    vec3 normal;
    vec3 albedo = near_albedo(p, normal);
    float beam = in_beam(p) * through_clouds(p.position) * max(dot(normal, to_key.xyz), 0.0);
    vec3 floor_light = ground.rgb + FLOOR * (0.55 * skylight.rgb + 0.30 * max(to_key.y, 0.12) * key.rgb);
    vec3 light = key.rgb * beam + p.light.r * mix(floor_light, skylight.rgb, 0.5 + 0.5 * normal.y);
    vec3 to_lamp = lamp_at.xyz - p.position;
    float square = dot(to_lamp, to_lamp);
    float cosine = 0.25 + 0.75 * max(dot(normal, to_lamp) * inversesqrt(square + 1e-4), 0.0);
    light += (p.kind > 3.5 ? 0.0 : 1.0) * lamp.rgb * (cosine * LAMP_RADIUS * LAMP_RADIUS * 5.0 / (LAMP_RADIUS * LAMP_RADIUS + square));
    vec3 lit = albedo * light;
    float edge = 1.0 - clamp(dot(p.to_eye, normal), 0.0, 1.0);
    if (p.kind > 0.5 && p.kind < 1.5) lit *= 1.0 + 0.45 * edge * edge;
    if (p.kind > 1.5 && p.kind < 2.5) lit += 0.25 * p.light.r * (0.03 + 0.25 * edge * edge * edge) * mix(ground.rgb, middle.rgb, smoothstep(-0.3, 0.5, reflect(-p.to_eye, normal).y));
    if (p.kind > 3.5) {
        float rib = abs(fract(8.0 * p.uv.y) - 0.5);
        lit += lamp.rgb * (0.40 + 0.60 * (1.0 - edge)) * (0.82 + 0.36 * smoothstep(0.0, 0.12, rib) * 0.5);
    }
    // what attention rests on is seen a little warmer, as by a lamp of its own
    float day = dot(skylight.rgb + 0.2 * key.rgb, vec3(0.33));
    return lit + warm_at(p) * (0.25 + day) * albedo * vec3(1.05, 0.66, 0.34);
}
#endif
