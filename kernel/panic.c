/*
 * The last words: numbers, stack, stop.
 */
#include "kernel/panic.h"

#include "lib/assert.h"

void panic(const char *format, ...)
{
    for (;;)
        barrier();
}

void panic_at(const struct trapframe *frame, const char *format, ...)
{
    panic("%s", format);
}

bool panic_in_progress(void) { return false; }

void assert_failed(const char *expression, const char *file, int line)
{
    panic("%s:%d: assertion failed: %s", file, line, expression);
}
