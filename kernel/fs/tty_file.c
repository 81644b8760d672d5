/*
 * The terminal as a file: /dev/console and /dev/tty.
 */
#include "kernel/fs/tty_file.h"

#include "arch/x86/user_copy.h"
#include "kernel/dev/tty.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/poll.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "lib/types.h"

enum { CHUNK_BYTES = 256 };

/* Source: Linux uapi asm-generic/ioctls.h, termbits.h; termios(3). */
enum {
    TCGETS = 0x5401,
    TCSETS = 0x5402,
    TCSETSF = 0x5404,
    TIOCGWINSZ = 0x5413,
};

struct abi_termios {
    u32 input, output, control, local; /* flags */
    u8 discipline;
    u8 characters[19];
};

struct abi_window_size {
    u16 rows, columns, width, height;
};

static ssize_t read_line(struct file *file, struct iov *to, u64 *position)
{
    char line[CHUNK_BYTES];
    ssize_t got = tty_read(line, min(to->left, sizeof(line)));
    if (got <= 0)
        return got;
    size_t done = iov_put(to, line, (size_t)got);
    return done ? (ssize_t)done : -EFAULT;
}

static ssize_t write_all(struct file *file, struct iov *from, u64 *position)
{
    ssize_t total = 0;
    while (from->left) {
        char chunk[CHUNK_BYTES];
        size_t wanted = min(from->left, sizeof(chunk));
        size_t got = iov_take(from, chunk, wanted);
        tty_write(chunk, got);
        total += (ssize_t)got;
        if (got < wanted)
            return total ? total : -EFAULT;
    }
    return total;
}

/* What the terminal does: ICRNL IXON, OPOST ONLCR, 38400 8 bits, ISIG ICANON ECHO*. */
static const struct abi_termios settings = {
    .input = 0x500,
    .output = 0x5,
    .control = 0xbf,
    .local = 0x8a3b,
    .characters = { 3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22 },
};

static long control(struct file *file, unsigned command, unsigned long argument)
{
    void __user *user = (void __user *)argument;
    struct abi_window_size size = { .rows = 25, .columns = 80 };
    size_t missed = 0;
    if (command == TCGETS)
        missed = copy_to_user(user, &settings, sizeof(settings));
    else if (command == TIOCGWINSZ)
        missed = copy_to_user(user, &size, sizeof(size));
    else if (command < TCSETS || command > TCSETSF)
        return -ENOTTY;
    return missed ? -EFAULT : 0;
}

static u32 poll_line(struct file *file, struct poll_table *table)
{
    poll_on(table, tty_read_queue());
    return POLL_WRITABLE | (tty_readable() ? POLL_READABLE : 0u);
}

const struct file_ops tty_ops = {
    .is_stream = true,
    .read = read_line,
    .write = write_all,
    .poll = poll_line,
    .ioctl = control,
};
