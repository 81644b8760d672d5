/*
 * System calls that programs ask for and that are not there, counted: /proc/unimplemented.
 */
#ifndef KERNEL_UNIMPLEMENTED_H
#define KERNEL_UNIMPLEMENTED_H

#include "lib/annotate.h"
#include "lib/types.h"

/* The current task has asked for call @number, which is not there.  True: nobody did before. */
bool unimplemented_count(unsigned long number) MUST_CHECK;

#endif
