// The sky in a map (sky_uv of sky.glsl): its radiance, and how much of it clouds cover. A share is painted in each frame.
#pragma field
#include "sky.glsl"

#ifdef FRAGMENT
// Only the broad part of the grain's first two fields, to bend other fields by: a fine bend would comb their edges.
vec2 bend_at(vec2 at, float metres) { return textureLod(grain, at / metres, 4.6).rg; }

// How thick the low clouds are at a place of their layer; below 0 there are none. Broad fields bend finer ones, and no
// two tiles are in a simple ratio, so that nothing comes again.
float body(vec2 at) {
    vec2 bent = at + 0.36 * bend_at(at, 5.3);
    float broad = grain_at(at - 0.4 * clouds.yz * seconds, 9.7).g;
    vec2 less = at + 0.16 * bend_at(at.yx, 2.3);
    float lumps = grain_at(bent, 3.37).r, heads = grain_at(less.yx + 0.3, 1.27).r, wisps = grain_at(less, 0.83).b;
    float rough = 1.0 - 0.5 * smoothstep(0.75, 1.0, clouds.x);  // a closed roof is smoother
    return clouds.x - 0.56 + rough * (0.42 * broad + 0.44 * lumps + 0.28 * heads + 0.12 * wisps);
}

// Low clouds: their radiance, and how much they hide. Light comes through them from the key's side; what faces away and
// what is thick is darker, thin edges before sun or moon shine.
vec4 low_clouds(vec3 d) {
    vec2 at = d.xz / (d.y + 0.10), there = to_key.xz / (max(to_key.y, 0.0) + 0.10);
    vec2 moved = at + clouds.yz * seconds, aside = normalize(there - at + 1e-4) * 0.16;
    float here = body(moved);
    float cover = smoothstep(0.0, 0.30, here) * smoothstep(0.015, 0.13, d.y);
    float thick = max(here, 0.0), roof = smoothstep(0.75, 1.0, clouds.x);
    float before = max(body(moved + aside), 0.0) + 0.7 * max(body(moved + 2.6 * aside), 0.0);
    float lit = exp(-2.6 * before), toward = max(dot(d, to_key.xyz), 0.0);
    float ahead = toward * toward * toward;
    ahead *= ahead;
    vec3 beam = key.rgb * (lit * (0.22 - 0.10 * ahead) + key.a * 0.9 * ahead * exp(-11.0 * thick));
    vec3 sky = mix(skylight.rgb, middle.rgb, 0.4) * (0.90 - mix(0.50, 0.36, roof) * smoothstep(0.0, 0.6 + 0.3 * roof, thick));
    float low_down = 1.0 - min(1.6 * d.y, 1.0);
    vec3 from_below = glow.rgb * (0.20 * toward_key(d) * low_down * low_down);  // the bright horizon lights their undersides
    return vec4(beam + sky + from_below, cover);
}

// Thin high clouds: long combed veils, slower than the low ones.
float veils(vec3 d) {
    vec2 at = d.xz / (d.y + 0.24) + 0.35 * clouds.yz * seconds;
    vec2 along = vec2(0.82 * at.x + 0.57 * at.y, 0.82 * at.y - 0.57 * at.x);
    along += vec2(0.2, 0.10) * bend_at(at, 3.1);
    float field = 0.5 + 0.9 * grain_at(at + 3.0, 5.3).g;
    float combed = 0.5 + 0.55 * grain_at(along * vec2(0.25, 1.0), 2.9).r + 0.30 * grain_at(along * vec2(0.3, 1.6), 2.3).b;
    return low.a * smoothstep(0.1, 0.9, field) * smoothstep(0.15, 1.2, combed) * smoothstep(0.04, 0.22, d.y);
}

// Long low banks over the horizon.
float banks(vec3 d) {
    vec2 ring = normalize(d.xz + 1e-5) * (1.0 + 9.0 * d.y) + 0.10 * clouds.yz * seconds;
    float body = 0.65 * grain_at(ring, 2.3).r + 0.4 * grain_at(ring.yx, 0.91).g;
    return glow.a * smoothstep(0.05, 0.55, body) * smoothstep(0.012, 0.035, d.y) * smoothstep(0.20, 0.07, d.y);
}

// The band of stars too faint to be seen one by one, across the sky from the left behind to the right ahead.
vec3 star_band(vec3 d) {
    float off = dot(d, vec3(0.58, 0.42, 0.70)), at = dot(d, vec3(-0.77, 0.0, 0.64));
    vec2 place = vec2(at, off) * vec2(1.0, 1.6);
    float lumps = 0.5 + 0.5 * grain_at(place, 1.7).r + 0.3 * grain_at(place.yx, 0.71).g;
    float rift = smoothstep(0.16, 0.0, abs(off + 0.05 * grain_at(place, 1.1).g)) * smoothstep(-0.3, 0.6, grain_at(place, 0.93).r);
    float band = exp(-18.0 * off * off) * clamp(lumps, 0.0, 1.4) * (1.0 - 0.6 * rift);
    return zenith.a * zenith.a * band * smoothstep(0.03, 0.35, d.y) * vec3(0.0145, 0.0160, 0.0220);
}

// Faint curtains of light low in the north, which lies 19 degrees to the right of -z.
vec3 aurora(vec3 d) {
    float side = dot(d.xz, vec2(0.9455, 0.3256)), ahead = dot(d.xz, vec2(0.3256, -0.9455));
    float slow = 0.004 * seconds, sum = 0.0;
    vec2 place = vec2(side * 0.6, 0.0);
    for (int k = 0; k < 2; ++k) {
        float bend = grain_at(place + vec2(slow, 0.37 * float(k) + 0.4 * slow), 1.9).r;
        float base = 0.055 + 0.045 * float(k) + 0.030 * bend, above = d.y - base;
        float folds = 0.55 + 0.7 * grain_at(place * 2.0 + vec2(-1.7 * slow + 0.05 * bend, 0.21 + 0.3 * float(k) + slow), 0.63).r;
        sum += (1.0 - 0.35 * float(k)) * clamp(folds, 0.0, 1.3) * smoothstep(-0.025, 0.02, above) * exp(-max(above, 0.0) * 11.0);
    }
    float window = smoothstep(0.35, 0.9, ahead) * middle.a;
    return window * sum * mix(vec3(0.010, 0.032, 0.024), vec3(0.016, 0.014, 0.034), smoothstep(0.08, 0.28, d.y));
}

// Rain under a far cloud, 42 degrees to the right of -z: a dark foot of cloud and soft streaks that lean with the wind.
vec2 rain(vec3 d) {
    float side = atan(d.x, -d.z) - 0.73;  // no seam ahead of the seat, where it rains
    float lean = side + 0.45 * (d.y - 0.14);
    float edge = side + 0.09 * grain_at(vec2(side, d.y) + 0.002 * seconds, 1.3).r;
    float foot = smoothstep(0.42, 0.12, abs(edge)) * smoothstep(0.10, 0.15, d.y) * smoothstep(0.30, 0.17, d.y);
    float streaks = 0.62 + 0.40 * grain_at(vec2(3.0 * lean, 0.12 * d.y + 0.004 * seconds), 1.9).r
        + 0.25 * grain_at(vec2(5.0 * lean, 0.2 * d.y + 0.010 * seconds), 1.3).b;
    float shaft = smoothstep(0.30, 0.06, abs(lean + 0.03)) * smoothstep(0.19, 0.12, d.y) * clamp(streaks, 0.0, 1.2);
    return wind.a * vec2(foot, shaft * (0.6 + 0.4 * smoothstep(0.0, 0.1, d.y)));
}

vec4 surface(Point p) {
    vec2 disc = (p.uv - 0.5) / (0.5 - 2.0 / SKY_MAP_TEXELS);
    float r = dot(disc, disc);
    vec3 d = r < 1.0 ? vec3(2.0 * disc.x, 1.0 - r, 2.0 * disc.y) / (1.0 + r) : vec3(disc.x, 0.0, disc.y) * inversesqrt(r);
    vec3 sky = clear_sky(d), far = clear_sky(normalize(vec3(d.x, 0.04, d.z)));
    float toward = max(dot(d, to_key.xyz), 0.0);

    vec3 aureole = key.rgb * key.a * (0.20 * pow(toward, 300.0) + 0.35 * pow(toward, 2500.0));
    sky += aureole;
    if (zenith.a > 0.0) sky += star_band(d);
    if (middle.a > 0.0) sky += aurora(d);

    float veil = veils(d);
    vec3 high = sky + key.rgb * (0.10 + 0.16 * toward * toward * toward) + 0.25 * skylight.rgb;
    sky = mix(sky, high, 0.62 * veil);

    float bank = banks(d);
    sky = mix(sky, 0.5 * far + 0.3 * skylight.rgb + 0.05 * key.rgb, 0.6 * bank);

    vec4 cloud = low_clouds(d);
    cloud.rgb = mix(far, cloud.rgb, 0.25 + 0.75 * smoothstep(0.02, 0.32, d.y));  // the air between
    sky = mix(sky, cloud.rgb, cloud.a);
    if (wind.a > 0.0) {
        vec2 wet = rain(d);
        sky = mix(sky, 0.36 * skylight.rgb + 0.12 * far, 0.8 * wet.x);
        sky = mix(sky, 0.34 * skylight.rgb + 0.25 * far, 0.75 * wet.y);
    }
    return vec4(sky, 1.0 - (1.0 - cloud.a) * (1.0 - 0.35 * veil) * (1.0 - 0.6 * bank));
}
#endif
