/*
 * /proc: what the kernel knows, as text.
 *
 *     /proc/meminfo     memory, in KiB
 *     /proc/vmstat      the counters of mm/count.h, and the free pages
 *     /proc/version     what kernel this is
 *     /proc/self/exe    a link to the program that asks
 *
 * Each file's text is made when it is opened, so that a reader sees one moment.
 */
#ifndef KERNEL_FS_PROC_H
#define KERNEL_FS_PROC_H

#include "lib/annotate.h"

/* Mount it at /proc, which is made if it is missing.  0 or an errno. */
int proc_mount(void) MUST_CHECK;

#endif
