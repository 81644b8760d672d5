/*
 * Programs of a few instructions, from user_code.asm, each run in a task of its own.
 */
#ifndef TESTS_KERNEL_USER_MODE_H
#define TESTS_KERNEL_USER_MODE_H

#include "lib/types.h"

struct trapframe;

struct program {
    const char *code, *end;
    u32 seed;
    void (*change)(struct trapframe *frame); /* the registers it starts with, unless NULL */
};

#define PROGRAM(name)                                     \
    extern const char user_##name[], user_##name##_end[]; \
    static struct program name = { user_##name, user_##name##_end, 1, NULL }

/* A task's function: become @program, a struct program. */
void user_mode_run(void *program);

/* Run @program to its end: its exit code, shifted by 8, or the signal that ended it. */
int user_mode_status(const struct program *program);

#endif
