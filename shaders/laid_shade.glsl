// Shade behind a thing that lies in a bay, on the cloth: copies of a card; uv -1..1, the row's fifth value its strength.
#pragma copies
#pragma displace
#pragma blend alpha
#pragma cull none

#ifdef VERTEX
void displace(inout Point p) { p.light.x = in_row[3].x; }
#endif

#ifdef FRAGMENT
vec4 surface(Point p) {
    float in_by = max(1.0 - dot(p.uv, p.uv), 0.0);
    return vec4(0.0, 0.0, 0.0, 0.46 * p.light.x * in_by * in_by);
}
#endif
