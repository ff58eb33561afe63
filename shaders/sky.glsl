// The dome: the sky as it is seen, with the sun's or moon's disc.
#include "sky.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(sky_seen(-p.to_eye), 1.0); }
#endif
