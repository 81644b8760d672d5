/*
 * Kernel parameters: the words of the command line.
 *
 *     static bool maxcpus_param(const char *value) { ... }
 *     KERNEL_PARAM("maxcpus", maxcpus_param);
 *
 * and maxcpus=4 calls maxcpus_param("4").  A word is name=value or name; quotes keep spaces in a
 * word.  What follows "--" are arguments of the first program.  A name=value that nobody here
 * knows is reported and goes into the first program's environment, as Linux does it; an unknown
 * name alone is reported.
 */
#ifndef KERNEL_PARAM_H
#define KERNEL_PARAM_H

#include "lib/types.h"

struct kernel_param {
    const char *name;
    bool (*handler)(const char *value);
};

/*
 * Let @handle_value know the value of parameter @param_name, "" if it was given none, once for
 * each time it is given.  The value's characters stay for good.  The handler runs early: there is
 * no memory to allocate, one CPU, interrupts off.  It returns false if the value makes no sense;
 * that is reported, and the boot goes on.
 */
#define KERNEL_PARAM(param_name, handle_value)                                 \
    static const struct kernel_param kernel_param_##handle_value               \
        __attribute__((section(".params"), used, aligned(sizeof(void *)))) = { \
            .name = (param_name),                                              \
            .handler = (handle_value),                                         \
        }

/* Call the handlers of all parameters in @command_line.  Once. */
void params_parse(const char *command_line);

/* The arguments for the first program, and variables for its environment.  Both end with NULL. */
const char *const *params_init_arguments(void);
const char *const *params_init_environment(void);

#endif
