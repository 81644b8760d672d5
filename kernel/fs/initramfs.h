/*
 * The initramfs: the archive that the loader hands over becomes the first file system.
 */
#ifndef KERNEL_FS_INITRAMFS_H
#define KERNEL_FS_INITRAMFS_H

#include "lib/annotate.h"
#include "lib/types.h"

/*
 * Unpack the cpio archive in @bytes[0..@size) into the file system at the root.
 *
 * Returns: 0; or an errno, and @why holds one sentence that names the member.  What was unpacked
 *          before the error stays.
 * Sleeps.
 */
int initramfs_unpack(const void *bytes, size_t size, char *why, size_t why_bytes) MUST_CHECK;

#endif
