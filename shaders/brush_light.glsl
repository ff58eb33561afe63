// Light in the air: ribbons, dust and glowing tubes. It covers what is behind as far as it shines, so that a colour stays
// a colour before a bright sky; what is veiled goes out.
#pragma strokes
#pragma blend alpha
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
    if (!gl_FrontFacing) discard;  // of a closed skin one side is enough, whichever: no light is counted twice
    int which = brush_of(p.colour.a);
    vec3 colour = p.colour.rgb;
    vec3 deep = colour * colour / max(max(colour.r, max(colour.g, colour.b)), 0.1);  // of the same brightest part
    float facing = abs(dot(p.to_eye, p.normal)), cover;
    if (which == RIBBON) {  // silk: soft at its edges, a few threads that run along
        float across = p.uv.x, soft = 1.0 - across * across;
        float threads = 0.55 + 0.45 * noise(vec2(across * 9.0, 3.0));
        float glow = soft * threads;
        cover = min(1.25 * glow, 0.96);
        colour = mix(0.50 * deep, 1.3 * colour + 0.16, glow * glow);
    } else if (which == DUST) {  // motes that hang about where the hand was
        vec3 cell = p.position * 56.0, home = floor(cell);
        float seed = hash(home.xy + 17.0 * home.z);
        vec3 off = cell - home - 0.5;
        off += 0.5 * fract(seed * vec3(37.0, 113.0, 271.0)) - 0.25;
        float mote = smoothstep(0.40 + 0.30 * seed * seed, 0.08, length(off));
        float breath = 0.75 + 0.25 * sin(seconds * (0.25 + 0.35 * seed) + seed * 40.0);
        float fade = clamp(1.5 - 2.0 * fwidth(cell.x), 0.0, 1.0);
        cover = sqrt(facing) * mix(0.12, 1.3 * step(0.1, seed) * mote * breath, fade) + 0.06 * facing;
        colour = mix(0.70 * deep, 1.6 * colour + 0.30, mote * mote);
    } else {  // a tube: light within, its colour without
        float core = facing * facing;
        colour = mix(0.55 * deep, 1.45 * colour + 0.30, core * core);
        cover = smoothstep(0.0, 0.35, facing);
    }
    cover = clamp(cover, 0.0, 1.0) * (1.0 - veil);
    return vec4(colour * cover, cover);
}
#endif
