// Wood from close by: fibres, the darker lines of its years and checks that run along it; u along the grain, metres.
#ifdef FRAGMENT
// How much brighter than its boards, about -0.7..0.4, and the slope across. Gone where `away` metres would make it shimmer.
vec2 fibres_at(vec2 uv, float away) {
    float near = 1.0 - smoothstep(1.6, 4.2, away);
    vec4 soft = grain_at(uv * vec2(0.10, 1.0) + 0.17, 0.60), fine = grain_at(uv * vec2(0.045, 1.0), 0.055);
    float year = fract(uv.y * 62.0 + 3.4 * soft.r + 0.9 * soft.b);  // each begins pale and ends dark
    float late = clamp(min(2.2 * year - 1.0, 16.0 - 16.0 * year), 0.0, 1.0);
    float check = clamp(3.2 * grain_at(uv * vec2(0.035, 1.0) + 0.53, 0.16).b - 1.75, 0.0, 1.0);
    return near * vec2(0.20 * fine.b + 0.20 * fine.a - 0.34 * late + 0.10 - 0.55 * check, fine.b + 0.5 * late - check);
}
#endif
