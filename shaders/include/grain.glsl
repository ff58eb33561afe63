// Natural variation from one tiling texture (scenes/valley/grain.py): soft, without a grid, gone before it can shimmer.
layout(binding = 4) uniform sampler2D grain;

#ifdef FRAGMENT
// Four independent textures of variation, each about -1..1 with mean 0, one tile `metres` wide. r: broad and soft,
// g: the same of another seed, b: medium, a: fine.
vec4 grain_at(vec2 position, float metres) { return texture(grain, position / metres); }
#endif
