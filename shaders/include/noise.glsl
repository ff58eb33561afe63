// Smooth value noise without textures; every octave fades before it can alias.

float hash(vec2 cell) {
    vec3 q = fract(vec3(cell.xyx) * 0.1031);
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
}

// 0..1, mean 0.5, one feature a unit.
float noise(vec2 at) {
    vec2 cell = floor(at), f = at - cell;
    f = f * f * (3.0 - 2.0 * f);
    float low = mix(hash(cell), hash(cell + vec2(1.0, 0.0)), f.x);
    float high = mix(hash(cell + vec2(0.0, 1.0)), hash(cell + vec2(1.0, 1.0)), f.x);
    return mix(low, high, f.y);
}

#ifdef FRAGMENT
// noise - 0.5, gone where a feature is smaller than about two pixels.
float fine_noise(vec2 at) {
    vec2 step = fwidth(at);
    float fade = clamp(1.6 - 2.0 * max(step.x, step.y), 0.0, 1.0);
    return fade > 0.0 ? (noise(at) - 0.5) * fade : 0.0;
}
#endif
