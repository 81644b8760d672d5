/*
 * Terminals: what somebody types becomes what a program reads.
 *
 *     keyboard, serial port,     tty_input.c          tty_read.c
 *     master of a pty     ----> keys edit a line ----> ring ----> read(2)
 *                                   | echo, signals
 *                               tty_output.c
 *     screen, serial line, <---- newlines, tabs <---------------- write(2)
 *     master of a pty
 *
 * A struct tty is all of that for one terminal: the console has one (console_tty.c), each
 * pseudo-terminal another (pty.c).  What is at its far end is its driver.
 *
 *     read_at          line_at            end
 *        |  whole lines   |  being edited  |        free
 *     ---+----------------+----------------+----------------
 *         tty_read()                 tty_input()
 *
 * When there is no room the far end keeps its bytes until a reader has made some.
 *
 * tty_job.c knows whose terminal it is: the session it controls, and the group in the foreground,
 * which gets the signals of the keys.
 *
 * Source: POSIX.1-2017, 11 "General Terminal Interface"; termios(3), ioctl_tty(2).
 */
#ifndef KERNEL_DEV_TTY_H
#define KERNEL_DEV_TTY_H

#include "kernel/spinlock.h"
#include "kernel/task.h"
#include "kernel/wait.h"
#include "lib/annotate.h"
#include "lib/bitmap.h"
#include "lib/list.h"
#include "lib/types.h"

struct iov;
struct process;
struct tty;

/* Source: termios(3), Linux uapi asm-generic/termbits.h. */
enum tty_input_flags {
    ISTRIP = 0x20,
    INLCR = 0x40,
    IGNCR = 0x80,
    ICRNL = 0x100,
    IXON = 0x400,
    IXANY = 0x800,
    IMAXBEL = 0x2000,
    IUTF8 = 0x4000,
};
enum tty_output_flags {
    OPOST = 0x1,
    OLCUC = 0x2,
    ONLCR = 0x4,
    OCRNL = 0x8,
    ONOCR = 0x10,
    ONLRET = 0x20,
    TABDLY = 0x1800, /* all bits: tabs become spaces */
};
enum tty_local_flags {
    ISIG = 0x1,
    ICANON = 0x2,
    ECHO = 0x8,
    ECHOE = 0x10,
    ECHOK = 0x20,
    ECHONL = 0x40,
    NOFLSH = 0x80,
    TOSTOP = 0x100,
    ECHOCTL = 0x200,
    ECHOKE = 0x800,
    IEXTEN = 0x8000,
};
enum tty_character {
    VINTR = 0,
    VQUIT = 1,
    VERASE = 2,
    VKILL = 3,
    VEOF = 4,
    VTIME = 5,
    VMIN = 6,
    VSTART = 8,
    VSTOP = 9,
    VSUSP = 10,
    VEOL = 11,
    VREPRINT = 12,
    VWERASE = 14,
    VLNEXT = 15,
    VEOL2 = 16,
    TTY_CHARACTERS = 19,
};

/* As programs know it: the kernel's struct termios. */
struct tty_settings {
    u32 input, output, control, local;
    u8 discipline;
    u8 characters[TTY_CHARACTERS];
};

/* As programs know it: struct winsize. */
struct tty_window {
    u16 rows, columns, width, height;
};

/* What a master in packet mode is told.  Source: ioctl_tty(2). */
enum tty_news {
    TIOCPKT_FLUSHREAD = 1,
    TIOCPKT_FLUSHWRITE = 2,
    TIOCPKT_STOP = 4,
    TIOCPKT_START = 8,
    TIOCPKT_NOSTOP = 16, /* ^S and ^Q are keys as others are, or stop and start the output */
    TIOCPKT_DOSTOP = 32,
};

/*
 * What is at a terminal's far end.  All but answer() and resume() with tty->lock held, interrupts
 * off.
 */
struct tty_driver {
    /* How many bytes write() can take now. */
    size_t (*room)(struct tty *tty);
    /* Take @count bytes, or as many as there is room for. */
    void (*write)(struct tty *tty, const char *bytes, size_t count);
    /*
     * Take what the far end answers to what was written, at most @room bytes, to be input.
     * Without locks, after write().  NULL: nothing.
     */
    size_t (*answer)(struct tty *tty, char *bytes, size_t room);
    /* What enum tty_news names has happened.  NULL: nobody wants to know. */
    void (*tell)(struct tty *tty, unsigned news);
    /* There is room for input again.  Any context but NMI, without locks.  NULL: nobody asks. */
    void (*resume)(struct tty *tty);
    /* The last reference is gone.  Sleeps.  NULL: it stays. */
    void (*destroy)(struct tty *tty);
};

enum { TTY_INPUT_BYTES = 8192 };

/* (c) constant; (l) under lock; (t) under tasks_lock; (a) atomic */
struct tty {
    struct spinlock lock;            /* taken with interrupts off */
    const struct tty_driver *driver; /* (c) */
    u32 refs;                        /* (a) open files, and who looks */
    u32 device;                      /* (c) major << 8 | minor */

    struct tty_settings settings; /* (l) */
    struct tty_window window;     /* (l) */

    /*
     * (l) Positions count without end; byte n stands at n % TTY_INPUT_BYTES.  A line's last byte is
     * marked in line_ends; if that is '\0' it ends the line, but is not part of it.
     */
    u8 bytes[TTY_INPUT_BYTES];
    BITMAP(line_ends, TTY_INPUT_BYTES);
    u32 read_at, line_at, end;

    bool is_literal; /* (l) VLNEXT: the next key is nothing but itself */
    bool is_stopped; /* (l) VSTOP: no output */
    u32 column;      /* (l) where output stands */
    u32 line_column; /* (l) where the line that is edited began */
    u32 hangups;     /* (l) how often it was hung up: files opened before are dead */
    struct wait_queue readable, writable;

    struct list_node all_node; /* (t) on the list of all terminals */
    int session, foreground;   /* (t) 0: none */
};

/* The machine's own terminal: all consoles for output, keyboard and serial port for input. */
extern struct tty console_tty;

/* What a terminal starts with, but for the input flags: settings and keys as Linux has them. */
#define TTY_SETTINGS_MEMBERS                                                   \
    .output = OPOST | ONLCR, .control = 0xbf /* 38400, 8 bits, CREAD */,       \
    .local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN, \
    .characters = { 3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22 }

/* Make @tty, which is zeroed but for its settings and window, one with @driver; one reference. */
void tty_init(struct tty *tty, const struct tty_driver *driver);
void tty_get(struct tty *tty);

/* Drop a reference.  Sleeps. */
void tty_put(struct tty *tty);

/* --- input: tty_input.c ---------------------------------------------------------------------- */

/* How many bytes tty_input() can take.  Any context but NMI. */
size_t tty_input_room(struct tty *tty);

/* Somebody typed @count bytes, not more than there is room for.  Any context but NMI. */
void tty_input(struct tty *tty, const u8 *bytes, size_t count);

/* Forget all input.  Under tty->lock. */
void tty_flush_input(struct tty *tty) MUST_HOLD(tty->lock);

/* --- reading: tty_read.c --------------------------------------------------------------------- */

/*
 * Read as the settings say: a line or what is left of one, or VMIN and VTIME.
 *
 * Returns: how many bytes; 0: end of file, hung up, time is over; -EAGAIN: @nonblock; -ERESTART: a
 * signal came; -EIO: the reader is in the background and nobody can stop it; -EFAULT.  Sleeps.
 */
ssize_t tty_read(struct tty *tty, struct iov *to, bool nonblock) MUST_CHECK;

/* How many bytes can be read at once; at least 1 is also said where end of file can be read. */
size_t tty_readable(struct tty *tty);

/* Is there what a read would not wait for, VMIN bytes if VTIME does not count? */
bool tty_can_read(struct tty *tty);

/* How many bytes FIONREAD tells: without ends of file. */
size_t tty_input_count(struct tty *tty);

/* --- output: tty_output.c -------------------------------------------------------------------- */

/* Write all of @from.  Returns: how much; -EAGAIN, -ERESTART, -EIO, -EFAULT if nothing.  Sleeps. */
ssize_t tty_write(struct tty *tty, struct iov *from, bool nonblock) MUST_CHECK;

/* Turn one byte of output into what goes to the driver, at most TTY_OUTPUT_MAX bytes at @out. */
enum { TTY_OUTPUT_MAX = 8 };
size_t tty_process(struct tty *tty, u8 byte, char *out) MUST_HOLD(tty->lock);

/* Can a writer go on? */
bool tty_writable(struct tty *tty);

/* Stop or resume output (VSTOP, VSTART, TCXONC). */
void tty_set_stopped(struct tty *tty, bool stopped) MUST_HOLD(tty->lock);

/* --- sessions and groups: tty_job.c ---------------------------------------------------------- */

/* @process's controlling terminal: its device, and the foreground's group; 0 and -1: none. */
void tty_describe(const struct process *process, u32 *device, int *foreground)
    MUST_HOLD(tasks_lock);

/* @news has happened to @tty: its far end may want to know. */
static inline void tty_tell(struct tty *tty, unsigned news) MUST_HOLD(tty->lock)
{
    if (tty->driver->tell)
        tty->driver->tell(tty, news);
}

/* The current process's controlling terminal with a reference, or NULL. */
struct tty *tty_current(void) MUST_CHECK;

/*
 * May the current process do with @tty what background processes are sent @signal for?
 *
 * Returns: 0; -ERESTART: its group was sent the signal; -EIO: it may not, and cannot be stopped.
 */
int tty_check_foreground(struct tty *tty, int signal) MUST_CHECK;

/* Send @signal to the group in the foreground.  Any context but NMI; no locks. */
void tty_signal(struct tty *tty, int signal);

/* Make @tty the controlling terminal of the current process's session: TIOCSCTTY. */
int tty_take(struct tty *tty, bool steal) MUST_CHECK;

/* As tty_take() for who opens @tty without O_NOCTTY: if it can be. */
void tty_take_if_free(struct tty *tty);

/* Give the controlling terminal up: TIOCNOTTY.  0 or -ENOTTY. */
int tty_leave(struct tty *tty) MUST_CHECK;

/* The group in the foreground, and the session.  -ENOTTY: not the caller's terminal. */
long tty_get_foreground(struct tty *tty, bool by_master) MUST_CHECK;
long tty_get_session(struct tty *tty, bool by_master) MUST_CHECK;
int tty_set_foreground(struct tty *tty, int group) MUST_CHECK;

/* PID 1, which was given the console, calls setsid() and gives it back.  Returns: whether so. */
bool tty_session_leave(const struct process *process) MUST_HOLD(tasks_lock);

/* The leader of @session has ended: its terminal is hung up, and free. */
void tty_session_ends(int session) MUST_HOLD(tasks_lock);

/* The line is dead: files open now read the end and cannot write; its processes are told. */
void tty_hangup(struct tty *tty);

/* --- controls: tty_control.c ----------------------------------------------------------------- */

/* ioctl(2) on @tty; @by_master: by way of a pty's master. */
long tty_control(struct tty *tty, unsigned command, unsigned long argument, bool by_master);

/* --- the console: console_tty.c -------------------------------------------------------------- */

/* Who brings input to the console. */
struct tty_source {
    void (*resume)(void); /* there is room again; any context but NMI, interrupts off or on */
    struct list_node node;
};

/* Let @source, which must stay, know when there is room again. */
void tty_add_source(struct tty_source *source);

#endif
