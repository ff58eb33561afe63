// Warm light over what is rested upon: a skin over the thing and the ground about it, and a soft glow in the air.
// uv: across a glow, -1..1; light: how near to where it is rested on, half the glow's side in metres, 0 for a skin.
#pragma blend add
#pragma displace
#pragma cull none
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
const vec3 WARM = vec3(1.0, 0.60, 0.28);

vec4 surface(Point p) {
    if (p.light.x < 0.002) return vec4(0.0);
    float by_day = 0.22 + 1.6 * skylight.g;  // no more than the hour bears
    if (p.light.y > 0.0) {
        float in_by = max(1.0 - length(p.uv), 0.0);
        return vec4(WARM * (0.30 * by_day * p.light.x * in_by * in_by * in_by), 0.0);
    }
    float facing = 0.35 + 0.65 * max(dot(p.normal, p.to_eye), 0.0);
    return vec4(p.colour.rgb * WARM * (1.5 * by_day * p.light.x * facing), 0.0);
}
#endif
