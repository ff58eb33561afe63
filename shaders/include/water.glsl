// Water as a material: the sky in it, the sun's glitter, the ground through it, foam on it. After tide.glsl and sky.glsl.
#ifdef FRAGMENT
const vec3 DRY = vec3(0.364, 0.302, 0.224), WET = vec3(0.190, 0.145, 0.102);  // albedo of sand

// 0 at a, 1 at b, even between; an instruction where both are constant.
float ramp(float a, float b, float x) { return clamp((x - a) / (b - a), 0.0, 1.0); }

// Foam of a density 0..1 as lace: `vein` is a noise of mean 0 whose zero lines are the last to burst. Where its cells are
// smaller than a pixel, `wide` metres, only their mean cover is left.
float lace(float vein, float density, float wide) {
    float cover = mix(ramp(0.0, 0.4, density - 1.4 * abs(vein)), 0.9 * clamp(density, 0.0, 1.0), ramp(0.02, 0.10, wide));
    return cover * min(1.0, 0.3 + max(density, 0.0));
}

// The sun in water of a slope `variance`: as wide as it is, but never glaring; the moon's path is half as bright again.
vec3 glitter(Point p, vec3 normal, float variance, float sun) {
    vec3 half_way = normalize(to_key.xyz + p.to_eye);
    float c = max(dot(half_way, normal), 0.05), f = 1.0 - dot(half_way, p.to_eye), f2 = f * f;
    return key.rgb * (key.a * (1.5 - 0.5 * to_key.w) * sun * (0.05 + 1.7 * f2 * f2 * f) * exp((1.0 - 1.0 / (c * c)) / (variance + 0.004)));
}

// Light that foam gives back, of a surface with `normal`.
vec3 foam_lit(vec3 normal, float beam, float thick) {
    return (0.67 + 0.24 * thick) * (vec3(1.15, 1.12, 1.06) * skylight.rgb + key.rgb * (beam * (0.22 + 1.3 * max(dot(normal, to_key.xyz), 0.0))));
}

// The sky in a surface of water above what is seen through it; `variance` of the slopes that are too small to see.
// The mirror of rough water is Bruneton's (2010, "Real-time Realistic Ocean Lighting").
vec3 mirrored(Point p, vec3 normal, float variance, vec3 beneath) {
    float facing = clamp(dot(p.to_eye, normal), 0.03, 1.0), rough = sqrt(variance);
    float mirror = 0.02 + 0.98 * pow(1.0 - facing, 5.0 - 9.0 * rough) / (1.0 + 36.0 * rough * sqrt(rough));
    vec3 r = reflect(-p.to_eye, normal);
    r.y = abs(r.y) + 2.6 * rough;
    return mix(beneath, sky_mirrored(normalize(r), 0.15 + 2.0 * rough), mirror);
}

// What is seen into water `depth` metres deep over a lit `bed`.
vec3 seen_into(float facing, float depth, vec3 bed, float sun) {
    vec3 through = exp(-vec3(1.75, 0.66, 0.52) * (depth * (1.0 + inversesqrt(0.44 + 0.56 * facing * facing))));
    return mix(vec3(0.033, 0.088, 0.150) * (skylight.rgb + 0.25 * sun * key.rgb), bed, through);
}
#endif
