// A matt surface under an even sky: for a first scene, before it has a material of its own.
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 glow;  // radiance of its own
};

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec3 light = mix(vec3(0.30, 0.24, 0.19), vec3(0.62, 0.60, 0.58), 0.5 + 0.5 * p.normal.y);
    return vec4(p.colour.rgb * light * p.light.rgb + glow, 1.0);
}
#endif
