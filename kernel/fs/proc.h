/*
 * /proc: what the kernel knows, as text.  docs/observing.md shows each file.
 *
 *     /proc/meminfo, vmstat, buddyinfo, zoneinfo, slabinfo      memory
 *     /proc/version, uptime, loadavg, stat, cmdline, mounts     the machine
 *     /proc/<pid>/status, stat, statm, comm, cmdline, exe ...   one task; self: the caller
 *
 * A file's text is made when its start is read, so that a reader sees one moment.
 */
#ifndef KERNEL_FS_PROC_H
#define KERNEL_FS_PROC_H

#include "lib/annotate.h"

struct super;

/* Such a file system, not mounted yet.  NULL: no memory.  Sleeps. */
struct super *proc_create(void) MUST_CHECK;

#endif
