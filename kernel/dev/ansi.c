/*
 * A terminal's screen: a small machine that reads bytes.
 *
 *              ESC            [                  letter
 *     TEXT ---------> ESCAPE ----> SEQUENCE ----------------> TEXT, and it is performed
 *      ^  control       | other      | digit ; ? stays here
 *      +----------------+            | anything else: TEXT, and it is forgotten
 */
#include "kernel/dev/ansi.h"

#include "lib/minmax.h"

enum state { STATE_TEXT, STATE_ESCAPE, STATE_SEQUENCE, STATE_IGNORED };

enum { ESCAPE = 0x1b, TAB_WIDTH = 8, NO_GLYPH = '?' };

static u8 colors_of(const struct ansi *screen)
{
    u8 front = screen->foreground, back = screen->background;
    if (screen->bold)
        front |= ANSI_BRIGHT;
    return screen->inverse ? (u8)(back | front << 4) : (u8)(front | back << 4);
}

static void reset_colors(struct ansi *screen)
{
    screen->foreground = ANSI_WHITE;
    screen->background = ANSI_BLACK;
    screen->bold = false;
    screen->inverse = false;
}

static void clear_rows(struct ansi *screen, unsigned from, unsigned to)
{
    for (unsigned row = from; row < to; row++)
        screen->device->clear(row, 0, screen->columns, colors_of(screen));
}

static void line_feed(struct ansi *screen)
{
    if (screen->row + 1 < screen->rows)
        screen->row++;
    else
        screen->device->scroll(colors_of(screen));
}

static void put_character(struct ansi *screen, u8 character)
{
    if (screen->column == screen->columns) {
        screen->column = 0;
        line_feed(screen);
    }
    screen->device->draw(screen->row, screen->column, character, colors_of(screen));
    screen->column++;
}

static void handle_text(struct ansi *screen, u8 byte)
{
    switch (byte) {
    case ESCAPE:
        screen->state = STATE_ESCAPE;
        return;
    case '\n':
        line_feed(screen);
        return;
    case '\r':
        screen->column = 0;
        return;
    case '\b':
        if (screen->column > 0)
            screen->column--;
        return;
    case '\t':
        screen->column =
            min(screen->column / TAB_WIDTH * TAB_WIDTH + TAB_WIDTH, screen->columns - 1);
        return;
    default:
        if (byte >= ' ' && byte < 0x7f)
            put_character(screen, byte);
        else if (byte >= 0xc0) /* UTF-8: one mark for its first byte, none for the others */
            put_character(screen, NO_GLYPH);
    }
}

/* Parameter @index of the sequence, or @missing if it was left out or 0. */
static unsigned parameter(const struct ansi *screen, unsigned index, unsigned missing)
{
    unsigned value = index < screen->parameter_count ? screen->parameters[index] : 0;
    return value ? value : missing;
}

static void move_to(struct ansi *screen, unsigned row, unsigned column)
{
    screen->row = min(row, screen->rows - 1);
    screen->column = min(column, screen->columns - 1);
}

/* CSI J: 0 from the cursor on, 1 up to it, 2 everything. */
static void erase_screen(struct ansi *screen)
{
    unsigned how = parameter(screen, 0, 0);
    unsigned column = min(screen->column, screen->columns - 1);
    u8 colors = colors_of(screen);
    if (how == 0) {
        screen->device->clear(screen->row, column, screen->columns - column, colors);
        clear_rows(screen, screen->row + 1, screen->rows);
    } else if (how == 1) {
        clear_rows(screen, 0, screen->row);
        screen->device->clear(screen->row, 0, column + 1, colors);
    } else {
        clear_rows(screen, 0, screen->rows);
    }
}

/* CSI K: the same of the cursor's row. */
static void erase_row(struct ansi *screen)
{
    unsigned how = parameter(screen, 0, 0);
    unsigned column = min(screen->column, screen->columns - 1);
    unsigned from = how == 0 ? column : 0;
    unsigned to = how == 1 ? column + 1 : screen->columns;
    screen->device->clear(screen->row, from, to - from, colors_of(screen));
}

/* One parameter of CSI m. */
static void set_color(struct ansi *screen, unsigned code)
{
    switch (code) {
    case 0:
        reset_colors(screen);
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

static void set_colors(struct ansi *screen)
{
    unsigned count = max_of(unsigned, screen->parameter_count, 1);
    for (unsigned i = 0; i < count; i++)
        set_color(screen, parameter(screen, i, 0));
}

/* Move as CSI @letter says.  Returns: false if it is no movement. */
static bool move(struct ansi *screen, u8 letter)
{
    unsigned count = parameter(screen, 0, 1);
    unsigned up = screen->row - min(screen->row, count);
    unsigned left = screen->column - min(screen->column, count);
    switch (letter) {
    case 'A':
        move_to(screen, up, screen->column);
        return true;
    case 'B':
        move_to(screen, screen->row + count, screen->column);
        return true;
    case 'C':
        move_to(screen, screen->row, screen->column + count);
        return true;
    case 'D':
        move_to(screen, screen->row, left);
        return true;
    case 'E':
        move_to(screen, screen->row + count, 0);
        return true;
    case 'F':
        move_to(screen, up, 0);
        return true;
    case 'G':
        move_to(screen, screen->row, count - 1);
        return true;
    case 'd':
        move_to(screen, count - 1, screen->column);
        return true;
    case 'H':
    case 'f':
        move_to(screen, count - 1, parameter(screen, 1, 1) - 1);
        return true;
    default:
        return false;
    }
}

/* Perform the sequence that ends with @letter. */
static void perform(struct ansi *screen, u8 letter)
{
    if (move(screen, letter))
        return;
    switch (letter) {
    case 'J':
        erase_screen(screen);
        return;
    case 'K':
        erase_row(screen);
        return;
    case 'm':
        set_colors(screen);
        return;
    case 's':
        screen->saved_row = screen->row;
        screen->saved_column = screen->column;
        return;
    case 'u':
        move_to(screen, screen->saved_row, screen->saved_column);
        return;
    default:
        return;
    }
}

static void add_digit(struct ansi *screen, unsigned digit)
{
    if (screen->parameter_count == 0)
        screen->parameter_count = 1;
    u16 *value = &screen->parameters[screen->parameter_count - 1];
    *value = (u16)min(10 * *value + digit, 9999u);
}

static void next_parameter(struct ansi *screen)
{
    if (screen->parameter_count == 0)
        screen->parameter_count = 1; /* the one before the ; was left out */
    if (screen->parameter_count < ANSI_PARAMETERS_MAX)
        screen->parameters[screen->parameter_count++] = 0;
    else
        screen->state = STATE_IGNORED;
}

static void begin_sequence(struct ansi *screen, u8 byte)
{
    screen->state = byte == '[' ? STATE_SEQUENCE : STATE_TEXT;
    screen->parameter_count = 0;
    screen->parameters[0] = 0;
}

static void handle_sequence(struct ansi *screen, u8 byte)
{
    bool performed = screen->state == STATE_SEQUENCE;
    if (byte >= '0' && byte <= '9') {
        add_digit(screen, byte - (unsigned)'0');
    } else if (byte == ';') {
        next_parameter(screen);
    } else if (byte >= ' ' && byte < '@') {
        screen->state = STATE_IGNORED; /* a private one, such as CSI ? 25 h */
    } else {
        screen->state = STATE_TEXT;
        if (byte == ESCAPE)
            screen->state = STATE_ESCAPE;
        else if (performed)
            perform(screen, byte);
    }
}

static void handle(struct ansi *screen, u8 byte)
{
    switch ((enum state)screen->state) {
    case STATE_TEXT:
        handle_text(screen, byte);
        return;
    case STATE_ESCAPE:
        begin_sequence(screen, byte);
        return;
    case STATE_SEQUENCE:
    case STATE_IGNORED:
        handle_sequence(screen, byte);
        return;
    }
}

void ansi_write(struct ansi *screen, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        handle(screen, (u8)bytes[i]);
    screen->device->show_cursor(screen->row, min(screen->column, screen->columns - 1));
}

void ansi_init(struct ansi *screen, const struct ansi_device *device, unsigned rows,
               unsigned columns)
{
    *screen = (struct ansi){ .device = device, .rows = rows, .columns = columns };
    reset_colors(screen);
    clear_rows(screen, 0, rows);
    device->show_cursor(0, 0);
}
