// Covers what the lenses hide at the near plane, so that nothing behind it is shaded. Position: x/z, y/z, eye number.
#pragma cull none
#pragma clip

#ifdef VERTEX
vec4 clip(Point p) {
    vec4 t = tangents[EYE];
    vec2 place = 2.0 * (p.position.xy - t.xz) / (t.yw - t.xz) - 1.0;
    return int(p.position.z) == EYE ? vec4(place, 1.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(0.0, 0.0, 0.0, 1.0); }
#endif
