// Hills, shore, jetty and near leaves outside; light is baked at the vertices, light.a is how far wind moves a leaf.
#pragma displace
#include "sky.glsl"

#ifdef VERTEX
void displace(inout Point p) {
    float phase = dot(p.position, vec3(1.7, 2.3, 1.1));
    p.position += p.light.a * vec3(sin(seconds * 0.9 + phase), 0.4 * sin(seconds * 0.7 + 1.3 * phase), sin(seconds * 0.6 + phase));
}
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    vec3 d = -p.to_eye;
    float patches = fine_noise(p.uv) + 0.6 * fine_noise(p.uv * 3.7) + 0.4 * fine_noise(p.uv * 11.0);
    vec3 colour = p.colour.rgb * (1.0 + 0.7 * patches) * p.light.rgb;
    float air = 1.0 - exp(-p.distance / 800.0);
    float low = exp(-max(p.position.y + 3.0, 0.0) / 22.0);  // thicker over the water
    air = clamp(air + 0.13 * low * smoothstep(25.0, 160.0, p.distance), 0.0, 1.0);
    return vec4(mix(colour, haze(d), air), 1.0);
}
#endif
