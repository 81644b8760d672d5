/*
 * ioctl(2) on terminals: settings, size, queues, and whose terminal it is.
 */
#include "arch/x86/user_copy.h"
#include "kernel/dev/tty.h"
#include "kernel/signal.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Source: ioctl_tty(2), Linux uapi asm-generic/ioctls.h. */
enum {
    TCGETS = 0x5401,
    TCSETS = 0x5402,
    TCSETSW = 0x5403,
    TCSETSF = 0x5404,
    TCGETA = 0x5405,
    TCSETA = 0x5406,
    TCSETAW = 0x5407,
    TCSETAF = 0x5408,
    TCSBRK = 0x5409,
    TCXONC = 0x540a,
    TCFLSH = 0x540b,
    TIOCSCTTY = 0x540e,
    TIOCGPGRP = 0x540f,
    TIOCSPGRP = 0x5410,
    TIOCOUTQ = 0x5411,
    TIOCSTI = 0x5412,
    TIOCGWINSZ = 0x5413,
    TIOCSWINSZ = 0x5414,
    FIONREAD = 0x541b,
    TIOCNOTTY = 0x5422,
    TIOCGETD = 0x5424,
    TCSBRKP = 0x5425,
    TIOCSBRK = 0x5427,
    TIOCCBRK = 0x5428,
    TIOCGSID = 0x5429,
    TCGETS2 = (int)0x802c542a,
    TCSETS2 = 0x402c542b,
    TCSETSW2 = 0x402c542c,
    TCSETSF2 = 0x402c542d,
};

/* TCXONC's and TCFLSH's arguments. */
enum { TCOOFF = 0, TCOON = 1, TCIOFF = 2, TCION = 3 };
enum { TCIFLUSH = 0, TCOFLUSH = 1, TCIOFLUSH = 2 };

static struct tty_settings settings_of(struct tty *tty)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    struct tty_settings settings = tty->settings;
    spin_unlock_irqrestore(&tty->lock, flags);
    return settings;
}

static long get_settings(struct tty *tty, void __user *user, bool has_speeds)
{
    struct {
        struct tty_settings settings;
        u32 speed[2];
    } out = { settings_of(tty), { 38400, 38400 } };
    size_t bytes = has_speeds ? sizeof(out) : sizeof(out.settings);
    return copy_to_user(user, &out, bytes) ? -EFAULT : 0;
}

/* What is in the ring changes its meaning with ICANON: what was typed so far can be read. */
static void change_mode(struct tty *tty) MUST_HOLD(tty->lock)
{
    tty->line_at = tty->end;
    tty->is_literal = false;
}

/* Do ^S and ^Q stop and start the output? */
static bool has_flow(const struct tty_settings *settings)
{
    return settings->input & IXON && settings->characters[VSTOP] == 'S' - '@' &&
           settings->characters[VSTART] == 'Q' - '@';
}

static long change_settings(struct tty *tty, struct tty_settings settings, bool flush)
{
    int error = tty_check_foreground(tty, SIGTTOU);
    if (error)
        return error;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    bool changes = (settings.local ^ tty->settings.local) & ICANON;
    bool had_flow = has_flow(&tty->settings), will_have_flow = has_flow(&settings);
    tty->settings = settings;
    if (had_flow != will_have_flow)
        tty_tell(tty, will_have_flow ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP);
    if (flush)
        tty_flush_input(tty);
    if (changes)
        change_mode(tty);
    if (!(settings.input & IXON) && tty->is_stopped)
        tty_set_stopped(tty, false);
    spin_unlock_irqrestore(&tty->lock, flags);
    wake_up(&tty->readable); /* what VMIN asked for may have changed */
    return 0;
}

static long set_settings(struct tty *tty, const void __user *user, bool flush)
{
    struct tty_settings settings;
    if (copy_from_user(&settings, user, sizeof(settings)))
        return -EFAULT;
    return change_settings(tty, settings, flush);
}

/* The settings as System V had them: struct termio. */
struct old_settings {
    u16 input, output, control, local;
    u8 discipline;
    u8 characters[8];
};

static long get_old_settings(struct tty *tty, void __user *user)
{
    const struct tty_settings now = settings_of(tty);
    struct old_settings out = { (u16)now.input, (u16)now.output, (u16)now.control,
                                (u16)now.local, now.discipline,  { 0 } };
    memcpy(out.characters, now.characters, sizeof(out.characters));
    return copy_to_user(user, &out, sizeof(out)) ? -EFAULT : 0;
}

/* What the old structure has no room for stays as it is. */
static long set_old_settings(struct tty *tty, const void __user *user, bool flush)
{
    struct old_settings in;
    if (copy_from_user(&in, user, sizeof(in)))
        return -EFAULT;
    struct tty_settings settings = settings_of(tty);
    const u32 high = 0xffff0000;
    settings.input = (settings.input & high) | in.input;
    settings.output = (settings.output & high) | in.output;
    settings.control = (settings.control & high) | in.control;
    settings.local = (settings.local & high) | in.local;
    settings.discipline = in.discipline;
    memcpy(settings.characters, in.characters, sizeof(in.characters));
    return change_settings(tty, settings, flush);
}

static long get_window(struct tty *tty, void __user *user)
{
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    struct tty_window window = tty->window;
    spin_unlock_irqrestore(&tty->lock, flags);
    return copy_to_user(user, &window, sizeof(window)) ? -EFAULT : 0;
}

static long set_window(struct tty *tty, const void __user *user)
{
    struct tty_window window;
    if (copy_from_user(&window, user, sizeof(window)))
        return -EFAULT;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    struct tty_window *now = &tty->window;
    bool changes = now->rows != window.rows || now->columns != window.columns ||
                   now->width != window.width || now->height != window.height;
    *now = window;
    spin_unlock_irqrestore(&tty->lock, flags);
    if (changes)
        tty_signal(tty, SIGWINCH);
    return 0;
}

static long flow(struct tty *tty, unsigned long what)
{
    int error = tty_check_foreground(tty, SIGTTOU);
    if (error || what > TCION)
        return error ? error : -EINVAL;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    if (what == TCOOFF || what == TCOON) {
        tty_set_stopped(tty, what == TCOOFF);
    } else { /* ask the far end to do so */
        char key = (char)tty->settings.characters[what == TCIOFF ? VSTOP : VSTART];
        if (key)
            tty->driver->write(tty, &key, 1);
    }
    spin_unlock_irqrestore(&tty->lock, flags);
    return 0;
}

static long flush(struct tty *tty, unsigned long what)
{
    int error = tty_check_foreground(tty, SIGTTOU);
    if (error || what > TCIOFLUSH)
        return error ? error : -EINVAL;
    irqflags_t flags = spin_lock_irqsave(&tty->lock);
    if (what != TCIFLUSH) /* output has left already */
        tty_tell(tty, TIOCPKT_FLUSHWRITE);
    if (what != TCOFLUSH) {
        tty_tell(tty, TIOCPKT_FLUSHREAD);
        tty_flush_input(tty);
    }
    spin_unlock_irqrestore(&tty->lock, flags);
    if (tty->driver->resume)
        tty->driver->resume(tty);
    return 0;
}

static long put_number(long number, unsigned long user)
{
    return number < 0 ? number : put_user((int)number, (int __user *)user);
}

/* About the session and its groups. */
static long control_job(struct tty *tty, unsigned command, unsigned long argument, bool by_master)
{
    int group;
    switch (command) {
    case TIOCSCTTY:
        return tty_take(tty, argument == 1);
    case TIOCNOTTY:
        return tty_leave(tty);
    case TIOCGPGRP:
        return put_number(tty_get_foreground(tty, by_master), argument);
    case TIOCGSID:
        return put_number(tty_get_session(tty, by_master), argument);
    case TIOCSPGRP:
        if (get_user(group, (int __user *)argument))
            return -EFAULT;
        return tty_set_foreground(tty, group);
    default:
        return -ENOTTY;
    }
}

long tty_control(struct tty *tty, unsigned command, unsigned long argument, bool by_master)
{
    void __user *user = (void __user *)argument;
    switch (command) {
    case TCGETS:
    case (unsigned)TCGETS2:
        return get_settings(tty, user, command != TCGETS);
    case TCSETS:
    case TCSETSW:
    case TCSETS2:
    case TCSETSW2:
        return set_settings(tty, user, false);
    case TCSETSF:
    case TCSETSF2:
        return set_settings(tty, user, true);
    case TCGETA:
        return get_old_settings(tty, user);
    case TCSETA:
    case TCSETAW:
    case TCSETAF:
        return set_old_settings(tty, user, command == TCSETAF);
    case TIOCGWINSZ:
        return get_window(tty, user);
    case TIOCSWINSZ:
        return set_window(tty, user);
    case TCXONC:
        return flow(tty, argument);
    case TCFLSH:
        return flush(tty, argument);
    case FIONREAD:
        return put_number((long)tty_input_count(tty), argument);
    case TIOCOUTQ:
    case TIOCGETD: /* N_TTY */
        return put_number(0, argument);
    case TIOCSTI: /* a way to type for others, which Linux has closed, too */
        return -EIO;
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
    case TIOCCBRK:
        return 0;
    default:
        return control_job(tty, command, argument, by_master);
    }
}
