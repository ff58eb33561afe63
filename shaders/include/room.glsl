// Light in the calm room: what is baked arrives in the mesh or lightmap, the sun's patch and the lantern are live.
// Figures repeat scenes/valley/shell.py; tests/scenes/test_room.py compares them.
#include "noise.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lantern;  // radiance of the lantern's paper, 0 when there is none
};

#ifdef FRAGMENT
const vec3 TO_SUN = vec3(-0.50379, 0.20791, -0.83844);
const vec3 SUN = vec3(1.9, 1.28, 0.74);
const vec4 WINDOW = vec4(-1.15, 1.5, 0.62, 2.02);
const float FRONT = -3.0, GLASS = -3.2;

// Share of a soft edge crossed: `x` metres inside it, `soft` metres of half-shadow.
float inside(float x, float soft) { return clamp(0.5 + x / (2.0 * soft), 0.0, 1.0); }
float bar(float x, float half_width, float soft) { return inside(x + half_width, soft) - inside(x - half_width, soft); }
float opening(vec2 q, float soft) {
    return inside(q.x - WINDOW.x, soft) * inside(WINDOW.y - q.x, soft) * inside(q.y - WINDOW.z, soft) * inside(WINDOW.w - q.y, soft);
}

// Sunlight (irradiance / pi across the beam) that comes through window, muntins and the tree outside to `position`.
vec3 sun_patch(vec3 position) {
    float reach = (position.z - GLASS) / -TO_SUN.z;
    float soft = 0.006 + 0.011 * reach;
    vec2 q = position.xy + TO_SUN.xy * reach;
    vec2 wall = position.xy + TO_SUN.xy * max(position.z - FRONT, 0.0) / -TO_SUN.z;
    float share = opening(wall, soft) * opening(q, soft);
    if (share <= 0.0) return vec3(0.0);
    float third = (WINDOW.y - WINDOW.x) / 3.0;
    share *= 1.0 - bar(q.x - WINDOW.x - third, 0.017, soft) - bar(q.x - WINDOW.x - 2.0 * third, 0.017, soft);
    share *= 1.0 - bar(q.y - WINDOW.w + 0.4, 0.015, soft);
    share *= 1.0 - bar(q.x - WINDOW.x, 0.045, soft) - bar(q.x - WINDOW.y, 0.045, soft);
    // a birch some metres outside: two layers of leaves drift against each other
    vec2 tree = q + 0.03 * vec2(sin(seconds * 0.31 + q.y * 1.7), 0.5 * sin(seconds * 0.23 + q.x * 2.1));
    float crown = noise(tree * 1.5 + vec2(3.1, 0.02 * seconds));
    vec2 twig = mat2(0.8, 0.6, -0.6, 0.8) * tree, other = mat2(0.45, -0.89, 0.89, 0.45) * tree;
    float leaves = noise(twig * vec2(7.0, 15.0) + 0.3 * sin(seconds * 0.4)) + 0.7 * noise(other * vec2(10.0, 22.0) - 0.3 * sin(seconds * 0.53));
    share *= 1.0 - 0.58 * smoothstep(0.34, 0.72, crown) * smoothstep(0.66, 1.12, leaves);
    return SUN * share;
}

// The window mirrored in a surface, blurred by roughness; radiance.
vec3 window_sheen(Point p, vec3 normal, float roughness) {
    vec3 r = reflect(-p.to_eye, normal);
    float reach = (FRONT - p.position.z) / min(r.z, -0.02);
    vec2 q = p.position.xy + r.xy * reach;
    float blur = 0.04 + roughness * reach * 0.9;
    float seen = r.z < -0.02 ? opening(q, blur) : 0.0;
    vec3 view = mix(vec3(0.50, 0.42, 0.34), vec3(0.92, 0.82, 0.70), smoothstep(-0.05, 0.12, r.y));
    return view * seen * smoothstep(0.0, 0.2, dot(p.to_eye, normal));  // none on bevels that bend away
}

// Schlick's, held low at the rim: rough surfaces do not become mirrors there, and bent normals would sparkle.
float fresnel(Point p, vec3 normal) {
    float edge = 1.0 - clamp(dot(p.to_eye, normal), 0.0, 1.0);
    return 0.04 + 0.5 * edge * edge * edge * edge * edge;
}
#endif
