/*
 * Terminals as files.
 *
 *     inode      | which terminal
 *    ------------+----------------------------------------------------
 *     5, 0       | /dev/tty: the one that controls the caller's session
 *     136, N     | /dev/pts/N
 *     5, 2       | /dev/ptmx: the master of a new one
 *     any other  | the console
 *
 * An open file remembers how often its terminal had been hung up: once that changes it is dead.
 * Not so one opened as /dev/console: the first program keeps it while sessions come and go.
 */
#include "kernel/fs/tty_file.h"

#include "arch/x86/user_copy.h"
#include "kernel/dev/pty.h"
#include "kernel/dev/tty.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/devpts.h"
#include "kernel/fs/files.h"
#include "kernel/fs/poll.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "mm/kmalloc.h"

/* Source: ioctl_tty(2), Linux uapi asm-generic/ioctls.h. */
enum {
    TIOCGPTN = (int)0x80045430,
    TIOCSPTLCK = 0x40045431,
    TIOCGPTLCK = (int)0x80045439,
    TIOCGPTPEER = 0x5441,
    TIOCPKT = 0x5420,
    TIOCGPKT = (int)0x80045438,
    FIONREAD = 0x541b,
    TIOCSPGRP = 0x5410,
};

/* (c) all */
struct tty_file {
    struct tty *tty; /* with a reference */
    u32 hangups;     /* of it, when this was opened */
};

static struct tty *tty_of(const struct file *file) { return ((struct tty_file *)file->data)->tty; }

static bool is_dead(const struct file *file)
{
    const struct tty_file *open = file->data;
    bool is_console = file->dentry->inode->device == device_number(5, 1);
    return !is_console && READ_ONCE(open->tty->hangups) != open->hangups;
}

static bool is_nonblock(const struct file *file) { return file->flags & O_NONBLOCK; }

/* The terminal that @device stands for, referenced.  0, -ENXIO, -EIO. */
static int find(u64 device, struct tty **result)
{
    if (device == device_number(5, 0)) {
        *result = tty_current();
        return *result ? 0 : -ENXIO;
    }
    if (device >> 8 == PTY_MAJOR) {
        *result = pty_find(device & 0xff);
        return *result ? 0 : -EIO;
    }
    *result = &console_tty;
    tty_get(&console_tty);
    return 0;
}

/* Make @file one of @tty, whose reference it takes over.  0 or -ENOMEM. */
static int set_up(struct file *file, struct tty *tty)
{
    struct tty_file *open = kmalloc(sizeof(*open), GFP_KERNEL);
    if (!open)
        return -ENOMEM;
    *open = (struct tty_file){ tty, READ_ONCE(tty->hangups) };
    file->data = open;
    return 0;
}

static int open_tty(struct file *file)
{
    struct tty *tty;
    u64 device = file->dentry->inode->device;
    if (file->flags & O_PATH)
        return 0;
    int error = find(device, &tty);
    if (error)
        return error;
    bool is_slave = tty_is_pty(tty);
    if (is_slave)
        error = pty_slave_opened(tty);
    if (!error) {
        error = set_up(file, tty);
        if (error && is_slave)
            pty_slave_closed(tty);
    }
    if (error)
        tty_put(tty);
    else if (!(file->flags & O_NOCTTY) && device >> 8 != 5)
        tty_take_if_free(tty);
    return error;
}

static void release_tty(struct file *file)
{
    struct tty_file *open = file->data;
    if (!open)
        return;
    if (tty_is_pty(open->tty))
        pty_slave_closed(open->tty);
    tty_put(open->tty);
    kfree(open);
}

static ssize_t read_tty(struct file *file, struct iov *to, u64 *position)
{
    return is_dead(file) ? 0 : tty_read(tty_of(file), to, is_nonblock(file));
}

static ssize_t write_tty(struct file *file, struct iov *from, u64 *position)
{
    return is_dead(file) ? -EIO : tty_write(tty_of(file), from, is_nonblock(file));
}

static u32 poll_tty(struct file *file, struct poll_table *table)
{
    struct tty *tty = tty_of(file);
    poll_on(table, &tty->readable);
    poll_on(table, &tty->writable);
    if (is_dead(file))
        return POLL_READABLE | POLL_WRITABLE | POLLERR | POLLHUP;
    return (tty_can_read(tty) ? POLL_READABLE : 0u) | (tty_writable(tty) ? POLL_WRITABLE : 0u);
}

static long control_tty(struct file *file, unsigned command, unsigned long argument)
{
    if (is_dead(file))
        return command == TIOCSPGRP ? -ENOTTY : -EIO;
    return tty_control(tty_of(file), command, argument, false);
}

const struct file_ops tty_ops = {
    .is_stream = true,
    .open = open_tty,
    .release = release_tty,
    .read = read_tty,
    .write = write_tty,
    .poll = poll_tty,
    .ioctl = control_tty,
};

/* --- the master ------------------------------------------------------------------------------ */

static int open_master(struct file *file)
{
    struct tty *tty;
    if (file->flags & O_PATH)
        return 0;
    int error = pty_create(&tty);
    if (error)
        return error;
    error = set_up(file, tty);
    if (!error) {
        error = devpts_add(pty_number(tty), file->dentry);
        if (error)
            kfree(file->data);
    }
    if (error) {
        pty_master_closed(tty);
        tty_put(tty);
    }
    return error;
}

static void release_master(struct file *file)
{
    if (!file->data)
        return;
    struct tty *tty = tty_of(file);
    devpts_remove(pty_number(tty));
    pty_master_closed(tty);
    tty_put(tty);
    kfree(file->data);
}

static ssize_t read_master(struct file *file, struct iov *to, u64 *position)
{
    return pty_master_read(tty_of(file), to, is_nonblock(file));
}

static ssize_t write_master(struct file *file, struct iov *from, u64 *position)
{
    return pty_master_write(tty_of(file), from, is_nonblock(file));
}

static u32 poll_master(struct file *file, struct poll_table *table)
{
    return pty_master_poll(tty_of(file), table);
}

/* TIOCGPTPEER: open the slave without its name. */
static long open_peer(const struct tty *tty, unsigned flags)
{
    struct dentry *dentry;
    struct file *file;
    int error = devpts_find(pty_number(tty), &dentry);
    if (error)
        return error;
    error = file_open(dentry, flags & ~(unsigned)O_CLOEXEC, &file);
    dentry_put(dentry);
    if (error)
        return error;
    return files_install_or_put(current->files, file, 0, flags & O_CLOEXEC);
}

static long control_master(struct file *file, unsigned command, unsigned long argument)
{
    int number;
    struct tty *tty = tty_of(file);
    int __user *user = (int __user *)argument;
    switch (command) {
    case (unsigned)TIOCGPTN:
        return put_user((int)pty_number(tty), user);
    case (unsigned)TIOCGPTLCK:
        return put_user((int)pty_is_locked(tty), user);
    case TIOCSPTLCK:
        if (get_user(number, user))
            return -EFAULT;
        pty_set_locked(tty, number);
        return 0;
    case TIOCPKT:
        if (get_user(number, user))
            return -EFAULT;
        pty_set_packet(tty, number);
        return 0;
    case (unsigned)TIOCGPKT:
        return put_user((int)pty_is_packet(tty), user);
    case TIOCGPTPEER:
        return open_peer(tty, (unsigned)argument);
    case FIONREAD:
        return put_user((int)pty_output_count(tty), user);
    default:
        return tty_control(tty, command, argument, true);
    }
}

const struct file_ops ptmx_ops = {
    .is_stream = true,
    .open = open_master,
    .release = release_master,
    .read = read_master,
    .write = write_master,
    .poll = poll_master,
    .ioctl = control_master,
};
