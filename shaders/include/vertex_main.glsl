// The vertex stage of every material: one instance an eye in a single pass.
layout(location = 2) in vec2 in_uv;
layout(location = 3) in vec4 in_colour;
layout(location = 4) in vec4 in_light;
layout(location = 5) in float in_kind;
#ifdef HORIZON
layout(location = 6) in vec4 in_horizon[4];
#endif

layout(location = 0) out Fragment {
    vec3 position;
    vec3 normal;
    vec2 uv;
    vec4 colour;
    vec4 light;
    flat float kind;
    flat int eye;
    float key;
} fragment;

#ifdef HORIZON
// Share of the key light that comes over the land: elevations are kept as square roots, 16 round the compass from -z.
float key_over_land() {
    vec4 kept[4] = in_horizon;
    float turn = mod(atan(to_key.x, -to_key.z) * 2.5464791 + 16.0, 16.0);
    int first = int(turn) & 15, next = (first + 1) & 15;
    float root = mix(kept[first >> 2][first & 3], kept[next >> 2][next & 3], fract(turn));
    float land = root * root * 1.5707963;
    return smoothstep(land - 0.02, land + 0.03, asin(clamp(to_key.y, -1.0, 1.0)));
}
#endif

#ifdef STROKES
#ifndef THICKNESS  // of a stroke, as a share of its width, by its fourth colour value
#define THICKNESS(coded) 1.0
#endif
// A corner of the ring about one end of the tube: it lies across the mean direction of both neighbours, so the next
// tube begins where this one ends and no corner sticks out. `in_position` is cosine, sine and which end.
void stroke(inout Point p) {
    int end = in_position.z > 0.5 ? 1 : 0;
    vec4 before = in_points[end], here = in_points[end + 1], after = in_points[end + 2];
    if (here.w <= 0.0) {  // the stroke's tip has one neighbour only
        before = in_points[1];
        after = in_points[2];
    }
    vec3 along = in_points[2].xyz - in_points[1].xyz, from = here.xyz - before.xyz, to = after.xyz - here.xyz;
    vec3 mean = (dot(from, from) > 0.0 ? normalize(from) : vec3(0.0)) + (dot(to, to) > 0.0 ? normalize(to) : vec3(0.0));
    vec3 t = normalize(dot(mean, mean) > 1e-6 ? mean : along);
    vec3 side = normalize(in_side[end] - t * dot(in_side[end], t));
    float thick = THICKNESS(in_paint[end].a);
    vec3 radial = side * in_position.x + cross(t, side) * in_position.y * thick;
    vec3 outward = side * in_position.x * thick + cross(t, side) * in_position.y;
    float slope = (after.w - before.w) / max(length(from) + length(to), 1e-6);
    p.position = (at * vec4(copied(here.xyz + radial * here.w), 1.0)).xyz;
    p.normal = mat3(at) * copied(outward - t * slope);
    p.colour = in_paint[end];
    p.uv = vec2(in_position.x, in_position.z);  // across -1..1, along 0..1 from one point to the next
    p.light = vec4(in_points[1].xyz, 0.0);  // where this tube begins: the same all over it
}
#endif

void main() {
    Point p;
#ifdef CLIP  // places its corners itself and reads no Draw block
    p.position = in_position;
    p.normal = in_normal;
#elif defined(COPIES)
    p.position = (at * vec4(in_row[0].xyz + turned(in_position * in_row[1].xyz), 1.0)).xyz;
    p.normal = mat3(at) * turned(in_normal / in_row[1].xyz);
#else
    p.position = (at * vec4(in_position, 1.0)).xyz;
    p.normal = mat3(at) * in_normal;
#endif
    p.uv = in_uv;
    p.colour = in_colour;
    p.light = in_light;
    p.kind = in_kind;
#ifdef COPIES
    p.colour.rgb *= in_row[2].rgb;
    p.light *= in_row[2].a;
#endif
#ifdef STROKES
    stroke(p);
#endif
#ifdef HORIZON
    p.key = key_over_land();
#else
    p.key = 1.0;
#endif
    p.to_eye = vec3(0.0);
    p.distance = 0.0;
#ifdef DISPLACE
    displace(p);
#endif
    fragment.position = p.position;
    fragment.normal = p.normal;
    fragment.uv = p.uv;
    fragment.colour = p.colour;
    fragment.light = p.light;
    fragment.kind = p.kind;
    fragment.eye = EYE;
    fragment.key = p.key;
#ifdef CLIP
    gl_Position = clip(p);
#elif defined(FIELD)
    gl_Position = vec4(in_position.xy, 0.5, 1.0);
    fragment.uv = 0.5 * in_position.xy + 0.5;
#else
    gl_Position = clip_from_world[EYE] * vec4(p.position, 1.0);
#endif
#if defined(SINGLE_PASS) && !defined(FIELD)
    gl_Layer = EYE;
#if defined(COPIES) || defined(STROKES)  // a camera beside the patient has one view: every second instance is nowhere
    if (drawn.w > 0.5 && EYE == 1) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    if (drawn.w > 0.5) gl_Layer = 0;
#endif
#endif
}
