/*
 * The kinds of file systems there are, by the names that mount(2) knows them by.
 */
#ifndef KERNEL_FS_FS_TYPE_H
#define KERNEL_FS_FS_TYPE_H

#include "kernel/fs/vfs.h"
#include "lib/annotate.h"

struct text;

/*
 * Make a file system of the kind @type, not mounted yet, with one reference.  @options is a list
 * with commas, and is cut up.
 *
 * Returns: 0, -ENODEV (no such kind), -EINVAL (no such option), -ENOMEM.  Sleeps.
 */
int fs_type_create(const char *type, char *options, struct super **super) MUST_CHECK;

/* Change the options of @super, which is in use, likewise. */
int fs_type_change(struct super *super, char *options) MUST_CHECK;

/* Mount a @type at @path at boot; a missing directory is made.  0 or an errno.  Sleeps. */
int fs_type_mount(const char *type, const char *path) MUST_CHECK;

/* Add the options that @super has and a new one would not. */
void fs_type_show_options(struct text *text, const struct super *super);

#endif
