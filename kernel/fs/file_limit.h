/*
 * How large the current process may make files: RLIMIT_FSIZE.
 */
#ifndef KERNEL_FS_FILE_LIMIT_H
#define KERNEL_FS_FILE_LIMIT_H

#include "lib/types.h"

/* How many bytes may be written at @position; none: the process is sent SIGXFSZ. */
u64 file_limit_room(u64 position);

/* May a file be @size bytes long?  If not, likewise. */
bool file_limit_allows(u64 size);

#endif
