// The bay: a long low swell, the wave that comes with the breath, ripples, the sky in it, and the ground where it is shallow.
// light of a corner: depth of water over the ground in metres; how far land is mirrored there, 0..1.
#pragma displace
#pragma horizon
#include "sky.glsl"
#include "tide.glsl"
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
    // the crest is neither straight nor as high all along; it breaks first where it is highest, and runs sideways from there
    vec4 bent = textureLod(grain, vec2(p.uv.y / 47.0, 0.31) + arc.xy, 0.0);
    float tall = clamp(0.74 + 0.55 * bent.g + 0.25 * bent.b, 0.45, 1.0), bend = 1.1 * bent.r + 0.35 * bent.b;
    float since_broken = breaker.x + 8.2 * tall - 2.6, broken = smoothstep(0.0, 2.2, since_broken);  // metres of its way
    float d = p.uv.x - breaker.x - bend, width = d > 0.0 ? 0.9 + 0.5 * broken : 2.1, hump = exp(-d * d / (width * width));
    float height = breaker.y * tall * (1.0 - 0.35 * broken) * smoothstep(0.3, -0.9, p.uv.x);
    wave += height * hump * vec3(1.0, 0.0, -2.0 * d / (width * width));
    float sheet = sheet_depth(swash.x - reach_at(p.uv, arc.xy)) * smoothstep(-3.0, -1.0, p.uv.x);
    p.position.y += wave.x + sheet * smoothstep(0.3, -0.8, p.uv.x) + max(p.uv.x, 0.0) * SLOPE - 0.4 * smoothstep(0.2, 0.5, p.uv.x);
    p.normal = normalize(vec3(-wave.y, 1.0, -wave.z));
    p.colour = vec4(height * hump + sheet, d, since_broken, tall * hump * smoothstep(0.0, 0.2, breaker.y));
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec2 place = p.uv.yx;
    float near = exp(-p.distance / 45.0), shore = ramp(-4.0, 0.0, p.uv.x);
    float moved = swash.z * ramp(-6.0, 0.3, p.uv.x);
    vec2 drift = vec2(0.11, 0.32) * seconds;
    vec4 far = DETAIL > 1 ? grain_at(place * vec2(0.35, 1.0) + 0.4 * drift, 150.0) : vec4(0.0);
    // drawn out away from the coast: seen so flat, waves that are as long as wide would be smears
    vec4 grown = grain_at(place * vec2(0.9, 0.55) + vec2(0.4, 0.5) * drift, 19.0);
    vec4 small = grain_at(place * vec2(0.8, 0.9) + vec2(-0.5, 0.8) * drift, 4.3);
    vec4 foam = DETAIL > 0 ? grain_at(vec2(place.x, place.y - moved), 1.31) : small.barg;
    // ripples, and how rough the water is where they are too small to see; gusts leave patches
    vec2 ripple = (1.0 - 0.6 * shore) * ((0.055 * near) * (small.rg + small.ba) + (0.015 + 0.04 * near) * (0.5 * grown.rg + grown.ba));
    ripple += 0.03 * near * foam.rg;
    vec3 normal = p.normal + vec3(ripple.x, 0.0, ripple.y);
    float variance = mix((0.008 + 0.022 * (1.0 - near)) * (1.0 + 0.5 * far.r + 0.3 * grown.r), 0.005, shore);
    float depth = max(p.light.r + p.colour.r, 0.0);  // corners are reached past at a far edge
    float beam = p.key * through_clouds(p.position);
    vec3 light = skylight.rgb + key.rgb * (beam * (to_key.y + 0.06));
    float caustic = 1.0;
    if (DETAIL > 0) caustic += (0.9 * ramp(0.35, 0.0, abs(small.b + 0.5 * foam.b)) - 0.25) * exp(-4.0 * depth) * ramp(0.0, 0.15, depth);
    vec3 colour = mirrored(p, normal, variance, seen_into(max(dot(p.to_eye, normal), 0.0), depth, WET * light * caustic, beam));
    float uneven = clamp(0.8 * far.r + 0.7 * far.b + 0.8 * grown.b + 0.8 * small.r + 0.5 * small.b, -0.8, 1.6);  // the path has no straight sides
    colour *= 1.0 - p.light.g * (1.0 - 0.6 * uneven) * vec3(0.52, 0.50, 0.58);
    colour += glitter(p, normal, variance * (1.2 + uneven) + 0.006 * near, beam * (1.0 + 0.35 * uneven));
    float toward = max(-dot(p.to_eye, to_key.xyz), 0.0), narrow = toward * toward;
    narrow *= narrow;  // light comes through the top of the crest, before the sun
    colour += ramp(0.6, 1.0, p.colour.a) * narrow * narrow * beam * key.rgb * vec3(0.030, 0.085, 0.075);
    // the wave breaks, tumbles down its front, and what it leaves dissolves
    float broken = ramp(0.0, 2.2, p.colour.b), d = 0.8 * broken - p.colour.g + 0.35 * foam.r + 0.4 * small.r;
    float behind = broken * exp(-0.9 * max(d, 0.0) / TRAVEL * breaker.z) * ramp(0.6, -0.9, d - p.colour.b);
    float white = behind * ramp(0.0, 0.5, d) * (0.85 + 0.7 * small.r + 0.5 * grown.r);
    white = lace(foam.b, white, 1.5 * fwidth(p.uv.x));
    colour = mix(colour, foam_lit(normal, beam, foam.r), 0.85 * white);
    p.distance *= 1.7;  // the air over the water is moist: it melts into the sky
    return vec4(through_air(colour, p), 1.0);
}
#endif
