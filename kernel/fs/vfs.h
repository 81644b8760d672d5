/*
 * The virtual file system: what every kind of file system looks like from above.
 *
 *     struct file    an open file: where its reader stands, how it was opened
 *        |
 *     struct dentry  a name in a directory; all of them form one tree
 *        |
 *     struct inode   the thing named: type, size, times, operations
 *        |
 *     struct super   a whole file system, with the inode numbers it gave out
 *
 * A dentry keeps its parent and its inode alive, a file its dentry.  A file system that lives in
 * memory alone (ramfs) keeps one reference to each dentry for as long as the name exists: the
 * tree of dentries is its directory.  One that makes up its names (procfs) answers lookup().
 *
 * Nothing here knows a user address: bytes travel through struct iov.
 */
#ifndef KERNEL_FS_VFS_H
#define KERNEL_FS_VFS_H

#include "kernel/fs/stat.h"
#include "kernel/mutex.h"
#include "lib/annotate.h"
#include "lib/list.h"
#include "lib/types.h"

enum {
    NAME_BYTES_MAX = 255,  /* a component, without its zero */
    PATH_BYTES_MAX = 4096, /* a path, with its zero */
    SYMLINKS_MAX = 40,     /* followed in one walk */
};

struct dentry;
struct file;
struct inode;
struct iov;
struct page;
struct page_tree;
struct super;

/*
 * What a directory, a link or anything with pages can do.  A missing member means "this kind of
 * inode cannot", and the caller answers with the errno that says so.
 */
struct inode_ops {
    /* Give @dentry its inode (dentry_fill()), or -ENOENT.  Called with @dir->lock held. */
    int (*lookup)(struct inode *dir, struct dentry *dentry);
    /* Make @dentry name a new inode of type and rights @mode.  With @dir->lock held. */
    int (*create)(struct inode *dir, struct dentry *dentry, u32 mode, u64 device);
    /* Take the name @dentry away; open files keep the inode.  With @dir->lock held. */
    int (*unlink)(struct inode *dir, struct dentry *dentry);
    /* The text of a symbolic link, without a zero, at most @size bytes.  Returns: its length. */
    ssize_t (*readlink)(struct inode *inode, char *buffer, size_t size);
    /* Make the file @size bytes long.  With @inode->lock held. */
    int (*truncate)(struct inode *inode, u64 size);
    /* The inode goes away: free what the file system hung on it. */
    void (*destroy)(struct inode *inode);
};

/* What an open file can do.  @position is the file's own or pread's; the callee moves it. */
struct file_ops {
    int (*open)(struct file *file);
    void (*release)(struct file *file);
    ssize_t (*read)(struct file *file, struct iov *to, u64 *position);
    ssize_t (*write)(struct file *file, struct iov *from, u64 *position);
    /* Device commands; @argument is a number or a user address. */
    long (*ioctl)(struct file *file, unsigned command, unsigned long argument);
    /*
     * The page @index of the file, with a reference for the caller; NULL: none there, or no
     * memory.  What a file-backed mapping will map.
     */
    struct page *(*page)(struct file *file, u64 index);
};

/* (c) constant after creation; (l) under lock; (a) atomic */
struct inode {
    struct mutex lock;           /* a directory's names, a file's bytes and size */
    u64 number;                  /* (c) */
    u32 mode;                    /* (c) type and rights, S_IF... */
    u32 links;                   /* (l) names */
    u32 refs;                    /* (a) */
    u64 device;                  /* (c) of a device node: major << 8 | minor */
    u64 size;                    /* (l) bytes */
    u64 mtime;                   /* (l) ns since 1970: last change of the bytes or names */
    struct super *super;         /* (c) */
    const struct inode_ops *ops; /* (c) */
    const struct file_ops *fops; /* (c) */
    void *data;                  /* (c) the file system's own */
};

/* (c) constant; (p) under the parent inode's lock; (a) atomic, 1 -> 0 only with (p) held */
struct dentry {
    struct dentry *parent;     /* (c) itself: the root of a file system */
    struct inode *inode;       /* (p) NULL: being looked up or created */
    struct list_node children; /* under our own inode's lock */
    struct list_node sibling;  /* (p) */
    struct super *mounted;     /* (p) the file system mounted here, or NULL */
    u32 refs;                  /* (a) */
    bool is_listed;            /* (p) in the parent's children */
    u8 length;                 /* (c) */
    char name[];               /* (c) zero at the end */
};

struct super {
    const char *name;           /* (c) "ramfs", "proc" */
    struct dentry *root;        /* (c) */
    struct dentry *mount_point; /* (c) NULL: the first file system */
    u64 device;                 /* (c) st_dev */
    u64 next_inode;             /* (a) */
};

/* (c) constant; (l) under lock; (a) atomic */
struct file {
    struct mutex lock;           /* the position: two readers of one file take turns */
    struct dentry *dentry;       /* (c) */
    const struct file_ops *fops; /* (c) */
    u64 position;                /* (l) */
    u32 flags;                   /* (a) O_... of open; O_APPEND and O_NONBLOCK may change */
    u32 refs;                    /* (a) */
    void *data;                  /* (c) after open() */
};

/* A new inode of @super, one reference, no ops.  NULL: no memory. */
struct inode *inode_create(struct super *super, u32 mode);
void inode_get(struct inode *inode);
void inode_put(struct inode *inode);

/* A dentry @name[0..@length) below @parent, one reference, not listed, no inode.  NULL: no memory. */
struct dentry *dentry_create(struct dentry *parent, const char *name, size_t length);

/* Give @dentry the inode it names; takes over the caller's reference to @inode. */
void dentry_fill(struct dentry *dentry, struct inode *inode);
struct dentry *dentry_get(struct dentry *dentry);
void dentry_put(struct dentry *dentry);

/*
 * The dentry @name in directory @dir, with a reference.
 *
 * Locks:   takes @dir's inode lock.  Sleeps.
 * Returns: 0, -ENOENT, -ENAMETOOLONG, -ENOMEM, -ENOTDIR.
 */
int dentry_lookup(struct dentry *dir, const char *name, size_t length, struct dentry **result)
    MUST_CHECK;

/*
 * Make @name in @dir: a file, directory, device or (mode S_IFLNK) a link.
 *
 * Returns: 0 and a referenced dentry, or -EEXIST and others.
 */
int dentry_make(struct dentry *dir, const char *name, size_t length, u32 mode, u64 device,
                struct dentry **result) MUST_CHECK;

/* The path of @dentry from the root, at the end of @buffer.  NULL: longer than @size. */
char *dentry_path(struct dentry *dentry, char *buffer, size_t size);

/* Cover directory @at with @super.  -EBUSY: one is there already. */
int super_mount(struct super *super, struct dentry *at) MUST_CHECK;

/* A file open on @dentry, one reference, after fops->open().  Does not check rights. */
int file_open(struct dentry *dentry, u32 flags, struct file **result) MUST_CHECK;
void file_get(struct file *file);
void file_put(struct file *file);

/* Read or write at the file's own position, or at @position if it is not NULL.  Sleeps. */
ssize_t file_read(struct file *file, struct iov *to, u64 *position);
ssize_t file_write(struct file *file, struct iov *from, u64 *position);

/* Read exactly @size bytes at @position into the kernel's @buffer.  Fewer: -ENOEXEC's -EIO. */
ssize_t file_read_kernel(struct file *file, void *buffer, size_t size, u64 position);

#endif
