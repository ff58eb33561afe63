// The state of the swell (scenes/valley/tide.py) and what follows from it for a place on the beach.
// uv of land and sea alike: metres inland of the mean waterline, and metres along the coast in the valley's frame.
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 swash;    // metres inland that the sheet's edge reaches now, at its least, its speed in m/s, seconds since its turn
    vec4 breaker;  // metres inland of the coming wave's crest, its height in metres, how far the sheet moved foam, breath's seconds
    vec4 lobes;    // two phases of the edge's arcs, of this wave and of the one before
    vec4 crests;   // how far inland this wave came, the one before; how far waves come at most; seconds since the turn before
    vec4 since[16];  // seconds since the sheet's edge fell past, by reach: 32 of this wave, 32 of the one before
};

const float REACH_STEP = 0.2;  // metres between two samples of `since`
const float TRAVEL = 14.0;     // metres that a wave comes nearer in a breath
const float SLOPE = 0.085;     // of the beach and the ground before it

// How much farther than the mean the edge comes at `x` along the coast: rounded arcs that meet in points.
float arcs(float x, vec2 phase) {
    float a = sin(0.43 * x + phase.x), b = sin(1.13 * x + phase.y), c = sin(2.93 * x + phase.x + 2.0 * phase.y);
    return 0.75 + 0.26 * sqrt(a * a + 0.03) + 0.13 * sqrt(b * b + 0.03) + 0.02 * c;
}

// The reach of a mean wave at which the edge stands at a place.
float reach_at(vec2 uv, vec2 phase) { return swash.y + (uv.x - swash.y) / arcs(uv.y, phase); }

// Depth of the sheet in metres, `ahead` metres behind its edge.
float sheet_depth(float ahead) { return 0.06 * (1.0 - exp(-max(ahead, 0.0) / 0.9)); }

// Metres by which the coming wave runs ahead of its mean at `x`, and how high it is there.
vec2 wave_at(float x) {
    float bend = 0.55 * sin(0.19 * x + lobes.x) + 0.3 * sin(0.47 * x + lobes.y);
    return vec2(bend, 0.8 + 0.35 * sin(0.31 * x + lobes.y + 1.0));
}
