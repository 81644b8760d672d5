/*
 * Consoles: the devices that show what the kernel says.
 *
 * Each console reads the ring of messages at its own pace, so one that is registered late still
 * shows the log from the start.  console=NAME (several may be given) chooses; without it all are
 * used.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

/* (c) constant; (f) by the CPU that flushes */
struct console {
    const char *name; /* (c) as in console=, such as "ttyS0" */
    /*
     * (c) Show @count bytes of a message; when it returns they have left for the screen or the
     * line.  Bytes as they are: a newline is a step down.  Any context but NMI; in a panic any
     * context at all, and without locks.
     */
    void (*write)(const char *bytes, size_t count);
    /* (c) Show a program's output; it may leave later.  Any context but NMI.  NULL: as write. */
    void (*queue)(const char *bytes, size_t count);
    /*
     * (c) Take what it answers to what programs asked it (CSI 6 n), at most @room bytes.  Any
     * context but NMI.  NULL: who sits at its far end has answers of his own.
     */
    size_t (*answer)(char *bytes, size_t room);
    struct list_node node; /* (f) */
    u32 next;              /* (f) the message to show next */
    bool enabled;          /* (f) chosen by console=, or nothing was */
};

/* Add @console, which must stay, and show it the log so far.  Any context but NMI. */
void console_register(struct console *console);

/* Show all consoles what they have not shown yet.  printk() does it.  Any context. */
void console_flush(void);

/* Show a program's output on all consoles that are in use.  Any context but NMI. */
void console_output(const char *bytes, size_t count);

/* Take what the console answers; nothing if a far end may answer, too.  Any context but NMI. */
size_t console_answer(char *bytes, size_t room);

/* Is @name one of those that console= chose, or was there none? */
bool console_is_wanted(const char *name);

#endif
