// The beach: dry and damp sand, the sheet of water that comes and goes, the film that mirrors the sky and drains, foam.
#include "sky.glsl"
#include "tide.glsl"
#include "water.glsl"

#ifdef FRAGMENT
// What a wave left where its edge would stand at `reach`: film of water and foam, each 0..1. `dry_since` is how long ago
// it fell past the two samples of reach around.
vec2 left_by(vec2 dry_since, float share, float below_crest, float turned, float lasts, float soft, float fresh) {
    float dry = mix(dry_since.x, dry_since.y, share);
    float film = smoothstep(1.0, 0.15, dry / lasts);
    float line = ramp(0.3, 0.02, below_crest) * exp(-0.22 * turned) * 0.75;
    return clamp(below_crest / soft, 0.0, 1.0) * vec2(film, max(line, fresh * exp(-0.75 * dry)));
}

// Without the air before it. `far` and `broad` are grain of tens and of a few metres.
vec3 sand(Point p, vec4 far, vec4 broad) {
    vec2 place = p.uv.yx, sunward = to_key.xz;
    float wide = 1.5 * fwidth(p.uv.x), soft = max(0.12, wide);
    vec4 near = DETAIL > 0 ? grain_at(place, 1.7) : broad.barg;
    vec4 fine = DETAIL > 1 ? grain_at(place, 0.43) : vec4(0.0);
    float beam = p.key * through_clouds(p.position);
    float border = p.uv.x - crests.z + 0.7 * broad.r;  // metres inland of what the waves keep damp
    float damp = ramp(0.65, -0.25, border + 0.15 * near.r), film = 0.0, sheet = 0.0, ahead = -1.0;
    vec2 left = vec2(0.0);
    vec4 foam = vec4(0.0);
    if (border < 1.5) {  // where the water may be, or was
        float now = reach_at(p.uv, arc.xy);
        foam = grain_at(place - vec2(0.0, swash.z), 1.31);
        ahead = swash.x - now + 0.09 * foam.r + 0.07 * foam.b;  // metres of sheet seaward of the edge
        sheet = smoothstep(0.0, soft, ahead);
        vec2 reach = vec2(now, DETAIL > 0 ? reach_at(p.uv, arc.zw) : now), at = clamp((reach - swash.y) / REACH_STEP, 0.0, 15.99);
        ivec2 k = ivec2(at);
        at = fract(at);
        float lasts = 6.4 + 1.2 * broad.g + 0.8 * near.r;  // seconds that a film takes to drain, longer in hollows
        float fresh = 0.5 * ramp(0.4, 1.8, now);  // of foam
        left = left_by(crests.w - fell[k.x].xy, at.x, crests.x - now, swash.w, lasts, soft, fresh);
        if (DETAIL > 0) left = max(left, left_by(crests.w - fell[k.y].zw, at.y, crests.y - reach.y, breaker.w, lasts, soft, fresh));
        film = max(left.x, sheet);
        damp = max(damp, film);
    }
    // the sand itself; the wind made ripples where it is dry
    float rough = (1.0 - 0.75 * damp) * (1.0 - sheet), seen = wide * 30.0;
    float strand = max(1.0 - 5.0 * (border - 1.1) * (border - 1.1), 0.0);  // what high water left
    float hollow = (border - 2.5 + far.b + 0.4 * broad.b) * 0.9;  // where the last high water stood longest, and the sand is still damp
    hollow = ramp(0.1, 0.9, 1.0 - hollow * hollow + 0.4 * far.r + 0.3 * broad.g);
    float pebble = DETAIL > 0 ? ramp(1.14, 1.30, near.b + 0.4 * strand + 0.25 * hollow) * (1.0 - damp) : 0.0;
    float slope = 0.06 * broad.g + 0.03 * fine.b;
    if (DETAIL > 0) slope += dot(grain_at(place + 0.018 * sunward, 1.7).rb - near.rb, vec2(0.16, 0.05 + 0.5 * pebble));
    if (DETAIL > 0) slope += 0.07 * ramp(-0.25, 0.45, broad.g) * clamp(1.2 - seen, 0.0, 1.0) * sin(62.0 * place.y + 5.0 * broad.r + 2.2 * near.r);
    slope *= rough;
    vec3 normal = p.normal - vec3(sunward.x, 0.0, sunward.y) * slope;
    vec3 albedo = mix(DRY, WET, max(0.8 * damp + 0.2 * film, 0.2 * hollow));
    albedo *= 1.0 + 0.10 * broad.r + 0.06 * near.b + rough * (0.06 * fine.b + 0.26 * fine.a) - 0.22 * hollow;
    albedo = mix(albedo, mix(vec3(0.50, 0.435, 0.335), vec3(0.10, 0.08, 0.055), strand), 0.75 * pebble);
    float lit = dot(normal, to_key.xyz);
    lit = 0.5 * (lit + sqrt(lit * lit + 0.012));  // troughs are lit by the grains around
    vec3 light = p.light.r * skylight.rgb + key.rgb * (beam * lit);
    light *= 1.0 - 0.22 * (1.0 - sheet) * ramp(-0.16, -0.02, ahead);  // the edge's own shadow
    vec3 colour = albedo * light;
    if (damp > 0.0) {
        // the film that drains, the sheet over it, and what foam is left
        vec2 ripple = mix(0.012 * near.rg, 0.05 * foam.rg + 0.03 * foam.ba, sheet);
        vec3 level = mix(vec3(0.0, 1.0, 0.0), p.normal, ramp(0.0, 2.5, p.uv.x)) + vec3(ripple.x, 0.0, ripple.y);
        float uneven = mix(mix(0.17, 0.03, film), 0.07, ramp(0.2, 2.5, ahead)), variance = uneven * uneven;
        vec3 seen_through = colour * (1.0 - vec3(3.2, 1.2, 1.0) * (sheet * sheet_depth(ahead)));
        colour = mix(colour, mirrored(p, level, variance, seen_through) + glitter(p, level, variance, beam), max(film, 0.28 * damp));
        float age = fract((breaker.x - p.uv.x + 0.35 + 0.35 * foam.r) / TRAVEL) * breaker.z;
        float edge = exp(-1.6 * max(ahead, 0.0)) * (0.65 + 0.4 * broad.b) * ramp(0.4, 1.8, swash.x);  // none where the sea has none
        float lively = sheet * (edge + 0.85 * exp(-0.9 * age) * ramp(0.2, 1.0, ahead) + 0.15 * foam.r);
        float white = max(lace(foam.b, lively * ramp(0.0, 0.2, ahead), wide), (1.0 - sheet) * lace(near.b, left.y, wide));
        colour = mix(colour, foam_lit(level, beam, foam.r), 0.85 * white);
    }
    return colour;
}
#endif
