// The fragment stage of every material: surface, exposure, tone, mist, dither.
layout(location = 0) in Fragment {
    vec3 position;
    vec3 normal;
    vec2 uv;
    vec4 colour;
    vec4 light;
    flat float kind;
    flat int eye;
    float key;
} fragment;

layout(location = 0) out vec4 out_colour;

// Filmic curve (Narkowicz 2015, "ACES Filmic Tone Mapping Curve"), lifted to black #0B0F1A and held at white #F7F1E8.
vec3 tone(vec3 radiance) {
    vec3 x = radiance * exposure;
    vec3 curve = clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0);
    const vec3 black = vec3(0.00335, 0.00478, 0.01033);
    const vec3 white = vec3(0.93011, 0.87962, 0.80695);
    return mix(black, white, curve) * brightness;
}

// Interleaved gradient noise (Jimenez 2014), in -0.5..0.5.
float gradient_noise(vec2 pixel) { return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715)))) - 0.5; }

void main() {
    Point p;
    vec3 to_eye = eye_position[fragment.eye].xyz - fragment.position;
    p.position = fragment.position;
    p.distance = length(to_eye);
    p.to_eye = to_eye / max(p.distance, 1e-6);
    float size = length(fragment.normal);
    p.normal = size > 0.0 ? fragment.normal / size : p.to_eye;
    p.uv = fragment.uv;
    p.colour = fragment.colour;
    p.light = fragment.light;
    p.kind = fragment.kind;
    p.key = fragment.key;
    vec4 surfaced = surface(p);
#if defined(RAW) || defined(FIELD)
    out_colour = surfaced;
#else
    float alpha = clamp(surfaced.a, 0.0, 1.0);
    // Mist rises from far to near and covers all at amount 1, the horizon too in its own time: no part of the picture
    // may change at once. It is lighter above than below.
    float cover = 1.0 - (1.0 - mist.a) * exp(-mist.a * 0.6 * p.distance / (1.0 + p.distance / 4.0));
    vec3 air = mist.rgb * mix(1.12, 0.84, smoothstep(-0.8, 0.8, p.to_eye.y));
#if defined(BLEND_ADD)
    out_colour = vec4((tone(surfaced.rgb) - tone(vec3(0.0))) * (1.0 - cover), 0.0);
#elif defined(BLEND_ALPHA)
    vec3 colour = mix(tone(surfaced.rgb / max(alpha, 1e-4)), air, cover);
    out_colour = vec4(colour * alpha, alpha);
#else
    vec3 colour = mix(tone(surfaced.rgb), air, cover);
    // what a step of the encoded picture is in linear light: the slope of sRGB's decoding (IEC 61966-2-1)
    out_colour = vec4(colour + pow(colour, vec3(1.4 / 2.4)) * (gradient_noise(gl_FragCoord.xy) * 2.4 / 1.055 / 255.0), 1.0);
#ifdef BLEND_COVERAGE  // how many of the pixel's samples it takes; an edge is a pixel wide at any distance
    out_colour.a = clamp((surfaced.a - 0.5) / max(fwidth(surfaced.a), 1e-3) + 0.5, 0.0, 1.0);
#endif
#endif
#endif
}
