/*
 * A terminal's screen: what it answers, and the second one that full-screen programs draw on.
 */
#include "kernel/dev/ansi.h"

#include "lib/format.h"
#include "lib/minmax.h"
#include "lib/string.h"

/* What is asked by CSI n.  Source: ECMA-48, 8.3.35 "Device status report". */
enum { IS_WELL = 5, CURSOR_IS_WHERE = 6 };

/* Add @text to what is to be answered, all of it or, when nobody takes it, nothing. */
static void answer(struct ansi *screen, const char *text)
{
    const size_t length = strlen(text);
    if (length > sizeof(screen->answer) - screen->answer_length)
        return;
    memcpy(screen->answer + screen->answer_length, text, length);
    screen->answer_length = (u8)(screen->answer_length + length);
}

void ansi_report(struct ansi *screen, unsigned what)
{
    char text[ANSI_ANSWER_BYTES];
    const unsigned column = min(screen->column, screen->columns - 1);
    if (what == IS_WELL)
        answer(screen, "\033[0n");
    if (what != CURSOR_IS_WHERE)
        return;
    snprintf(text, sizeof(text), "\033[%u;%uR", screen->row + 1, column + 1);
    answer(screen, text);
}

void ansi_identify(struct ansi *screen) { answer(screen, "\033[?6c"); }

size_t ansi_take_answer(struct ansi *screen, char *bytes, size_t room)
{
    const size_t length = min_of(size_t, screen->answer_length, room);
    memcpy(bytes, screen->answer, length);
    screen->answer_length = 0;
    return length;
}

void ansi_use_alternate(struct ansi *screen, bool alternate)
{
    const struct ansi_device *device = screen->device;
    if (!device->keep || screen->is_alternate == alternate)
        return;
    screen->is_alternate = alternate;
    if (!alternate) {
        device->bring_back();
        screen->row = screen->kept_row;
        screen->column = screen->kept_column;
        return;
    }
    screen->kept_row = screen->row;
    screen->kept_column = screen->column;
    device->keep();
    for (unsigned row = 0; row < screen->rows; row++)
        device->clear(row, 0, screen->columns, ansi_colors(screen));
}
