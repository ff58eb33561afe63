// The plain dusk behind a picture that is taken home: darker above, a little warm below.
layout(std140, binding = 1) uniform Draw {
    mat4 at;
};

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec3 above = vec3(0.020, 0.030, 0.075), below = vec3(0.095, 0.075, 0.085);
    float rise = smoothstep(0.0, 1.0, p.uv.y);
    vec3 dusk = mix(below, above, rise);
    float middle = length((p.uv - vec2(0.5, 0.45)) * vec2(1.5, 1.0));
    return vec4(dusk * (1.15 - 0.35 * smoothstep(0.1, 0.9, middle)), 1.0);
}
#endif
