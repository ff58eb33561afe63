// Light in the calm room: what is baked arrives in the mesh or lightmap, the sun's patch and the lantern are live.
// Figures repeat scenes/valley/shell.py; tests/scenes/test_room.py compares them.
#include "grain.glsl"
#include "noise.glsl"
layout(binding = 7) uniform sampler2D dapple;

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lantern;  // radiance of the lantern's paper, 0 when there is none
    float plain;   // 0: as it is at day's end; 1: an ordinary room by day
};

#ifdef FRAGMENT
const vec3 TO_SUN = vec3(-0.50379, 0.20791, -0.83844);
const vec3 SUN = vec3(1.9, 1.28, 0.74);
const vec4 WINDOW = vec4(-1.3, 1.5, 0.6, 2.18);
const float FRONT = -3.0, GLASS = -3.2;

// Share of a soft edge crossed, `x` metres inside it; `sharp` is half the inverse of the half-shadow's width.
float inside(float x, float sharp) { return clamp(0.5 + x * sharp, 0.0, 1.0); }
float bar(float x, float half_width, float sharp) { return clamp(half_width * sharp + 0.5 - abs(x) * sharp, 0.0, min(1.0, 2.0 * half_width * sharp)); }
float opening(vec2 q, float sharp) {
    vec4 in_by = vec4(q - WINDOW.xz, WINDOW.yw - q) * sharp + 0.5;
    in_by = clamp(in_by, 0.0, 1.0);
    return in_by.x * in_by.y * in_by.z * in_by.w;
}

// What leaves leave of the sun: boughs of a birch near the window and others behind them; `level` blurs them.
float through_leaves(vec2 q, float level) {
    vec2 sway = 0.012 * vec2(sin(seconds * 0.31 + q.y * 1.7), sin(seconds * 0.23 + q.x * 2.1));
    float near = textureLod(dapple, (q + sway) / 2.4, level - 0.6).r;
    if (DETAIL == 0) return 0.92 - 0.64 * near;
    float far = textureLod(dapple, vec2(0.28, 0.19) * q.x + vec2(-0.19, 0.28) * q.y - 0.2 * sway, level + 0.9).r;
    return (1.0 - 0.7 * near) * (1.0 - 0.45 * far);
}

// Sunlight (irradiance / pi across the beam) that comes through window, muntins and the tree outside to `position`.
vec3 sun_patch(vec3 position) {
    float reach = (position.z - GLASS) / -TO_SUN.z;
    float soft = 0.012 + 0.0035 * reach, sharp = 0.5 / soft;
    vec2 q = position.xy + TO_SUN.xy * reach;
    vec2 wall = position.xy + TO_SUN.xy * max(position.z - FRONT, 0.0) / -TO_SUN.z;
    float share = opening(wall, sharp) * opening(q, sharp);
    if (share <= 0.0) return vec3(0.0);
    const float third = (WINDOW.y - WINDOW.x) / 3.0;
    float from_middle = abs(q.x - 0.5 * (WINDOW.x + WINDOW.y));  // two uprights and two jambs, left and right alike
    share *= 1.0 - bar(from_middle - 0.5 * third, 0.017, sharp) - bar(from_middle - 1.5 * third, 0.045, sharp);
    share *= 1.0 - bar(q.y - WINDOW.w + 0.4, 0.015, sharp);
    return SUN * share * through_leaves(q, log2(soft * 140.0));
}

// The window mirrored in a surface, blurred by roughness; radiance.
vec3 window_sheen(Point p, vec3 normal, float roughness) {
    vec3 r = reflect(-p.to_eye, normal);
    float reach = (FRONT - p.position.z) / min(r.z, -0.02);
    vec2 q = p.position.xy + r.xy * reach;
    float sharp = 0.5 / (0.04 + roughness * reach * 0.9);
    float seen = r.z < -0.02 ? opening(q, sharp) : 0.0;
    vec3 view = mix(vec3(0.62, 0.56, 0.50), vec3(1.30, 1.18, 1.05), smoothstep(-0.05, 0.12, r.y));
    return view * seen * smoothstep(0.0, 0.2, dot(p.to_eye, normal));  // none on bevels that bend away
}

// Lines of wood along q.x, in metres, about -1..1: rings a few millimetres wide and twenty times as long, bent by a slow
// drift, in bands a few centimetres wide.
float wood_grain(vec2 q) {
    if (DETAIL == 0) return grain_at(vec2(q.x * 0.06, q.y), 0.19).b;
    vec2 bent = vec2(q.x, q.y + 0.02 * grain_at(vec2(0.4, 1.0) * q, 2.3).r);
    float rings = grain_at(vec2(bent.x * 0.045, bent.y), 0.16).b, band = grain_at(vec2(bent.x * 0.08, bent.y), 0.37).r;
    return 0.75 * rings + 0.25 * grain_at(vec2(q.x * 0.09, q.y), 0.17).a + 0.4 * band;
}

// What reaches the eye from a surface, as in an ordinary room by day the plainer it is: colours paler, and light more even,
// never less of it.
vec3 plainly(vec3 radiance) {
    if (plain <= 0.0) return radiance;
    radiance = max(radiance, 0.0);  // at the rim of a triangle it may be none
    float bright = max(dot(radiance, vec3(0.2126, 0.7152, 0.0722)), 0.003);
    const float MIDDLE = 0.30;
    float even = 1.13 * MIDDLE * pow(bright / MIDDLE, 0.72);
    vec3 pale = mix(radiance / bright, vec3(0.985, 1.0, 1.02), 0.5);
    return mix(radiance, pale * even, plain);
}

// Schlick's, held low at the rim: rough surfaces do not become mirrors there, and bent normals would sparkle.
float fresnel(Point p, vec3 normal) {
    float edge = 1.0 - clamp(dot(p.to_eye, normal), 0.0, 1.0);
    return 0.04 + 0.5 * edge * edge * edge * edge * edge;
}
#endif
