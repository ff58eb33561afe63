// A thing that lies in a bay: copies whose row's fourth value is its turn in the cloth, the fifth how warm it is.
#pragma copies
#pragma displace
#include "natural.glsl"

#ifdef VERTEX
// `v` turned about unit `axis` by the angle of this cosine and sine.
vec3 rolled(vec3 v, vec3 axis, float c, float s) { return c * v + s * cross(axis, v) + (1.0 - c) * dot(axis, v) * axis; }

void displace(inout Point p) {
    float c = cos(in_row[1].w), s = sin(in_row[1].w);
    vec3 middle = (at * vec4(in_row[0].xyz, 1.0)).xyz, out_of = mat3(at) * turned(vec3(0.0, 0.0, 1.0));
    p.position = middle + rolled(p.position - middle, out_of, c, s);
    p.normal = rolled(p.normal, out_of, c, s);
    p.light.y = in_row[3].x;
    p.light.z = in_row[1].x;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(through_air(natural(p, p.light.y, p.light.z), p), 1.0); }
#endif
