// Trees some way off: cards turned to the seat, from an atlas of four sorts (scenes/valley/far.py).
// trees: how far a tuft faces right, how open it lies, how thin it is, cover.
#pragma blend coverage
#pragma cull none
#pragma copies
#pragma horizon
#pragma displace
#include "sky.glsl"

layout(binding = 6) uniform sampler2D trees;

#ifdef VERTEX
void displace(inout Point p) {
    p.light = vec4(1.0 - p.uv.y, sign(in_row[1].x), 0.0, 1.0);
    p.uv.x = (in_row[3].x + p.uv.x) / 4.0;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec4 tuft = texture(trees, p.uv);
    vec3 right = normalize(vec3(p.normal.z, 0.0, -p.normal.x)) * p.light.g;
    vec3 normal = normalize(right * (2.0 * tuft.r - 1.0) + vec3(0.0, 0.45, 0.0) + 0.5 * p.normal);
    float open = tuft.g * (0.35 + 0.65 * p.light.r);
    vec3 beam = key.rgb * (p.key * through_clouds(p.position));
    float toward = max(-dot(p.to_eye, to_key.xyz), 0.0);
    float front = 0.75 * max(dot(normal, to_key.xyz), 0.0) + 0.06;
    float behind = tuft.b * (0.10 + 0.55 * toward * toward * toward);
    vec3 around = mix(ground.rgb, skylight.rgb, 0.5 + 0.5 * normal.y);
    vec3 colour = p.colour.rgb * (1.7 * open) * (beam * (front + behind * vec3(1.3, 1.05, 0.5)) + around);
    float far = smoothstep(90.0, 500.0, p.distance);  // small trees lose their gaps, not their mass
    return vec4(through_air(colour, p), clamp(tuft.a * (1.0 + 0.35 * far), 0.0, 1.0));
}
#endif
