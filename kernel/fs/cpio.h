/*
 * cpio "newc" archives: the format of an initramfs.
 *
 *     +---------------------+------------+-----+---------+-----+
 *     | header, 110 bytes   | name, zero | pad | data    | pad |  one member, padded to 4 bytes
 *     +---------------------+------------+-----+---------+-----+
 *
 * The header is "070701" (or "070702", with a sum of the data) and 13 numbers of eight hex
 * digits.  The member "TRAILER!!!" ends an archive; zeros and further archives may follow.
 *
 * A pure parser: it looks at a range of bytes and points into it.
 *
 * Source: cpio(5) "New ASCII Format"; Linux, "initramfs buffer format".
 */
#ifndef KERNEL_FS_CPIO_H
#define KERNEL_FS_CPIO_H

#include "lib/annotate.h"
#include "lib/types.h"

/* One archive member; @name and @data point into the archive. */
struct cpio_member {
    const char *name; /* zero at the end */
    const u8 *data;
    size_t name_bytes; /* without its zero */
    u32 data_bytes;
    u32 inode; /* with device: the same for all names of one file */
    u64 device;
    u32 mode;
    u32 links;
    u32 mtime;       /* seconds since 1970 */
    u64 node_device; /* of a device node: major << 8 | minor */
};

/* A walk through an archive. */
struct cpio {
    const u8 *bytes;
    size_t size;
    size_t position;  /* where the next member starts, or where the bad one did */
    const char *why;  /* after an error: what is wrong */
    const char *name; /* after an error: the member's name if it could be read, else NULL */
};

/* Start a walk through the archive in @bytes[0..@size). */
struct cpio cpio_open(const void *bytes, size_t size);

/*
 * Find the next member.
 *
 * Returns: 1 and *@member; 0 at the end; -EINVAL: the archive is damaged, as @cpio->why says.
 */
int cpio_next(struct cpio *cpio, struct cpio_member *member) MUST_CHECK;

#endif
