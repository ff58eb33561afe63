// The same while it comes or goes; and, as kind 5, the shade below it: a disc whose uv is its radius.
#pragma blend alpha
#include "porch.glsl"

#ifdef FRAGMENT
vec4 surface(Point p) {
    float come = lamp.a;
    if (p.kind > 4.5) {
        float in_by = max(1.0 - p.uv.x * p.uv.x, 0.0);
        return vec4(0.0, 0.0, 0.0, 0.62 * come * in_by * in_by);
    }
    return vec4(porch_surface(p) * come, come);
}
#endif
