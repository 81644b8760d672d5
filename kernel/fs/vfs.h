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
#include "lib/assert.h"
#include "lib/list.h"
#include "lib/rbtree.h"
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
struct poll_table;
struct super;
struct vma;

/* One component of a path, somewhere in a longer string. */
struct name {
    const char *text;
    size_t length;
};

/* What a new inode is to be. */
struct inode_spec {
    u32 mode;           /* type and rights */
    u64 device;         /* of a device node: major << 8 | minor */
    const char *target; /* of a symbolic link: its text */
};

/* One name of a directory, as those who list it are told. */
struct dir_entry {
    struct name name;
    u32 number; /* the inode's */
    u32 mode;   /* its type at least, S_IF... */
    u64 next;   /* the position behind it */
};

/* Somebody who lists a directory; part of something larger. */
struct dir_reader {
    /* Take @entry.  False: there is no room for it.  With the directory's lock held. */
    bool (*take)(struct dir_reader *reader, const struct dir_entry *entry);
};

/*
 * What a directory, a link or anything with pages can do.  A missing member means "this kind of
 * inode cannot", and the caller answers with the errno that says so.
 */
struct inode_ops {
    /* Give @dentry its inode (dentry_fill()), or -ENOENT.  Called with @dir->lock held. */
    int (*lookup)(struct inode *dir, struct dentry *dentry);
    /* Make @dentry name a new inode.  With @dir->lock held. */
    int (*create)(struct inode *dir, struct dentry *dentry, const struct inode_spec *spec);
    /* Make @dentry one more name of @inode.  With @dir->lock held. */
    int (*link)(struct inode *dir, struct dentry *dentry, struct inode *inode);
    /*
     * @dentry has lost its name: count what it names one down.  With @dir->lock held.  The
     * reference that the name had is dropped by the caller.
     */
    void (*unlink)(struct inode *dir, struct dentry *dentry);
    /* @dentry has moved from @from to @to, which may be the same.  With both locks held. */
    void (*move)(struct inode *from, struct inode *to, struct dentry *dentry);
    /* Copy a symbolic link's text, at most @size bytes, without a zero.  Returns: its length. */
    ssize_t (*readlink)(struct inode *inode, char *buffer, size_t size);
    /* Of a link that leads to a dentry and not to a text: a reference to it, in *@target. */
    int (*jump)(struct inode *inode, struct dentry **target);
    /* Make the file @size bytes long.  With @inode->lock held. */
    int (*truncate)(struct inode *inode, u64 size);
    /* Change the bytes [@start, @end) as fallocate(2)'s @mode says.  With @inode->lock held. */
    int (*allocate)(struct inode *inode, unsigned mode, u64 start, u64 end);
    /* The first position >= @from that has bytes, or a hole: lseek(2).  With @inode->lock held. */
    u64 (*seek)(struct inode *inode, u64 from, bool hole);
    /* How many pages the file's bytes take.  With @inode->lock held.  NULL: none. */
    u64 (*blocks)(const struct inode *inode);
    /* Does @inode stand for what is no more?  Then its name is looked up anew.  NULL: never. */
    bool (*is_stale)(const struct inode *inode);
    /* The inode goes away: free what the file system hung on it. */
    void (*destroy)(struct inode *inode);
};

/* What an open file can do.  @position is the file's own or pread's; the callee moves it. */
struct file_ops {
    bool is_stream;   /* no position: read and write come without the file's lock */
    bool is_the_same; /* of a stream: at each position, so pread(2) and lseek(2) may be used */
    int (*open)(struct file *file);
    void (*release)(struct file *file);
    ssize_t (*read)(struct file *file, struct iov *to, u64 *position);
    ssize_t (*write)(struct file *file, struct iov *from, u64 *position);
    /* Give @reader a directory's names from *@position on, which moves.  0 or an errno. */
    int (*list)(struct file *file, struct dir_reader *reader, u64 *position);
    /*
     * Which of enum poll_events are true of @file now?  First name each queue that is woken when
     * that may change: poll_on(@table, ...).  Sleeps.  NULL: it is always ready.
     */
    u32 (*poll)(struct file *file, struct poll_table *table);
    /* Device commands; @argument is a number or a user address. */
    long (*ioctl)(struct file *file, unsigned command, unsigned long argument);
    /*
     * Make @vma, which is in no address space yet and has its offset, one of @file: set its ops
     * and what they need.  NULL: nobody can bring the file's pages.  0 or an errno.
     */
    int (*mmap)(struct file *file, struct vma *vma);
};

/* A moment, since 1970. */
struct inode_time {
    s64 s;
    u32 ns;
};

/* (c) constant after creation; (l) under lock; (a) atomic */
struct inode {
    struct mutex lock;           /* a directory's names, a file's bytes and size */
    u32 number;                  /* (c) */
    u32 mode;                    /* (c) type, S_IF...; (l) rights */
    u32 uid, gid;                /* (l) whose it is; everybody is root, so it is for show */
    u32 links;                   /* (l) names */
    u32 refs;                    /* (a) */
    s32 writers;                 /* (a) files open for writing; negative: programs that run it */
    u64 device;                  /* (c) of a device node: major << 8 | minor */
    u64 size;                    /* (l) bytes */
    struct inode_time atime;     /* (l) when it was read; seldom exact, as mount(8)'s relatime */
    struct inode_time mtime;     /* (l) when its bytes or names changed */
    struct inode_time ctime;     /* (l) when anything about it changed */
    struct super *super;         /* (c) */
    const struct inode_ops *ops; /* (c) */
    const struct file_ops *fops; /* (c) NULL: cannot be opened */
    void *data;                  /* (c) the file system's own */
    struct list_node locks;      /* kernel/fs/file_lock.c */
};

/*
 * (c) constant; (p) under the parent inode's lock; (i) under our own inode's lock;
 * (a) atomic, 1 -> 0 only under (p); (t) under tree_lock; (n) written under all the locks of
 * kernel/fs/dentry.h, so any one is enough to read it
 */
struct dentry {
    struct dentry *parent; /* (n) itself: the root of a file system */
    struct inode *inode;   /* (c) once it can be found by its name */
    struct rb_root names;  /* (i) what is in this directory, by name */
    struct rb_root places; /* (i) the same, in the order in which it came */
    u64 last_place;        /* (i) the highest ever given out here */
    struct rb_node node;   /* (p) in the parent's names, if is_listed */
    struct rb_node order;  /* (p) in the parent's places, likewise */
    u64 place;             /* (p) its position when the parent is listed; never another's */
    struct super *mounted; /* (t) the file system mounted here, or NULL */
    u32 refs;              /* (a) */
    bool is_listed;        /* (p) */
    u8 length;             /* (n) */
    char *name;            /* (n) zero at the end; memory of its own */
};

/* How much of something may be used, and is. */
struct quota {
    unsigned long limit; /* (a) 0: as much as there is */
    unsigned long used;  /* (a) */
};

/*
 * A file system in use.  (c) constant; (a) atomic; (t) under tree_lock; (m) under mounts_lock of
 * kernel/fs/mount_table.c
 */
struct super {
    const char *name;           /* (c) "ramfs", "proc" */
    struct dentry *root;        /* (c) until it is taken down */
    struct dentry *mount_point; /* (t) NULL: the first file system, or mounted nowhere */
    u32 device;                 /* (c) st_dev */
    u32 magic;                  /* (c) f_type of statfs(2) */
    u32 last_inode;             /* (a) the number given out last */
    u32 refs;                   /* (a) its inodes, and whoever mounts it */
    u32 users;                  /* (a) files open and directories stood in: it is busy */
    struct quota pages;         /* of its files */
    struct quota inodes;
    struct list_node node; /* (m) among all that are mounted, in order */
    char *source;          /* (c) what mount(2) called it: memory of its own */
    u32 flags;             /* (a) MS_... */
    int id;                /* (c) of mountinfo */
    bool is_expiring;      /* (a) MNT_EXPIRE was said, and nobody has used it since */
    bool is_detached;      /* (a) unmounted: taken down when nobody uses it */
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
    struct list_node watchers;   /* under epoll_lock: who watches it; all NULL: nobody ever did */
};

/* The present moment, and the note that something about @inode, or its contents, has changed. */
struct inode_time inode_now(void);
void inode_changed(struct inode *inode);
void inode_modified(struct inode *inode);

/* @inode was read: note it if it has been changed since it last was, or that was a day ago. */
void inode_accessed(struct inode *inode);

/* May nothing be executed in @inode's file system; does it make no devices of nodes? */
bool inode_is_noexec(const struct inode *inode);
bool inode_is_nodev(const struct inode *inode);

/* May nothing be changed in @inode's file system? */
bool inode_is_read_only(const struct inode *inode);

/* A new super called @name, with one reference and a number of its own.  NULL: no memory. */
struct super *super_create(const char *name, u32 magic) MUST_CHECK;

/* Drop a reference.  Sleeps. */
void super_put(struct super *super);

/* Somebody is in @super, or no longer: it cannot be unmounted meanwhile.  Any context but NMI. */
void super_enter(struct super *super);
void super_leave(struct super *super);

/* Use one more of @quota: false, there are no more; or give @count back. */
bool quota_take(struct quota *quota) MUST_CHECK;
void quota_give(struct quota *quota, unsigned long count);
bool quota_is_full(const struct quota *quota);

/* A new inode of @super, one reference, no ops.  NULL: no memory. */
struct inode *inode_create(struct super *super, u32 mode) MUST_CHECK;
void inode_get(struct inode *inode);
void inode_put(struct inode *inode);

/*
 * A file is written to or executed, never both.  The first two say that @inode is open for writing
 * once more, or less; the others that it is executed.  Returns: 0; -ETXTBSY: the other is the case.
 */
int inode_get_write(struct inode *inode) MUST_CHECK;
void inode_put_write(struct inode *inode);
int inode_deny_write(struct inode *inode) MUST_CHECK;
void inode_allow_write(struct inode *inode);

/* The root of a file system, naming @inode, whose reference it takes over.  NULL: no memory. */
struct dentry *dentry_create_root(struct inode *inode) MUST_CHECK;

/* A dentry in no directory, as pipes have: its path is @name.  Otherwise as above. */
struct dentry *dentry_create_alone(struct inode *inode, const char *name) MUST_CHECK;

/* Give @dentry the inode it names; takes over the caller's reference to @inode. */
void dentry_fill(struct dentry *dentry, struct inode *inode);
struct dentry *dentry_get(struct dentry *dentry);

/* Drop a reference.  Takes a directory's lock if it is the last.  Sleeps. */
void dentry_put(struct dentry *dentry);

/*
 * The dentry @name in directory @dir, with a reference.
 *
 * Locks:   takes @dir's inode lock.  Sleeps.
 * Returns: 0, -ENOENT, -ENAMETOOLONG, -ENOMEM, -ENOTDIR.
 */
int dentry_lookup(struct dentry *dir, const struct name *name, struct dentry **result) MUST_CHECK;

/*
 * Make @name in @dir as @spec says.
 *
 * Returns: 0 and a referenced dentry, or -EEXIST, -EPERM (not in this file system) and others.
 */
int dentry_make(struct dentry *dir, const struct name *name, const struct inode_spec *spec,
                struct dentry **result) MUST_CHECK;

/* Make @name in @dir one more name of @inode.  0, -EEXIST and others. */
int dentry_link(struct dentry *dir, const struct name *name, struct inode *inode) MUST_CHECK;

/*
 * Take @name out of @dir; @directory: it must be (-ENOTDIR) an empty (-ENOTEMPTY) directory, else
 * it must not be one (-EISDIR).
 *
 * Locks:   one removal or renaming at a time; the directories' locks.  Sleeps.
 * Returns: 0, -ENOENT, -EBUSY (something is mounted there), -EPERM (not in this file system), ...
 */
int dentry_remove(struct dentry *dir, const struct name *name, bool directory) MUST_CHECK;

/* One name of a renaming. */
struct dentry_place {
    struct dentry *dir;
    struct name name;
};

/* Source: rename(2). */
enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2, RENAME_FLAGS = 3 };

/*
 * Give what @from names the name @to, which replaces what had it.  RENAME_NOREPLACE: that would be
 * -EEXIST; RENAME_EXCHANGE: that gets the name @from instead, -ENOENT if there is nothing.
 *
 * Locks and results: as dentry_remove(); -EINVAL: a directory would be below itself; -EXDEV.
 */
int dentry_rename(const struct dentry_place *from, const struct dentry_place *to, unsigned flags)
    MUST_CHECK;

/*
 * The list() of directories whose names are their dentries: first "." and "..".  A name's position
 * stays its own, so who lists a directory while names come and go sees each of the others once.
 */
int dentry_list(struct file *file, struct dir_reader *reader, u64 *position);

/* The same for the two names that each directory has; the others begin at DIR_FIRST. */
enum { DIR_FIRST = 2 };
bool dir_list_dots(const struct file *file, struct dir_reader *reader, u64 *position);

/* The path of @dentry from the topmost root, at the end of @buffer.  NULL: longer than @size. */
char *dentry_path(const struct dentry *dentry, char *buffer, size_t size) MUST_CHECK;

/* The same from @root on, which is "/"; from the topmost root if @dentry is not below it. */
char *dentry_path_below(const struct dentry *dentry, const struct dentry *root, char *buffer,
                        size_t size) MUST_CHECK;

/* Has @dentry lost its name? */
bool dentry_is_gone(const struct dentry *dentry);

/* A file open on @dentry, one reference, after fops->open().  Does not check rights. */
int file_open(struct dentry *dentry, u32 flags, struct file **result) MUST_CHECK;

/* One more reference to @file, for somebody who has one or holds off its last file_put(). */
static inline void file_get(struct file *file)
{
    u32 before = __atomic_fetch_add(&file->refs, 1, __ATOMIC_RELAXED);
    assert(before);
}

/* Drop a reference; the last closes the file.  Sleeps. */
void file_put(struct file *file);

/* Read or write at *@position, or at the file's own if @position is NULL.  Sleeps. */
ssize_t file_read(struct file *file, struct iov *to, u64 *position) MUST_CHECK;
ssize_t file_write(struct file *file, struct iov *from, u64 *position) MUST_CHECK;

/* Give @reader the names of directory @file from its position on.  0, -ENOTDIR, -EBADF, ... */
int file_list(struct file *file, struct dir_reader *reader) MUST_CHECK;

/* Read up to @size bytes at @position into the kernel's @buffer.  Returns: how many; an errno. */
ssize_t file_read_kernel(struct file *file, void *buffer, size_t size, u64 position) MUST_CHECK;

#endif
