// Warm light over what is rested upon: a skin over the thing and the ground about it, and a soft glow in the air.
// uv: across a glow, -1..1; light: how near to where it is rested on, half the glow's side in metres, 0 for a skin.
#pragma blend add
#pragma displace
#pragma cull none
#include "grain.glsl"
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 warmth[3];  // 0..1 by the mesh's kind
};

#ifdef VERTEX
void displace(inout Point p) {
    int k = int(p.kind + 0.5);
    p.light.x *= warmth[k >> 2][k & 3];
    vec3 way = eye_position[EYE].xyz - p.position;
    float away = length(way);
    if (p.light.y <= 0.0) {  // nearer along the line of sight than what it lies on
        p.position += way * min(0.02, 0.004 + 0.0006 * away);
        return;
    }
    vec3 right = normalize(cross(vec3(0.0, 1.0, 0.0), way)), up = cross(way / away, right);
    p.position += (right * p.uv.x + up * p.uv.y) * p.light.y;
    p.light.x *= smoothstep(0.25, 0.6, away);
}
#endif

#ifdef FRAGMENT
const vec3 WARM = vec3(1.0, 0.64, 0.34);

vec4 surface(Point p) {
    if (p.light.x < 0.002) return vec4(0.0);
    float by_day = 0.12 + 1.85 * skylight.g;  // no more than the hour bears
    if (p.light.y > 0.0) {
        float in_by = max(1.0 - length(p.uv), 0.0);
        float far = smoothstep(20.0, 200.0, p.distance);  // before a bright sky
        return vec4(WARM * ((0.42 + 0.8 * far) * by_day * p.light.x * in_by * in_by * in_by), 0.0);
    }
    float facing = 0.25 + 0.75 * max(dot(p.normal, normalize(p.to_eye + vec3(-0.25, 0.9, 0.0))), 0.0);
    vec4 broad = grain_at(p.position.xz + 0.7 * p.position.y, 0.9), fine = grain_at(p.position.zy + 0.4 * p.position.x, 0.31);
    float rough = max(1.0 + 0.35 * broad.b + 0.35 * fine.a, 0.3);
    return vec4(p.colour.rgb * WARM * (1.15 * by_day * p.light.x * facing * rough), 0.0);
}
#endif
