// The long shade of a post on the ground, away from the key light: copies of a strip; uv: 0..1 along it, -1..1 across.
// A copy's row: its foot; how high and how thick it is; how the ground rises along x and z.
#pragma copies
#pragma displace
#pragma blend alpha
#pragma cull none

#ifdef VERTEX
void displace(inout Point p) {
    float flat_ = max(length(to_key.xz), 1e-3);
    vec2 away = -to_key.xz / flat_;
    float along = p.uv.x * min(in_row[1].x * flat_ / max(to_key.y, 0.04), 3.6);
    float half_ = 1.5 * in_row[1].y + 0.020 * along;  // the sun is no point
    vec2 place = in_row[0].xz + away * along + vec2(-away.y, away.x) * (half_ * p.uv.y);
    p.position = vec3(place.x, in_row[0].y + dot(in_row[3].xy, place - in_row[0].xz), place.y);
    p.position += normalize(eye_position[EYE].xyz - p.position) * 0.015;  // on the ground however that was cut
    p.light.x = along;
    p.light.y = in_row[1].y / half_;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float across = 1.0 - p.uv.y * p.uv.y, end = 1.0 - smoothstep(0.55, 1.0, p.uv.x);
    float beam = dot(key.rgb, vec3(0.33)) * max(to_key.y, 0.04);
    float share = beam / (beam + dot(skylight.rgb, vec3(0.33)) + 1e-4);  // of the light that it keeps off
    return vec4(0.0, 0.0, 0.0, share * across * across * end * min(1.5 * p.light.y, 1.0));
}
#endif
