// Small lights in the air, a soft card each. The mesh's `kind` says which: 0 a mote that the low sun shows, 1 a firefly.
// A copy's row: home; half its size in metres; colour; free: seconds of its round, phase, how far it strays in metres.
#pragma copies
#pragma displace
#pragma blend add
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float amount;  // of all of them, 0..1
};

#ifdef VERTEX
void displace(inout Point p) {
    vec4 own = in_row[3];
    float turn = 6.2831853 * (seconds / own.x + own.y);
    vec3 stray = vec3(sin(turn), 0.45 * sin(1.7 * turn + own.y * 40.0), cos(0.8 * turn + own.y * 23.0));
    vec3 centre = in_row[0].xyz + own.z * stray;
    vec3 way = centre - eye_position[EYE].xyz;
    float away = length(way), pixel = (tangents[EYE].y - tangents[EYE].x) / drawn.x * away;
    vec3 right = normalize(cross(way, vec3(0.0, 1.0, 0.0))), up = cross(right, way / away);
    float half_size = max(in_row[1].w, (p.kind < 0.5 ? 1.7 : 6.0) * pixel);  // never finer than what pixels show
    p.position = centre + (right * p.uv.x + up * p.uv.y) * half_size;
    float swell = 0.5 + 0.5 * sin(6.2831853 * (seconds / (0.41 * own.x) + 7.0 * own.y));
    float strength = p.kind < 0.5 ? 0.55 + 0.45 * swell : smoothstep(0.35, 1.0, swell);
    float near = smoothstep(0.9, 1.4, away);
    p.colour.rgb *= amount * strength * near * in_row[1].w / half_size;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float r = dot(p.uv, p.uv);
    vec3 light = p.colour.rgb;
    if (p.kind < 0.5) {
        float toward = max(-dot(p.to_eye, to_key.xyz), 0.0), narrow = toward * toward;
        narrow *= narrow;
        return vec4(light * key.rgb * (0.02 + 0.10 * toward * toward + 0.45 * narrow * narrow) * max(exp(-4.0 * r) - 0.02, 0.0), 0.0);
    }
    return vec4(light * max(0.16 * exp(-5.0 * r) + exp(-90.0 * r) - 0.002, 0.0), 0.0);
}
#endif
