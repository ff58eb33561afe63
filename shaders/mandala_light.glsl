// A line of light on the table's dark stone: a fine pale core in a soft glow, calm and steady.
#pragma copies
#pragma displace
#pragma blend add
#pragma cull none
#define REACH 5.0
#include "grain.glsl"

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float shown;  // 0..1
};
#include "bed_line.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 off = from_middle(p), q = ((p.position - at[3].xyz) * mat3(at)).xz;
    float x = length(off) / p.light.x, end = max(1.0 - x / REACH, 0.0);
    float breathes = 1.0 + 0.10 * grain_at(q + vec2(0.004, 0.003) * seconds, 0.4).r;
    float core = exp(-2.2 * x * x), glow = 0.16 * end * end * end / (0.35 + 0.22 * x);
    float inside = smoothstep(0.2335, 0.2295, length(q)) * shown * breathes;
    vec3 colour = mix(p.colour.rgb, vec3(1.0, 0.93, 0.82), 0.30 * core * core) * (0.62 * core + glow);
    return vec4(colour * inside, 0.0);
}
#endif
