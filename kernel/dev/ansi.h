/*
 * A terminal's screen: the characters and control sequences that a program writes, turned into a
 * few simple operations on a grid of cells.
 *
 * Source: ECMA-48 "Control Functions for Coded Character Sets", 8.3; the part of it that Linux's
 * console has and programs use: cursor movement (CSI A B C D E F G H d f), erasing (CSI J K),
 * colours (CSI m), saving the cursor (CSI s u, ESC 7 8), inserting and deleting lines and
 * characters (CSI L M @ P X), scrolling of a region (CSI r S T, ESC D M E), hiding the cursor
 * (CSI ? 25 l).  Every other sequence is swallowed; where the cursor is (CSI 6 n) it does not say.
 */
#ifndef KERNEL_DEV_ANSI_H
#define KERNEL_DEV_ANSI_H

#include "lib/types.h"

/*
 * The colours in ANSI's order; ANSI_BRIGHT adds to each.  A cell's two are
 * foreground | background << 4.
 */
enum ansi_color {
    ANSI_BLACK,
    ANSI_RED,
    ANSI_GREEN,
    ANSI_YELLOW,
    ANSI_BLUE,
    ANSI_MAGENTA,
    ANSI_CYAN,
    ANSI_WHITE,
    ANSI_BRIGHT,
    ANSI_COLORS = 16,
};

/* What a screen can do.  Rows and columns count from 0; nothing is called beyond the size. */
struct ansi_device {
    void (*draw)(unsigned row, unsigned column, u8 character, u8 colors);
    void (*clear)(unsigned row, unsigned column, unsigned count, u8 colors); /* within a row */
    /* Copy @count rows, or cells of one row; the two places may overlap. */
    void (*copy_rows)(unsigned to, unsigned from, unsigned count);
    void (*copy_cells)(unsigned row, unsigned to, unsigned from, unsigned count);
    void (*show_cursor)(unsigned row, unsigned column);
    void (*hide_cursor)(void);
};

enum { ANSI_PARAMETERS_MAX = 8 };

/* One screen; whoever owns it says which lock guards it. */
struct ansi {
    const struct ansi_device *device;
    unsigned rows, columns;
    unsigned row, column; /* column may be columns: the row is full, the next character wraps */
    unsigned saved_row, saved_column;
    u8 foreground, background;
    bool bold, inverse;
    bool hides_cursor, is_private; /* CSI ? 25 l; the sequence began with a ? */
    unsigned top, bottom;          /* the rows that scroll, and the one below them */
    u8 state;                      /* what the next byte is */
    u8 parameter_count;
    u16 parameters[ANSI_PARAMETERS_MAX];
};

/* Make @screen an empty one of @rows by @columns on @device, which is cleared. */
void ansi_init(struct ansi *screen, const struct ansi_device *device, unsigned rows,
               unsigned columns);

/* Show @count bytes.  A newline goes down and keeps its column, as the terminal's ONLCR expects. */
void ansi_write(struct ansi *screen, const char *bytes, size_t count);

/* --- for ansi.c: ansi_color.c ---------------------------------------------------------------- */

/* The two colours of a cell that is drawn now. */
u8 ansi_colors(const struct ansi *screen);
void ansi_reset_colors(struct ansi *screen);

/* One parameter of CSI m. */
void ansi_set_color(struct ansi *screen, unsigned code);

#endif
