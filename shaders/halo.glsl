// Soft light in the air around the lantern: a card that faces the seat.
#pragma blend add
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 lantern;
};

#ifdef FRAGMENT
vec4 surface(Point p) {
    float out_by = length(p.uv);  // 0 in the middle, 1 at the card's edge
    float fall = max(1.0 - out_by, 0.0);
    return vec4(lantern * 0.05 * fall * fall * fall / (0.25 + out_by), 0.0);
}
#endif
