// The state of the swell (scenes/valley/tide.py) and what follows from it for a place on the beach.
// uv of land and sea alike: metres inland of the mean waterline, and metres along the coast in the valley's frame.

layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec4 swash;    // metres inland that the sheet's edge reaches now, at its least; how far it moved foam; seconds since it turned
    vec4 breaker;  // metres inland of the coming wave's crest, its height in metres; seconds of a breath; seconds since the turn before
    vec4 arc;      // where in the grain the edge's arcs lie, of this wave and of the one before
    vec4 crests;   // metres inland that this wave came at most, the one before, any; seconds that the water has moved
    vec4 fell[16];  // when, in those seconds, the sheet's edge fell past: this and the next reach, the same in the wave before
};

const float REACH_STEP = 0.4;  // metres between two of `fell`
const float TRAVEL = 14.0;     // metres that a wave comes nearer in a breath
const float SLOPE = 0.085;     // of the beach and the ground before it

// The reach of a mean wave at which the edge stands at a place: it bends in rounded arcs that meet in points.
float reach_at(vec2 uv, vec2 where) {
#ifdef VERTEX
    vec4 g = textureLod(grain, vec2(uv.y / 27.0, 0.0) + where, 0.0);
#else
    vec4 g = texture(grain, vec2(uv.y / 27.0, 0.0) + where);
#endif
    float farther = 0.86 + 0.38 * sqrt(g.r * g.r + 0.01) + 0.07 * g.g + 0.03 * g.b;
    return swash.y + (uv.x - swash.y) / farther;
}

// Depth of the sheet in metres, `ahead` metres behind its edge.
float sheet_depth(float ahead) { return 0.06 * (1.0 - exp(-max(ahead, 0.0) / 0.9)); }
