// Light in the air: ribbons, dust and glowing tubes, added to what is behind them; what is veiled goes out.
#pragma strokes
#pragma blend add
#pragma cull none
#include "noise.glsl"
#include "brush.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float veil;  // 0..1
};
#define THICKNESS(coded) thickness(coded)

#ifdef FRAGMENT
vec4 surface(Point p) {
    int which = brush_of(p.colour.a);
    vec3 colour = p.colour.rgb;
    float facing = abs(dot(p.to_eye, p.normal));
    float glow;
    if (which == RIBBON) {  // silk: soft at its edges, a few threads that run along
        float across = p.uv.x;
        float soft = 1.0 - across * across;
        float threads = 0.75 + 0.25 * noise(vec2(across * 5.0 + p.light.w, 3.0));
        glow = 0.55 * soft * soft * threads;
    } else if (which == DUST) {  // motes that hang about where the hand was
        vec2 cell = p.position.xy * 46.0 + vec2(p.position.z * 31.0, p.position.z * 17.0);
        vec2 which_one = floor(cell), off = cell - which_one - 0.5;
        float seed = hash(which_one);
        off += 0.5 * (vec2(hash(which_one + 7.0), hash(which_one + 13.0)) - 0.5);
        float mote = smoothstep(0.12 + 0.22 * seed * seed, 0.0, length(off));
        float breath = 0.75 + 0.25 * sin(seconds * (0.25 + 0.35 * seed) + seed * 40.0);
        float fade = clamp(1.5 - 2.0 * fwidth(cell.x), 0.0, 1.0);
        glow = facing * (0.035 + mix(0.06, step(0.35, seed) * mote * breath, fade) * 1.3);
    } else {  // a tube: warm white within, its colour without
        float core = facing * facing;
        colour = mix(colour, vec3(1.0), 0.35 * core * core);
        glow = 0.16 + 0.62 * core;
    }
    return vec4(colour * glow * (1.0 - veil), 1.0);
}
#endif
