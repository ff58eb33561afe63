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
    if (which == CHALK) {  // dry: it catches on a grain that is not there
        float grain = noise(p.position.xy * 260.0 + p.position.z * 110.0) + 0.6 * noise(p.position.xy * 700.0);
        cover = smoothstep(0.55, 0.80, 0.45 * grain + 0.62 * facing);
        colour = mix(colour, vec3(dot(colour, vec3(0.3, 0.6, 0.1))), 0.15) * (0.95 + 0.25 * grain) + 0.05;
    } else if (which == LEAF) {  // one to each pair of points: uv is across -1..1 and along 0..1
        float along = p.uv.y, wide = sqrt(max(along * (1.0 - along) * (1.0 - along) * 6.0, 0.0));  // broad at its stalk
        float across = abs(p.uv.x);
        cover = smoothstep(0.0, 0.12, wide - across);
        float vein = exp(-across * across * 260.0) + 0.35 * exp(-pow(fract(along * 5.0 + across * 1.4) - 0.5, 2.0) * 90.0);
        float tone = hash(floor(p.light.xy * 997.0));
        colour *= 0.72 + 0.5 * tone + 0.10 * along - 0.16 * vein;
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
