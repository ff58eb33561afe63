// Grass, reeds and ferns: copies of tufts whose blades are geometry and bend in the wind. The mesh gives the middle of
// each blade; `light` is the way across it and half its width, uv its side and how far along, colour.a its rank.
#pragma copies
#pragma horizon
#pragma displace
#pragma cull none
#include "leaf.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    float above = max(p.position.y - in_row[0].y, 0.0);
    // it stands on the slope, and leans with the wind the more the higher
    vec2 from_root = p.position.xz - in_row[0].xz;
    p.position.y += dot(in_row[3].xy, from_root);
    vec2 bend = wind_at(in_row[0].xz, in_row[3].z) * (0.16 * above * above / (above + 0.25));
    p.position.xz += bend;
    p.position.y -= 0.6 * dot(bend, bend) / (above + 0.1);
    // never thinner than a pixel: blades grow wider with distance, and fewer
    float away = distance(p.position, eye_position[EYE].xyz);
    float pixel = 0.5 * away * (tangents[EYE].y - tangents[EYE].x) / drawn.x;
    float half_width = p.light.w * in_row[1].w;
    float grown = max(pixel / max(half_width, 1e-4), 1.0);
    float stays = clamp((1.0 / grown - p.colour.a) * 6.0 + 1.0, 0.0, 1.0);
    p.position += turned(p.light.xyz) * (p.uv.x * half_width * grown * stays);
    p.normal = normalize(normalize(p.normal) + vec3(0.0, 0.9, 0.0));
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float t = p.uv.y;
    float open = mix(0.30, 1.0, smoothstep(0.0, 0.6, t));
    vec3 colour = leaf_light(p, p.colour.rgb, p.normal, open, 0.35 + 0.65 * t);
    return vec4(through_air(colour, p), 1.0);
}
#endif
