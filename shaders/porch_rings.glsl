// Rings that lie about what is chosen on the porch: a copy each.
#pragma copies
#include "porch.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(porch_surface(p), 1.0); }
#endif
