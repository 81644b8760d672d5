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
     * (c) Show @count bytes; a newline begins a new line at its start.  All are shown, or waiting
     * in the device alone, on return.  Any context but NMI; in a panic (panic_in_progress()) any
     * context at all, and without locks.
     */
    void (*write)(const char *bytes, size_t count);
    struct list_node node; /* (f) */
    u32 next;              /* (f) the message to show next */
    bool enabled;          /* (f) chosen by console=, or nothing was */
};

/* Add @console, which must stay, and show it the log so far.  Any context but NMI. */
void console_register(struct console *console);

/* Show all consoles what they have not shown yet.  printk() does it.  Any context. */
void console_flush(void);

/* Is @name one of those that console= chose, or was there none? */
bool console_is_wanted(const char *name);

/* The name that the last console= gave: where programs' standard output goes.  NULL: none. */
const char *console_preferred(void);

#endif
