// The stage of every kernel: one row an invocation.
#ifdef VULKAN  // bindings of blocks, images and buffers are counted together
#define HOMES 8
#define ROWS 9
#else
#define HOMES 0
#define ROWS 1
#endif
layout(local_size_x = 64) in;
layout(std430, binding = HOMES) readonly buffer Homes { Row homes[]; };
layout(std430, binding = ROWS) writeonly buffer Rows { Row rows[]; };

void main() {
    uint index = gl_GlobalInvocationID.x;
    if (index < uint(homes.length())) rows[index] = each(homes[index], index);
}
