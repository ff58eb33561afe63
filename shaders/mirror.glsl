// Shrinks the first layer of a multisampled picture for those who watch: every sample weighs as much of it as the pixel
// covers, and the top row comes first.
#pragma raw
#pragma clip

layout(std140, binding = 1) uniform Draw { vec4 sizes; };  // pixels: width and height before, width and height after

#ifdef VERTEX
vec4 clip(Point p) { return vec4(p.position.xy, 0.5, 1.0); }
#endif

#ifdef FRAGMENT
layout(binding = 4) uniform sampler2DMSArray picture;

vec4 surface(Point p) {
    vec2 at = floor(gl_FragCoord.xy), share = sizes.xy / sizes.zw;
    vec2 first = vec2(at.x, sizes.w - 1.0 - at.y) * share, last = first + share;
    ivec2 begin = ivec2(first + 1e-3), end = ivec2(ceil(last - 1e-3));  // no pixel for a rounding error's sake
    vec4 sum = vec4(0.0);
    for (int y = begin.y; y < end.y; ++y) {
        float high = min(float(y + 1), last.y) - max(float(y), first.y);
        for (int x = begin.x; x < end.x; ++x) {
            float wide = min(float(x + 1), last.x) - max(float(x), first.x);
            ivec3 place = ivec3(x, y, 0);
            sum += high * wide * (texelFetch(picture, place, 0) + texelFetch(picture, place, 1) + texelFetch(picture, place, 2) + texelFetch(picture, place, 3));
        }
    }
    return sum / (4.0 * share.x * share.y);
}
#endif
