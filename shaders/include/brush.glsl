// Which brush a stroke is of, and its own value 0..1, from its fourth colour byte; scenes/making/brushes.py writes it.
const int RIBBON = 0, INK = 1, CHALK = 2, LEAF = 3, DUST = 4, TUBE = 5;

int brush_of(float coded) { return int(coded * 255.0 + 0.5) >> 5; }
float own_of(float coded) { return float(int(coded * 255.0 + 0.5) & 31) / 31.0; }

// How thick it is, as a share of its width: ribbons and leaves are flat, chalk lies flat.
float thickness(float coded) {
    int which = brush_of(coded);
    return which == RIBBON ? 0.06 : which == LEAF ? 0.10 : which == CHALK ? 0.3 : 1.0;
}
