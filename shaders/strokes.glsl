// Strokes of soft wax in the air: lit from the sky all round, light seeps through them and they may glow by themselves.
#pragma strokes
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    float own;  // share of its colour that a stroke radiates by itself; a point's alpha scales it
};

#ifdef FRAGMENT
vec4 surface(Point p) {
    float facing = dot(p.normal, to_key.xyz);
    float wrapped = max(facing + 0.4, 0.0) / 1.4;  // soft matter: light comes round the edge
    float through = max(dot(p.to_eye, -to_key.xyz), 0.0);
    vec3 beam = key.rgb * (0.8 * wrapped * wrapped + 0.25 * through * through * through);
    vec3 light = beam + mix(ground.rgb, skylight.rgb, 0.5 + 0.5 * p.normal.y);
    float edge = 1.0 - max(dot(p.to_eye, p.normal), 0.0);
    vec3 rim = 0.22 * edge * edge * mix(ground.rgb, middle.rgb, 0.5 + 0.5 * p.normal.y);
    return vec4(p.colour.rgb * (light + own * p.colour.a * (1.0 - 0.35 * edge)) + rim, 1.0);
}
#endif
