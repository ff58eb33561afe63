// A thing that lies in a bay: copies whose row's fourth value is its turn in the cloth, the fifth how warm it is.
#pragma copies
#pragma displace
#include "natural.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    float c = cos(in_row[1].w), s = sin(in_row[1].w);
    mat3 roll = mat3(c, s, 0.0, -s, c, 0.0, 0.0, 0.0, 1.0);
    p.position = (at * vec4(in_row[0].xyz + turned(roll * in_position * in_row[1].x), 1.0)).xyz;
    p.normal = mat3(at) * turned(roll * in_normal);
    p.light.y = in_row[3].x;
    p.light.z = in_row[1].x;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(through_air(natural(p, p.light.y, p.light.z), p), 1.0); }
#endif
