// Matter in the air: ink, chalk and leaves, lit by the place they are in; what is veiled dissolves.
#pragma strokes
#pragma blend coverage
#pragma cull none
#include "noise.glsl"
#include "brush.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float veil;  // 0..1
};
#define THICKNESS(coded) thickness(coded)

#ifdef FRAGMENT
vec3 lit(Point p, float soft) {
    float facing = dot(p.normal, to_key.xyz);
    float wrapped = max(facing + soft, 0.0) / (1.0 + soft);
    return 0.8 * key.rgb * wrapped * wrapped + mix(ground.rgb, skylight.rgb, 0.5 + 0.5 * p.normal.y);
}

vec4 surface(Point p) {
    int which = brush_of(p.colour.a);
    vec3 colour = p.colour.rgb;
    float cover = 1.0;
    float facing = abs(dot(p.to_eye, p.normal));
    vec3 shine = vec3(0.0);
    if (which == CHALK) {  // dry: streaks that run along, and a grain that is not there
        float grain = 1.25 * noise(p.position.xy * 190.0 + p.position.z * 90.0);
        float streak = noise(vec2(p.uv.x * 4.5 + 9.0, 5.0)), rim = 1.0 - p.uv.x * p.uv.x;
        cover = gl_FrontFacing ? 0.50 * grain + 0.50 * streak + 0.75 * sqrt(rim) - 0.46 : 0.0;
        colour = mix(colour, vec3(dot(colour, vec3(0.3, 0.6, 0.1))), 0.15) * (0.80 + 0.22 * grain + 0.25 * streak) + 0.03;
        float day = clamp(1.3 * dot(skylight.rgb, vec3(0.9)), 0.0, 1.0);  // on a cloth light comes through it, as own_of says
        shine = colour * (max(2.0 * own_of(p.colour.a) - 1.0, 0.0) * mix(0.22, 0.50, day));
    } else if (which == LEAF) {  // a twig: from each point a leaf to either side; uv is across -1..1 and along 0..1
        float side = step(0.0, p.uv.x), own = hash(floor(p.light.xy * 997.0) + 31.0 * side);
        vec2 tip = vec2(0.70, 0.86) * (0.82 + 0.18 * own);  // in lengths of the piece, off from the stalk
        vec2 off = vec2(0.74 * abs(p.uv.x), p.uv.y - 0.05 - 0.10 * own);
        float along = dot(off, tip) / dot(tip, tip), across = abs(off.x * tip.y - off.y * tip.x) / dot(tip, tip);
        float wide = 0.62 * sqrt(max(along * (1.0 - along), 0.0)) * (1.0 - 0.55 * along);  // broad at its stalk
        float stalk = 0.045 - abs(off.x);
        cover = max(smoothstep(0.0, 0.06, wide - across), smoothstep(0.0, 0.03, stalk));
        float vein = exp(-across * across * 900.0) + 0.35 * exp(-pow(fract(along * 5.0 + across * 4.0) - 0.5, 2.0) * 90.0);
        colour *= stalk > 0.0 ? 0.55 : 0.72 + 0.5 * own + 0.10 * along - 0.16 * vein;
        float through = max(dot(p.to_eye, -to_key.xyz), 0.0);
        shine = 0.5 * colour * key.rgb * through * through;  // light seeps through
    } else {  // ink: wet, dark at the rim
        float edge = 1.0 - facing;
        colour *= 1.0 - 0.35 * edge;
        vec3 half_way = normalize(p.to_eye + to_key.xyz);
        shine = key.rgb * 0.10 * pow(max(dot(p.normal, half_way), 0.0), 40.0) + 0.10 * edge * edge * edge * middle.rgb;
    }
    return vec4(colour * lit(p, which == CHALK ? 0.5 : 0.35) + shine, cover * (1.0 - veil));
}
#endif
