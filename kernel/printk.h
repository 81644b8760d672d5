/*
 * What the kernel says: printk() and the ring of its latest messages.
 *
 * A message is one line; the newline at its end may be left out.  printk() works anywhere: in
 * interrupts, in NMIs, with any lock held, before anything is set up.  It puts the line into the
 * ring without taking a lock, then brings the consoles (console.h) up to date, unless another CPU
 * is doing so already: then that one goes on with this line.  So two lines never mix, and in one
 * line's place never stands another.
 *
 * Messages of level LOG_PLAIN are not the kernel's own talk but a program's output, such as test
 * results: they have no time in front and are printed whatever the loglevel.
 */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include "lib/annotate.h"
#include "lib/types.h"

#include <stdarg.h>

/* Source: syslog(3), whose numbers user programs see. */
enum log_level {
    LOG_EMERG = 0,
    LOG_ALERT = 1,
    LOG_CRIT = 2,
    LOG_ERR = 3,
    LOG_WARN = 4,
    LOG_NOTICE = 5,
    LOG_INFO = 6,
    LOG_DEBUG = 7,
    LOG_PLAIN = 8,
};

enum {
    LOG_TEXT_BYTES = 232,                 /* a longer message is cut */
    LOG_LINE_BYTES = LOG_TEXT_BYTES + 32, /* with level, time and newline */
};

/* Prepare the first console, the serial port.  The kernel's first call of all. */
void printk_init(void);

/* Say something.  Any context. */
void printk(enum log_level level, const char *format, ...) PRINTF(2, 3);
void vprintk(enum log_level level, const char *format, va_list args) PRINTF(2, 0);

#define pr_err(...)   printk(LOG_ERR, __VA_ARGS__)
#define pr_warn(...)  printk(LOG_WARN, __VA_ARGS__)
#define pr_info(...)  printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...) printk(LOG_DEBUG, __VA_ARGS__)

/* One message as it is read back. */
struct log_line {
    enum log_level level;
    u64 time_ns;   /* when it was said, since boot */
    u32 lost;      /* messages overwritten before this one that the reader never saw */
    size_t text;   /* where in bytes the text begins, behind "[    0.123456] " */
    size_t length; /* of bytes, newline included */
    char bytes[LOG_LINE_BYTES];
};

/*
 * Read message number *@next, or the oldest still there, and make *@next the one after it.
 * Numbers start at 0.
 *
 * Returns: false if there is none yet.  Any context.
 */
bool log_read(u32 *next, struct log_line *line);

/* Would log_read() find message number @next, or a later one in its place?  Any context. */
bool log_ready(u32 next);

/* Messages so far: the next one's number.  Any context. */
u32 log_count(void);

/* Consoles print the messages below this level.  Any context. */
enum log_level log_console_level(void);
void log_set_console_level(enum log_level level);

#endif
