// The bay: a long low swell, the wave that comes with the breath, ripples, the sky in it, and the ground where it is shallow.
// light.r of a corner is the depth of water over the ground in metres.
#pragma displace
#pragma horizon
#include "tide.glsl"
#include "sky.glsl"
#include "water.glsl"

#ifdef VERTEX
// One long wave toward the coast: height and its slopes along the coast and inland.
vec3 long_wave(vec2 uv, float metres, float height, float askew, float seconds_each) {
    float k = 6.2831853 / metres;
    float phase = k * (askew * uv.y - uv.x) + 6.2831853 * seconds / seconds_each;
    return height * vec3(sin(phase), k * askew * cos(phase), -k * cos(phase));
}

void displace(inout Point p) {
    float deep = clamp(p.light.r / 1.2, 0.0, 1.0);
    float seen = exp(-length(p.position.xz) / 70.0) * deep;
    vec3 wave = seen * (long_wave(p.uv, 17.0, 0.075, 0.21, 4.1) + long_wave(p.uv, 9.3, 0.045, -0.34, 3.1)
        + long_wave(p.uv, 6.1, 0.022, 0.55, 2.3));
    vec2 there = wave_at(p.uv.y);
    float d = p.uv.x - breaker.x - there.x, width = d > 0.0 ? 0.8 : 2.1, hump = exp(-d * d / (width * width));
    float height = breaker.y * there.y * smoothstep(0.3, -0.9, p.uv.x);
    wave += height * hump * vec3(1.0, 0.0, -2.0 * d / (width * width));
    float now = reach_at(p.uv, lobes.xy);
    float sheet = sheet_depth(swash.x - now) * smoothstep(-3.0, -1.0, p.uv.x) * smoothstep(0.3, -0.8, p.uv.x);
    p.position.y += wave.x + sheet + max(p.uv.x, 0.0) * SLOPE - 0.4 * smoothstep(0.2, 0.5, p.uv.x);
    p.normal = normalize(vec3(-wave.y, 1.0, -wave.z));
    p.colour.r = height * hump;
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 place = p.uv.yx;
    float near = exp(-p.distance / 60.0);
    float moved = 0.8 * (swash.x - swash.y) * smoothstep(-6.0, 0.3, p.uv.x);
    vec2 drift = vec2(0.11, 0.32) * seconds;
    vec4 grown = grain_at(place * vec2(0.5, 1.0) + drift, 19.0);
    vec4 small = grain_at(place * vec2(0.7, 1.0) + vec2(-0.6, 1.0) * drift, 4.3);
    vec4 foam = grain_at(vec2(place.x, place.y - moved), 1.31);
    vec2 ripple = near * (0.055 * grown.rg + 0.05 * small.rg + 0.05 * small.ba + 0.025 * foam.rg);
    vec3 normal = normalize(p.normal + vec3(ripple.x, 0.0, ripple.y));
    float variance = 0.008 + 0.030 * (1.0 - near);
    float depth = p.light.r + p.colour.r;
    float beam = p.key * through_clouds(p.position);
    vec3 light = skylight.rgb + key.rgb * (beam * to_key.y);
    float caustic = 0.75 + 0.9 * smoothstep(0.35, 0.0, abs(small.b + 0.5 * foam.b)) * exp(-4.0 * depth);
    vec3 colour = water_seen(p, normal, variance, depth, WET * light * caustic, beam);
    // the wave breaks, and what it leaves dissolves
    float d = breaker.x + wave_at(p.uv.y).x - p.uv.x, age = fract(d / TRAVEL) * breaker.w;
    float breaks = smoothstep(-6.0, -3.0, p.uv.x);
    float white = breaks * (0.85 * exp(-0.5 * age) + 0.2 * foam.r + 0.2 * small.r);
    colour = mix(colour, vec3(0.86, 0.83, 0.78) * (1.25 * skylight.rgb + 0.55 * key.rgb * beam), 0.85 * lace(foam.b, white, 1.5 * fwidth(p.uv.x)));
    return vec4(through_air(colour, p), 1.0);
}
#endif
