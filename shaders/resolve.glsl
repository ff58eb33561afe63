// Averages the samples of the two-layer picture into an eye's own image, or into one image with both eyes side by side.
#pragma raw
#pragma clip
layout(binding = 4) uniform sampler2DMSArray picture;

#ifdef VERTEX
vec4 clip(Point p) { return vec4(p.position.xy, 0.5, 1.0); }
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    int width = int(drawn.x);
    ivec3 at = ivec3(pixel.x % width, pixel.y, EYE + pixel.x / width);
    return 0.25 * (texelFetch(picture, at, 0) + texelFetch(picture, at, 1) + texelFetch(picture, at, 2) + texelFetch(picture, at, 3));
}
#endif
