/*
 * The devices that need no hardware, and the list of all.
 */
#include "kernel/fs/dev.h"

#include "kernel/dev/fb.h"
#include "kernel/dev/pty.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/kmsg.h"
#include "kernel/fs/map.h"
#include "kernel/fs/tty_file.h"
#include "kernel/random.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/string.h"

static ssize_t null_read(struct file *file, struct iov *to, u64 *position) { return 0; }

static ssize_t null_write(struct file *file, struct iov *from, u64 *position)
{
    return (ssize_t)from->left;
}

static ssize_t zero_read(struct file *file, struct iov *to, u64 *position)
{
    size_t done = iov_put_zeroes(to, to->left);
    return done || !to->left ? (ssize_t)done : -EFAULT;
}

static ssize_t full_write(struct file *file, struct iov *from, u64 *position) { return -ENOSPC; }

static ssize_t random_read(struct file *file, struct iov *to, u64 *position)
{
    size_t total = 0;
    while (to->left) {
        u8 bytes[64];
        size_t size = min(sizeof(bytes), to->left);
        random_get(bytes, size);
        size_t done = iov_put(to, bytes, size);
        total += done;
        if (done < size)
            return total ? (ssize_t)total : -EFAULT;
    }
    return (ssize_t)total;
}

static const struct file_ops null_ops = {
    .is_stream = true,
    .is_the_same = true,
    .read = null_read,
    .write = null_write,
};
static const struct file_ops zero_ops = {
    .is_stream = true,
    .is_the_same = true,
    .read = zero_read,
    .write = null_write,
    .mmap = map_zeroes,
};
static const struct file_ops full_ops = {
    .is_stream = true,
    .is_the_same = true,
    .read = zero_read,
    .write = full_write,
};
static const struct file_ops random_ops = {
    .is_stream = true,
    .is_the_same = true,
    .read = random_read,
    .write = null_write,
};

static const struct file_ops mem_ops = { .mmap = map_frames };

static const struct device {
    u8 major, minor;
    const char *name;
    const struct file_ops *ops;
    u32 rights;
} devices[] = {
    { 1, 1, "mem", &mem_ops, 0640 },       { 1, 3, "null", &null_ops, 0666 },
    { 1, 5, "zero", &zero_ops, 0666 },     { 1, 7, "full", &full_ops, 0666 },
    { 1, 8, "random", &random_ops, 0666 }, { 1, 9, "urandom", &random_ops, 0666 },
    { 1, 11, "kmsg", &kmsg_ops, 0644 },    { 5, 0, "tty", &tty_ops, 0666 },
    { 5, 1, "console", &tty_ops, 0600 },   { 4, 0, "tty0", &tty_ops, 0620 },
    { 4, 64, "ttyS0", &tty_ops, 0660 },    { 5, 2, "ptmx", &ptmx_ops, 0666 },
    { FB_MAJOR, 0, "fb0", &fb_ops, 0660 },
};

/* What needs hardware that may be missing. */
static bool is_there(const struct device *device)
{
    return device->major != FB_MAJOR || fb_is_there();
}

const struct file_ops *dev_ops(u64 device)
{
    for (size_t i = 0; i < ARRAY_COUNT(devices); i++)
        if (device_number(devices[i].major, devices[i].minor) == device && is_there(&devices[i]))
            return devices[i].ops;
    return device >> 8 == PTY_MAJOR ? &tty_ops : NULL;
}

/* Make @name below @dir unless it is there. */
static int make(struct dentry *dir, const char *name, const struct inode_spec *spec)
{
    struct dentry *made;
    int error = dentry_make(dir, &(struct name){ name, strlen(name) }, spec, &made);
    if (!error)
        dentry_put(made);
    return error == -EEXIST ? 0 : error;
}

/* Links that programs expect beside the devices, and directories to mount something on. */
static const struct {
    const char *name, *target;
} others[] = {
    { "fd", "/proc/self/fd" },
    { "stdin", "/proc/self/fd/0" },
    { "stdout", "/proc/self/fd/1" },
    { "stderr", "/proc/self/fd/2" },
    { "shm", NULL },
    { "pts", NULL },
};

int dev_populate(struct dentry *dev)
{
    int error = 0;
    for (size_t i = 0; i < ARRAY_COUNT(devices) && !error; i++) {
        const struct device *device = &devices[i];
        struct inode_spec spec = {
            .mode = S_IFCHR | device->rights,
            .device = device_number(device->major, device->minor),
        };
        if (is_there(device))
            error = make(dev, device->name, &spec);
    }
    for (size_t i = 0; i < ARRAY_COUNT(others) && !error; i++) {
        struct inode_spec spec = { .mode = others[i].target ? S_IFLNK | 0777 : S_IFDIR | 0755,
                                   .target = others[i].target };
        error = make(dev, others[i].name, &spec);
    }
    return error;
}
