/*
 * The terminal: what somebody types becomes what a program reads.
 *
 * Bytes come from the keyboard and the serial port (tty_input()), are shown (echo) and gathered
 * into a line that can still be edited.  Enter makes the line readable.  What programs write goes
 * to all consoles.
 *
 *     read_at          line_at            end
 *        |  whole lines   |  being edited  |        free
 *     ---+----------------+----------------+----------------
 *        tty_read()                  tty_input()
 *
 * When there is no room the sources keep their bytes until a reader has made some.
 */
#ifndef KERNEL_DEV_TTY_H
#define KERNEL_DEV_TTY_H

#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

struct wait_queue;

/* Who brings input. */
struct tty_source {
    void (*resume)(void); /* there is room again; any context but NMI, interrupts off or on */
    struct list_node node;
};

/* How many bytes tty_input() can take.  Any context but NMI. */
size_t tty_input_room(void);

/* Somebody typed @count bytes, not more than there is room for.  Any context but NMI. */
void tty_input(const u8 *bytes, size_t count);

/* Let @source, which must stay, know when there is room again. */
void tty_add_source(struct tty_source *source);

/*
 * Wait for a line, or what is left of one, and copy it to @to.
 *
 * Returns: how many bytes, at most @count; 0: end of file (^D); -EINTR: a signal came.  Sleeps.
 */
ssize_t tty_read(char *to, size_t count) MUST_CHECK;

/* Is there something to read at once?  A snapshot. */
bool tty_readable(void);

/* Woken when there is something to read. */
struct wait_queue *tty_read_queue(void);

/* Show @count bytes on all consoles.  Thread context. */
void tty_write(const char *from, size_t count);

#endif
