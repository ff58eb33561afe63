// The state of the swell (scenes/valley/tide.py) and what follows from it for a place on the beach.
// uv of land and sea alike: metres inland of the mean waterline, and metres along the coast in the valley's frame.
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 swash;    // metres inland that the sheet's edge reaches now, at its least, its speed in m/s, seconds since its turn
    vec4 breaker;  // metres inland of the wave's crest; its height in metres; how far it breaks, 0..1; foam behind it, 0..1
    vec4 lobes;    // two phases of the edge's arcs, of this wave and of the one before
    vec4 crests;   // how far inland this wave came, the one before; how far waves come at most; seconds since the turn before
    vec4 since[16];  // seconds since the sheet's edge fell past, by reach: 32 of this wave, 32 of the one before
};

const float REACH_STEP = 0.2;  // metres between two samples of `since`

// How much farther than the mean the edge comes at `x` along the coast: rounded arcs that meet in points.
float arcs(float x, vec2 phase) {
    float a = sin(0.43 * x + phase.x), b = sin(1.13 * x + phase.y), c = sin(2.93 * x + phase.x + 2.0 * phase.y);
    return 1.0 + 0.26 * (sqrt(a * a + 0.02) - 0.66) + 0.12 * (sqrt(b * b + 0.02) - 0.66) + 0.02 * c;
}

// The reach of a mean wave at which the edge stands at a place.
float reach_at(vec2 uv, vec2 phase) { return swash.y + (uv.x - swash.y) / arcs(uv.y, phase); }

// Depth of the sheet in metres, `ahead` metres behind its edge.
float sheet_depth(float ahead) { return 0.055 * (1.0 - exp(-max(ahead, 0.0) / 0.9)); }
