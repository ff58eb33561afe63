// The paper globe of the lantern: lit from inside, thin paper over bamboo ribs; it swells a little with its glow.
#pragma displace
#include "grain.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lantern;  // radiance of the paper's middle
    float swell;   // metres by which the globe grows
};

#ifdef VERTEX
void displace(inout Point p) { p.position += p.normal * swell; }
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float facing = clamp(dot(p.to_eye, p.normal), 0.0, 1.0);
    // uv: turns around, height -1..1; sixteen ribs, thin lines of shade with a soft shoulder
    float rib = p.uv.y * 8.0 + 0.12 * sin(p.uv.x * 6.2832);
    float near = abs(fract(rib) - 0.5) * 2.0, step = fwidth(rib) * 2.0;
    float line = smoothstep(1.0 - 0.16 - step, 1.0 - 0.03, near) * clamp(1.4 - step, 0.0, 1.0);
    float fibre = grain_at(p.uv * vec2(3.0, 1.0), 1.1).b + 0.5 * grain_at(p.uv.yx * vec2(1.0, 2.0), 0.7).a;
    // the flame sits below the middle; thick paper at the rim lets less through, and redder
    float core = exp(-2.2 * (p.uv.y + 0.18) * (p.uv.y + 0.18));
    float through = (0.34 + 0.66 * facing) * (0.50 + 0.50 * core) * (1.0 + 0.10 * fibre) * (1.0 - 0.30 * line);
    vec3 glow = lantern * through * mix(vec3(1.0, 0.76, 0.50), vec3(1.0), through);
    vec3 paper = p.colour.rgb * (1.0 - 0.18 * line) * (1.0 + 0.08 * fibre) * p.light.rgb;
    return vec4(paper + glow, 1.0);
}
#endif
