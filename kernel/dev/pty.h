/*
 * Pseudo-terminals: a terminal whose far end is a program.
 *
 *     terminal emulator, script, expect           shell, editor
 *             |                                          |
 *       /dev/ptmx: the master        struct tty     /dev/pts/N: the slave
 *             |  write  ---->  tty_input() ---->  read   |
 *             |  read   <----  output ring <----  write  |
 *
 * What is echoed while the ring is full is lost; what programs write waits.
 */
#ifndef KERNEL_DEV_PTY_H
#define KERNEL_DEV_PTY_H

#include "kernel/dev/tty.h"
#include "lib/annotate.h"

struct poll_table;
struct pty;

enum { PTYS_MAX = 64, PTY_MAJOR = 136 };

/* A new pseudo-terminal, its slave locked, with one reference: the master's.  Sleeps. */
int pty_create(struct tty **result) MUST_CHECK;

/* The terminal of /dev/pts/@number with a reference, or NULL: its master is closed. */
struct tty *pty_find(unsigned number) MUST_CHECK;

/* Does @tty belong to a pty? */
bool tty_is_pty(const struct tty *tty);

/* A slave is opened (-EIO: it is locked, or the master is gone) or closed. */
int pty_slave_opened(struct tty *tty) MUST_CHECK;
void pty_slave_closed(struct tty *tty);

/* The master is closed: hang up. */
void pty_master_closed(struct tty *tty);

unsigned pty_number(const struct tty *tty);
bool pty_is_locked(const struct tty *tty);
void pty_set_locked(struct tty *tty, bool locked);

/* TIOCPKT: is each read of the master a packet, with a byte in front that says what it is? */
bool pty_is_packet(const struct tty *tty);
void pty_set_packet(struct tty *tty, bool packet);

/* The master's side.  As read(2), write(2), poll(2); -EIO: the slave was open and is closed. */
ssize_t pty_master_read(struct tty *tty, struct iov *to, bool nonblock) MUST_CHECK;
ssize_t pty_master_write(struct tty *tty, struct iov *from, bool nonblock) MUST_CHECK;
u32 pty_master_poll(struct tty *tty, struct poll_table *table);
size_t pty_output_count(struct tty *tty);

#endif
