// The vertex stage of every material: one instance an eye in a single pass.
layout(location = 0) in vec3 in_position;
layout(location = 1) in vec3 in_normal;
layout(location = 2) in vec2 in_uv;
layout(location = 3) in vec4 in_colour;
layout(location = 4) in vec4 in_light;
layout(location = 5) in float in_kind;

layout(location = 0) out Fragment {
    vec3 position;
    vec3 normal;
    vec2 uv;
    vec4 colour;
    vec4 light;
    flat float kind;
    flat int eye;
} fragment;

void main() {
    Point p;
#ifdef CLIP  // places its corners itself and reads no Draw block
    p.position = in_position;
    p.normal = in_normal;
#else
    p.position = (at * vec4(in_position, 1.0)).xyz;
    p.normal = mat3(at) * in_normal;
#endif
    p.uv = in_uv;
    p.colour = in_colour;
    p.light = in_light;
    p.kind = in_kind;
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
#ifdef CLIP
    gl_Position = clip(p);
#else
    gl_Position = clip_from_world[EYE] * vec4(p.position, 1.0);
#endif
#ifdef SINGLE_PASS
    gl_Layer = EYE;
#endif
}
