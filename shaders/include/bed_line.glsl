// A piece of a line on the table's bed: a copy of a strip. Its row: where it begins, its turn; length, radius at both ends,
// metres along the line; colour, free; the tangents of half the turns to the pieces before and after, which ends are
// round (1: the first, 2: the last), how many furrows. `REACH` radii to either side are drawn.
#ifdef VERTEX
void displace(inout Point p) {
    float end = p.uv.x, radius = mix(in_row[1].y, in_row[1].z, end), half_ = radius * REACH;
    int round_ = int(in_row[3].z + 0.5);
    bool caps = end < 0.5 ? (round_ & 1) == 1 : (round_ & 2) == 2;
    float across = p.uv.y * half_;
    float along = end * in_row[1].x + (caps ? (end < 0.5 ? -half_ : half_) : across * (end < 0.5 ? -in_row[3].x : in_row[3].y));
    vec3 place = in_row[0].xyz + turned(vec3(along, 0.0, across));
    p.position = radius > 0.0 ? (at * vec4(place, 1.0)).xyz : vec3(0.0);
    vec3 to_eye = eye_position[EYE].xyz - p.position;
    p.position += to_eye * (0.0006 / max(length(to_eye), 0.1));
    p.normal = mat3(at) * vec3(0.0, 1.0, 0.0);
    p.uv = vec2(along, across);
    p.light = vec4(radius, in_row[1].x, in_row[0].w, in_row[1].w);
    p.kind = in_row[3].z + 4.0 * in_row[3].w;
    p.colour = vec4(in_row[2].rgb, in_row[2].a);
}
#endif

#ifdef FRAGMENT
// From the line's middle to this place: metres along (beyond a round end only) and across.
vec2 from_middle(Point p) {
    int round_ = int(p.kind + 0.5) & 3;
    float beyond = (round_ & 1) == 1 ? min(p.uv.x, 0.0) : 0.0;
    if ((round_ & 2) == 2) beyond += max(p.uv.x - p.light.y, 0.0);
    return vec2(beyond, p.uv.y);
}

// Of the top's frame, what lies along and across a piece that is turned `turn`.
vec2 in_frame(vec2 v, float turn) {
    float c = cos(turn), s = sin(turn);
    return vec2(c * v.x + s * v.y, c * v.y - s * v.x);
}
#endif
