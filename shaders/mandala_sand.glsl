// A furrow in the table's sand: what lay there before is raked over. It has small banks, and low light models it.
#pragma horizon
#pragma copies
#pragma displace
#pragma blend alpha
#pragma cull none
#define REACH 2.1
#include "bed.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 lamp;    // place in the world, and how bright it burns, 0..1
    float shown;  // 0..1
};
#include "bed_line.glsl"

#ifdef FRAGMENT
// Height over the sand, in radii, `x` radii from the line's middle: furrows, and a bank on either side.
float height_at(float x, float furrows) {
    float a = abs(x), bank = (a - 1.12) / 0.34;
    float h = 0.30 * exp(-bank * bank);
    if (a >= 1.0) return h;
    if (furrows < 1.5) {
        float in_ = 1.0 - a * a;
        return h - 0.52 * in_ * in_ * (1.0 + 0.25 * in_);
    }
    float wave = 0.5 - 0.5 * cos(6.2831853 * (0.5 * furrows * (a + (furrows > 2.5 ? 0.0 : 0.5)) + 0.5));
    return h - 0.34 * smoothstep(1.0, 0.8, a) * (0.25 + 0.75 * wave) + 0.06;
}

vec4 surface(Point p) {
    float radius = p.light.x, furrows = floor(0.25 * p.kind + 0.125);
    vec3 local = (p.position - at[3].xyz) * mat3(at), l = to_key.xyz * mat3(at);
    vec2 q = local.xz, off = from_middle(p), slope;
    vec4 rough = grain_at(q, 0.071);
    float far = length(off), x = far / radius * (1.0 + 0.10 * rough.b + 0.05 * rough.a);
    vec2 away = in_frame(off / max(far, 1e-5), p.light.z);  // of the top: away from the middle
    vec3 sand = sand_at(q, p.distance, slope);
    float h = height_at(x, furrows), d = (height_at(x + 0.06, furrows) - height_at(x - 0.06, furrows)) / 0.12;
    vec3 n = normalize(mat3(at) * vec3(slope.x - d * away.x, 1.0, slope.y - d * away.y));
    // what the furrow's own banks keep from a low sun
    float sideways = dot(l.xz, away), rises = max(l.y, 0.02), dark = 0.0;
    const int STEPS = DETAIL > 1 ? 5 : DETAIL > 0 ? 3 : 2;
    for (int k = 1; k <= STEPS; ++k) {
        float t = 2.4 * float(k) / float(STEPS);
        dark = max(dark, height_at(x + sideways * t, furrows) - h - rises * t);
    }
    float in_sun = past_rim(q, l) * (1.0 - smoothstep(0.0, 0.10, dark));
    float open = clamp(1.0 + 0.75 * min(h, 0.0), 0.4, 1.0);
    sand *= 1.0 + 0.12 * h - 0.05 * smoothstep(0.0, -0.4, h);  // what lay below is a little damper
    float seen = (1.0 - smoothstep(1.45, 2.0, x)) * shown * smoothstep(0.2335, 0.2310, length(q));
    vec3 light = bed_light(p, n, open, in_sun, lamp);
    return vec4(through_air(sand * light, p) * seen, seen);
}
#endif
