/*
 * A terminal's screen: the characters and control sequences that a program writes, turned into a
 * few simple operations on a grid of cells.
 *
 * Source: ECMA-48 "Control Functions for Coded Character Sets", 8.3; the part of it that Linux's
 * console has and programs use: cursor movement (CSI A B C D E F G H d f), erasing (CSI J K),
 * colours (CSI m), saving the cursor (CSI s u, ESC 7 8), inserting and deleting lines and
 * characters (CSI L M @ P X), scrolling of a region (CSI r S T, ESC D M E), hiding the cursor
 * (CSI ? 25 l), a second screen (CSI ? 1049 h l), answers about the cursor and itself (CSI n c).
 * Every other sequence is swallowed.
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
    /* Keep what is shown; show what was kept.  NULL: there is no memory for that. */
    void (*keep)(void);
    void (*bring_back)(void);
};

enum { ANSI_PARAMETERS_MAX = 8, ANSI_ANSWER_BYTES = 32 };

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
    bool is_alternate; /* CSI ? 1049 h: the first screen, whose cursor was here, is kept */
    unsigned kept_row, kept_column;
    char answer[ANSI_ANSWER_BYTES]; /* what nobody has taken yet */
    u8 answer_length;
    u8 state; /* what the next byte is */
    u8 parameter_count;
    u16 parameters[ANSI_PARAMETERS_MAX];
};

/* Make @screen an empty one of @rows by @columns on @device, which is cleared. */
void ansi_init(struct ansi *screen, const struct ansi_device *device, unsigned rows,
               unsigned columns);

/* Show @count bytes.  A newline goes down and keeps its column, as the terminal's ONLCR expects. */
void ansi_write(struct ansi *screen, const char *bytes, size_t count);

/*
 * Take what the screen answers to what it was asked; it goes where keys come from.  Returns: how
 * many bytes, at most @room.
 */
size_t ansi_take_answer(struct ansi *screen, char *bytes, size_t room);

/* --- for ansi.c: ansi_answer.c --------------------------------------------------------------- */

/* CSI @what n; CSI c; CSI ? 1049 h or l. */
void ansi_report(struct ansi *screen, unsigned what);
void ansi_identify(struct ansi *screen);
void ansi_use_alternate(struct ansi *screen, bool alternate);

/* --- for ansi.c: ansi_color.c ---------------------------------------------------------------- */

/* The two colours of a cell that is drawn now. */
u8 ansi_colors(const struct ansi *screen);
void ansi_reset_colors(struct ansi *screen);

/* One parameter of CSI m. */
void ansi_set_color(struct ansi *screen, unsigned code);

#endif
