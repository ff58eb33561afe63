// Soft lights near the patient: a card each that faces the eye. A copy's row: its middle; radius in metres along x;
// colour; free: brightness of its middle, and which side's light it belongs to (0 right, 1 left).
#pragma copies
#pragma displace
#pragma blend add
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float right, left;  // how bright each side is, 0..1
};

#ifdef VERTEX
void displace(inout Point p) {
    vec3 way = in_row[0].xyz - eye_position[EYE].xyz;
    float away = max(length(way), 1e-3);
    vec3 aside = cross(way / away, vec3(0.0, 1.0, 1e-3));
    vec3 across = normalize(aside), up = cross(across, way / away);
    p.position = in_row[0].xyz + (across * p.uv.x + up * p.uv.y) * in_row[1].x;
    p.light.x = in_row[3].x * mix(right, left, in_row[3].y) * smoothstep(0.08, 0.22, away);
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float r = dot(p.uv, p.uv);
    return vec4(p.colour.rgb * (p.light.x * max(exp(-3.6 * r) - 0.0273, 0.0)), 0.0);
}
#endif
