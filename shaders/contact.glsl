// Shade that plants lay on the ground at their foot: copies of a disc that lies on the slope; uv is its radius, strength.
#pragma copies
#pragma displace
#pragma blend alpha
#pragma cull none

#ifdef VERTEX
void displace(inout Point p) {
    p.position.y += dot(in_row[3].xy, p.position.xz - in_row[0].xz);
    // nearer along the line of sight, so that it lies on the ground however that was cut into triangles
    vec3 to_eye = eye_position[EYE].xyz - p.position;
    p.position += to_eye * min(0.02, 0.2 * in_row[1].x / length(to_eye));
    p.light.x = in_row[1].w;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float in_by = max(1.0 - p.uv.x * p.uv.x, 0.0);
    return vec4(0.0, 0.0, 0.0, p.light.x * in_by * in_by * exp(-p.distance / 40.0));
}
#endif
