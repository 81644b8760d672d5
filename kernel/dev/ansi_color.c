/*
 * A terminal's screen: the colours of what is drawn, CSI m.
 */
#include "kernel/dev/ansi.h"

u8 ansi_colors(const struct ansi *screen)
{
    u8 front = screen->foreground, back = screen->background;
    if (screen->bold)
        front |= ANSI_BRIGHT;
    return screen->inverse ? (u8)(back | front << 4) : (u8)(front | back << 4);
}

void ansi_reset_colors(struct ansi *screen)
{
    screen->foreground = ANSI_WHITE;
    screen->background = ANSI_BLACK;
    screen->bold = false;
    screen->inverse = false;
}

void ansi_set_color(struct ansi *screen, unsigned code)
{
    switch (code) {
    case 0:
        ansi_reset_colors(screen);
        return;
    case 1:
        screen->bold = true;
        return;
    case 7:
        screen->inverse = true;
        return;
    case 22:
        screen->bold = false;
        return;
    case 27:
        screen->inverse = false;
        return;
    case 39:
        screen->foreground = ANSI_WHITE;
        return;
    case 49:
        screen->background = ANSI_BLACK;
        return;
    default:
        if (code >= 30 && code <= 37)
            screen->foreground = (u8)(code - 30);
        else if (code >= 40 && code <= 47)
            screen->background = (u8)(code - 40);
        else if (code >= 90 && code <= 97)
            screen->foreground = (u8)(code - 90 + ANSI_BRIGHT);
        else if (code >= 100 && code <= 107)
            screen->background = (u8)(code - 100 + ANSI_BRIGHT);
    }
}
