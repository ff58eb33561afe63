// What every material sees: the View block, a Point, and colour helpers.

#if defined(SINGLE_PASS) && defined(VULKAN)
#define EYE (gl_InstanceIndex & 1)
#elif defined(SINGLE_PASS)
#define EYE (gl_InstanceID & 1)
#else
layout(std140, binding = 2) uniform Which { int which_eye; };
#define EYE which_eye
#endif

layout(std140, binding = 0) uniform View {
    mat4 clip_from_world[2];
    vec4 eye_position[2];
    vec4 tangents[2];   // left, right, down, up of each eye's view
    vec4 mist;          // colour as linear display light, amount 0..1
    float seconds;      // the living world's time
    float scene_seconds; // guided time since the scene began
    float exposure;
    float brightness;
    vec4 drawn;         // width and height in pixels of an eye's picture, its images may be larger; detail 0..2;
                        // 1 where the first view is all there is
};

// The light of the place, the same for all that is drawn in a frame: vr_app.api.Light says what each value is.
layout(std140, binding = 3) uniform Light {
    vec4 to_key;
    vec4 key;
    vec4 zenith;
    vec4 middle;
    vec4 low;
    vec4 glow;
    vec4 haze;
    vec4 haze_key;
    vec4 skylight;
    vec4 ground;
    vec4 clouds;
    vec4 wind;
};

#ifndef DETAIL  // 2: all there is, 1: less, 0: least; the same for a whole frame
#define DETAIL int(drawn.z + 0.5)
#endif

struct Point {
    vec3 position;
    vec3 normal;
    vec2 uv;
    vec4 colour;
    vec4 light;
    float kind;  // which of a material's surfaces; whole for each triangle
    float key;   // share of the key light that land and things around let through; 1 without `#pragma horizon`
    vec3 to_eye;
    float distance;
};

#ifdef COMPUTE
// A row of a buffer (Kit.buffer): position, turn; scale, free; colour, factor of the light; free.
struct Row {
    vec4 place;
    vec4 size;
    vec4 colour;
    vec4 free;
};
#endif

#ifdef VERTEX
layout(location = 0) in vec3 in_position;  // of the mesh's own
layout(location = 1) in vec3 in_normal;
#endif

#if defined(VERTEX) && defined(COPIES)
// What places this copy: position, turn; scale, free; colour, light; free (see Kit.buffer).
layout(location = 10) in vec4 in_row[4];

// A direction of the mesh's own, turned as the copy is.
vec3 turned(vec3 v) {
    float c = cos(in_row[0].w), s = sin(in_row[0].w);
    return vec3(c * v.x + s * v.z, v.y, c * v.z - s * v.x);
}
#endif

#if defined(VERTEX) && defined(STROKES)
// A tube between two control points: sides and colours of both, positions and radii of four in a row; and how this copy
// is turned about +y and mirrored across x = 0: cosine, sine, -1 where it is mirrored.
layout(location = 6) in vec3 in_side[2];
layout(location = 8) in vec4 in_paint[2];
layout(location = 10) in vec4 in_points[4];
layout(location = 14) in vec3 in_copy;

// A place or direction of the stroke's own, as this copy has it.
vec3 copied(vec3 v) {
    v.x *= in_copy.z;
    return vec3(in_copy.x * v.x + in_copy.y * v.z, v.y, in_copy.x * v.z - in_copy.y * v.x);
}
#endif
