// The table for mandalas. The mesh's `kind`: 0 oiled wood, 1 the bed, 2 the lamp's paper. uv in metres, of wood with u along
// the grain, of the bed its place; of the lamp's globe as in shaders/paper.glsl. light: open sky.
#pragma horizon
#include "bed.glsl"
#include "fibres.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 lamp;    // place of the lamp in the world, and how bright it burns, 0..1
    vec3 media;   // how far the bed is sand, dark stone and paper; 1 together
    vec3 guides;  // how far the faint rings and spokes show, 0..1; how many spokes; 1: with those between, for a mirror
};

#ifdef FRAGMENT
// A line where `far` metres is 0, as wide as a pixel at least; its strength falls as it would if it were finer.
float faint(float far, float wide) {
    float pixel = max(fwidth(far), 1e-5), half_ = max(wide, 0.7 * pixel);
    return (1.0 - smoothstep(0.4 * half_, half_, abs(far))) * min(wide / half_, 1.0);
}

// Rings and spokes at `q`, 0..1.
float guide_at(vec2 q) {
    const float STEP = 0.037;
    float r = length(q), rings = 0.0, spokes = 0.0;
    float ring = (fract(r / STEP + 0.5) - 0.5) * STEP;
    rings = r > 0.5 * STEP && r < 6.3 * STEP ? faint(ring, 0.0006) : 0.0;
    float count = max(guides.y, 1.0) * (1.0 + guides.z);
    float turn = atan(q.x, -q.y) / 6.2831853 * count;
    float away = (fract(turn + 0.5) - 0.5) / count * 6.2831853 * r;
    if (guides.y > 1.5 || guides.z > 0.5) {
        float pixel = max(fwidth(r), 1e-5), half_ = max(0.0006, 0.8 * pixel);
        spokes = (1.0 - smoothstep(0.4 * half_, half_, abs(away))) * min(0.0006 / half_, 1.0) * smoothstep(0.014, 0.03, r);
    }
    return guides.x * max(0.8 * rings, spokes) * smoothstep(0.2245, 0.2215, r);
}

vec3 bed(Point p) {
    vec2 q = p.uv, slope;
    float r = length(q), edge = 1.0 - smoothstep(0.0, 0.016, WALL - r);
    vec3 sand = sand_at(q, p.distance, slope);
    vec4 broad = grain_at(q.yx, 0.41), fine = grain_at(q, 0.11);
    vec3 slate = vec3(0.030, 0.032, 0.037) * (1.0 + 0.30 * broad.b + 0.22 * fine.a);
    float laid = 0.5 + 0.5 * sin(q.y * 2600.0);  // lines of the mould, gone before they shimmer
    laid = mix(0.5, laid, clamp(1.6 - 2600.0 * fwidth(q.y), 0.0, 1.0));
    vec3 paper = PAPER * (1.0 + 0.035 * broad.r + 0.045 * fine.a + 0.03 * (laid - 0.5));
    slope = media.x * slope + media.y * 0.05 * vec2(broad.b, fine.b) + media.z * 0.05 * vec2(fine.a, fine.b);
    // a soft bank of sand where it meets the wall
    vec2 outward = q / max(r, 1e-4);
    slope -= media.x * 0.35 * edge * outward * smoothstep(0.016, 0.006, WALL - r);
    float guide = guide_at(q);
    vec3 n = normalize(mat3(at) * vec3(slope.x, 1.0, slope.y));
    vec3 l = to_key.xyz * mat3(at);
    float in_sun = past_rim(q, l);
    float open = p.light.r * (1.0 - 0.42 * edge * edge);
    vec3 albedo = media.x * sand + media.y * slate + media.z * paper;
    albedo *= 1.0 - guide * (0.30 * media.x + 0.20 * media.z);
    albedo += guide * media.y * vec3(0.050, 0.052, 0.056);
    vec3 light = bed_light(p, n, open, in_sun, lamp);
    vec3 colour = albedo * light;
    if (media.y > 0.01) {  // polished by water: a dull mirror of the sky
        vec3 d = reflect(-p.to_eye, n);
        float grazing = 1.0 - clamp(dot(p.to_eye, n), 0.0, 1.0), g2 = grazing * grazing;
        colour += media.y * (0.02 + 0.16 * g2 * g2) * open * sky_mirrored(vec3(d.x, max(d.y, 0.02), d.z), 0.55);
    }
    return colour;
}

vec3 oiled(Point p) {
    vec4 a = grain_at(p.uv * vec2(0.13, 1.0) / 0.29, 1.0), b = DETAIL > 0 ? grain_at((p.uv * vec2(0.5, 1.0) + 0.37) / 1.9, 1.0) : a.barg;
    vec3 albedo = p.colour.rgb * (1.0 + 0.13 * a.b + 0.09 * a.a + 0.10 * b.r), normal = p.normal;
    float sheen = 0.35;
    if (DETAIL > 0) {
        vec2 fibres = fibres_at(p.uv, p.distance);
        albedo *= 1.0 + 0.45 * fibres.x;
        sheen += 0.2 * fibres.x;
        normal = normalize(normal + 0.06 * fibres.y * cross(normal, vec3(1.0, 0.0, 0.0)));
    }
    vec3 colour = albedo * (light_on(p, normal, p.light.r) + lamp_on(p.position, normal, lamp));
    vec3 d = reflect(-p.to_eye, normal);
    float grazing = 1.0 - clamp(dot(p.to_eye, normal), 0.0, 1.0), g2 = grazing * grazing;
    return colour + sheen * (0.02 + 0.22 * g2 * g2) * p.light.r * step(0.0, normal.y) * sky_mirrored(vec3(d.x, max(d.y, 0.02), d.z), 0.5);
}

// Paper with a small flame behind it: paler in the middle of what one sees, its ribs a little darker.
vec3 paper_of_lamp(Point p) {
    float facing = clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    float rib = abs(fract(p.uv.y * 4.5) - 0.5), ribs = 1.0 - 0.20 * smoothstep(0.40, 0.5, rib);
    vec4 strands = grain_at(p.uv * vec2(0.4, 0.12), 0.5);
    float through = (0.42 + 0.58 * facing * facing) * ribs * (1.0 + 0.10 * strands.b) * (1.0 - 0.25 * smoothstep(0.2, 1.0, p.uv.y));
    vec3 lit = p.colour.rgb * 0.6 * light_on(p, p.normal, p.light.r);
    return lit + vec3(1.0, 0.58, 0.25) * (0.95 * lamp.w * through);
}

vec4 surface(Point p) {
    vec3 colour = p.kind < 0.5 ? oiled(p) : p.kind < 1.5 ? bed(p) : paper_of_lamp(p);
    return vec4(through_air(colour, p), 1.0);
}
#endif
