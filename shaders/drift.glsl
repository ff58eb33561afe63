// Where motes are at a moment: they wander round their homes on slow eddies and with the wind, inside a box that has no
// walls. All of it follows from the homes and the time, so a frame needs none before it.
#pragma kernel
layout(binding = 4) uniform sampler2D grain;
layout(std140, binding = 1) uniform Draw {
    mat4 at;
    vec3 middle;   // of the box, metres; homes are relative to it
    float life;    // seconds that a mote is seen before it comes again elsewhere
    vec3 room;     // edges of the box, metres
    float speed;   // metres a second at full wind
    float sway;    // metres that an eddy carries a mote
    float eddy;    // metres that a tile of eddies is wide
};

#ifdef COMPUTE
// 0..1, its own for each mote and life (pcg of Jarzynski and Olano 2020); whole numbers are the same on every GPU.
float chance(uint index, uint lived, uint salt) {
    uint state = (index * 4096u + lived * 8u + salt) * 747796405u + 2891336453u;
    uint word = ((state >> ((state >> 28) + 4u)) ^ state) * 277803737u;
    return float(((word >> 22) ^ word) >> 8) / 16777216.0;
}

// Around hills and hollows of the grain: a flow that neither gathers nor thins.
vec2 curl(vec2 uv) {
    const float h = 1.0 / 64.0;
    float east = textureLod(grain, uv + vec2(h, 0.0), 0.0).r, west = textureLod(grain, uv - vec2(h, 0.0), 0.0).r;
    float south = textureLod(grain, uv + vec2(0.0, h), 0.0).r, north = textureLod(grain, uv - vec2(0.0, h), 0.0).r;
    return vec2(south - north, west - east);
}

Row each(Row home, uint index) {
    float age = seconds / life + chance(index, 0u, 0u);
    uint lived = uint(age) & 511u;
    float part = fract(age);
    vec3 p = home.place.xyz + room * vec3(chance(index, lived, 1u), chance(index, lived, 2u), chance(index, lived, 3u));
    p.xz += wind.xy * wind.z * speed * life * part;
    vec2 uv = (p.xz + 0.11 * p.y) / eddy;
    p.xz += sway * curl(uv + 0.006 * seconds);
    p.y += 0.5 * sway * curl(uv.yx - 0.009 * seconds).x;
    p = mod(p + 0.5 * room, room) - 0.5 * room;
    vec3 inner = smoothstep(vec3(0.0), 0.12 * room, 0.5 * room - abs(p));  // gone before it wraps round
    float seen = smoothstep(0.0, 0.15, part) * smoothstep(1.0, 0.8, part) * inner.x * inner.y * inner.z;
    home.place = vec4(middle + p, home.place.w + 6.2831853 * part);
    home.size.xyz *= seen;
    home.free.x = seen;
    return home;
}
#endif
