// The porch and what stands on it, all there.
#include "porch.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(porch_surface(p), 1.0); }
#endif
