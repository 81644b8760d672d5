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

enum {
    ESCAPE = 0x1b,
    TAB_WIDTH = 8,
    NO_GLYPH = '?',
    PRIVATE_CURSOR = 25,
    PRIVATE_ALTERNATE = 1049
};

static void clear_rows(struct ansi *screen, unsigned from, unsigned to)
{
    for (unsigned row = from; row < to; row++)
        screen->device->clear(row, 0, screen->columns, ansi_colors(screen));
}

/* Of the rows from @top to the end of the scrolling region, @count leave at the top. */
static void scroll_up(struct ansi *screen, unsigned top, unsigned count)
{
    unsigned end = screen->bottom, rows = end - top;
    count = min(count, rows);
    screen->device->copy_rows(top, top + count, rows - count);
    clear_rows(screen, end - count, end);
}

/* The same at the bottom. */
static void scroll_down(struct ansi *screen, unsigned top, unsigned count)
{
    unsigned rows = screen->bottom - top;
    count = min(count, rows);
    screen->device->copy_rows(top + count, top, rows - count);
    clear_rows(screen, top, top + count);
}

static void line_feed(struct ansi *screen)
{
    if (screen->row + 1 == screen->bottom)
        scroll_up(screen, screen->top, 1);
    else if (screen->row + 1 < screen->rows)
        screen->row++;
}

static void reverse_line_feed(struct ansi *screen)
{
    if (screen->row == screen->top)
        scroll_down(screen, screen->top, 1);
    else if (screen->row > 0)
        screen->row--;
}

static void put_character(struct ansi *screen, u8 character)
{
    if (screen->column == screen->columns) {
        screen->column = 0;
        line_feed(screen);
    }
    screen->device->draw(screen->row, screen->column, character, ansi_colors(screen));
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
    u8 colors = ansi_colors(screen);
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
    screen->device->clear(screen->row, from, to - from, ansi_colors(screen));
}

/* CSI @ P X: make room for characters, take some out, blank some. */
static void edit_row(struct ansi *screen, u8 letter)
{
    unsigned column = min(screen->column, screen->columns - 1), rest = screen->columns - column;
    unsigned count = min(parameter(screen, 0, 1), rest);
    unsigned blank = column;
    if (letter == '@') {
        screen->device->copy_cells(screen->row, column + count, column, rest - count);
    } else if (letter == 'P') {
        screen->device->copy_cells(screen->row, column, column + count, rest - count);
        blank = screen->columns - count;
    }
    screen->device->clear(screen->row, blank, count, ansi_colors(screen));
}

/* CSI L M: make room for lines, take some out; only in the region that scrolls. */
static void edit_lines(struct ansi *screen, u8 letter)
{
    unsigned count = parameter(screen, 0, 1);
    if (screen->row < screen->top || screen->row >= screen->bottom)
        return;
    screen->column = 0;
    if (letter == 'L')
        scroll_down(screen, screen->row, count);
    else
        scroll_up(screen, screen->row, count);
}

/* CSI r: which rows scroll; none named: all. */
static void set_region(struct ansi *screen)
{
    unsigned top = parameter(screen, 0, 1);
    unsigned bottom = min(parameter(screen, 1, screen->rows), screen->rows);
    if (top >= bottom)
        return;
    screen->top = top - 1;
    screen->bottom = bottom;
    move_to(screen, 0, 0);
}

static void save_cursor(struct ansi *screen)
{
    screen->saved_row = screen->row;
    screen->saved_column = screen->column;
}

static void set_colors(struct ansi *screen)
{
    unsigned count = max_of(unsigned, screen->parameter_count, 1);
    for (unsigned i = 0; i < count; i++)
        ansi_set_color(screen, parameter(screen, i, 0));
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

/* CSI ? h, CSI ? l: for each of the parameters. */
static void set_private(struct ansi *screen, bool on)
{
    for (unsigned i = 0; i < screen->parameter_count; i++) {
        if (screen->parameters[i] == PRIVATE_CURSOR)
            screen->hides_cursor = !on;
        else if (screen->parameters[i] == PRIVATE_ALTERNATE)
            ansi_use_alternate(screen, on);
    }
}

/* Perform the sequence that ends with @letter. */
static void perform(struct ansi *screen, u8 letter)
{
    if (screen->is_private) {
        if (letter == 'h' || letter == 'l')
            set_private(screen, letter == 'h');
        return;
    }
    if (move(screen, letter))
        return;
    switch (letter) {
    case '@':
    case 'P':
    case 'X':
        edit_row(screen, letter);
        return;
    case 'L':
    case 'M':
        edit_lines(screen, letter);
        return;
    case 'S':
        scroll_up(screen, screen->top, parameter(screen, 0, 1));
        return;
    case 'T':
        scroll_down(screen, screen->top, parameter(screen, 0, 1));
        return;
    case 'r':
        set_region(screen);
        return;
    case 'J':
        erase_screen(screen);
        return;
    case 'K':
        erase_row(screen);
        return;
    case 'm':
        set_colors(screen);
        return;
    case 'n':
        ansi_report(screen, parameter(screen, 0, 0));
        return;
    case 'c':
        if (!parameter(screen, 0, 0))
            ansi_identify(screen);
        return;
    case 's':
        save_cursor(screen);
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
    screen->is_private = false;
    if (byte == '7')
        save_cursor(screen);
    else if (byte == '8')
        move_to(screen, screen->saved_row, screen->saved_column);
    else if (byte == 'M')
        reverse_line_feed(screen);
    else if (byte == 'D' || byte == 'E')
        line_feed(screen);
    if (byte == 'E')
        screen->column = 0;
}

static void handle_sequence(struct ansi *screen, u8 byte)
{
    bool performed = screen->state == STATE_SEQUENCE;
    if (byte >= '0' && byte <= '9') {
        add_digit(screen, byte - (unsigned)'0');
    } else if (byte == ';') {
        next_parameter(screen);
    } else if (byte == '?' && screen->parameter_count == 0) {
        screen->is_private = true;
    } else if (byte >= ' ' && byte < '@') {
        screen->state = STATE_IGNORED; /* one that nobody here knows, such as CSI > c */
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
    if (screen->hides_cursor)
        screen->device->hide_cursor();
    else
        screen->device->show_cursor(screen->row, min(screen->column, screen->columns - 1));
}

void ansi_init(struct ansi *screen, const struct ansi_device *device, unsigned rows,
               unsigned columns)
{
    *screen = (struct ansi){ .device = device, .rows = rows, .columns = columns, .bottom = rows };
    ansi_reset_colors(screen);
    clear_rows(screen, 0, rows);
    device->show_cursor(0, 0);
}
