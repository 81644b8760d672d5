/*
 * A terminal's line discipline, seen from both ends of a pseudo-terminal: what keys do to a line,
 * what is echoed, what programs write, and how the ends notice each other's going.
 */
#define _GNU_SOURCE
#include "check.h"
#include "user/now.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

enum { PATIENCE_MS = 2000, QUIET_MS = 40 };

static int master, slave;
static struct termios fresh;

static void open_both(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    check("a master", master >= 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    check("its slave", slave >= 0 && isatty(slave) && isatty(master));
    tcgetattr(slave, &fresh);
}

static void close_both(void)
{
    close(slave);
    close(master);
}

static void type(const char *keys) { (void)!write(master, keys, strlen(keys)); }
static void set(const struct termios *settings) { tcsetattr(slave, TCSANOW, settings); }

static int events_of(int fd, int ms)
{
    struct pollfd entry = { fd, POLLIN, 0 };
    return poll(&entry, 1, ms) > 0 ? entry.revents : 0;
}

static void print_bytes(const char *bytes, ssize_t count)
{
    for (ssize_t i = 0; i < count; i++)
        printf(bytes[i] >= ' ' && bytes[i] < 0x7f ? "%c" : "\\x%02x", (unsigned char)bytes[i]);
}

static void compare(const char *what, const char *got, ssize_t count, const char *wanted)
{
    int same = count == (ssize_t)strlen(wanted) && memcmp(got, wanted, (size_t)count) == 0;
    check(what, same);
    if (same)
        return;
    printf("    got %zd: ", count);
    print_bytes(got, count);
    printf("\n");
}

/* One read of the slave. */
static void expect_line(const char *what, const char *wanted)
{
    char got[256];
    ssize_t count = events_of(slave, PATIENCE_MS) ? read(slave, got, sizeof(got)) : -1;
    compare(what, got, count, wanted);
}

/* All that the master gets to see, in as many reads as it takes. */
static void expect_screen(const char *what, const char *wanted)
{
    char got[512];
    ssize_t count = 0, wanted_bytes = (ssize_t)strlen(wanted);
    while (events_of(master, count < wanted_bytes ? PATIENCE_MS : QUIET_MS) & POLLIN) {
        ssize_t more = read(master, got + count, sizeof(got) - (size_t)count);
        if (more <= 0)
            break;
        count += more;
    }
    compare(what, got, count, wanted);
}

static void expect_silence(const char *what) { check(what, events_of(slave, QUIET_MS) == 0); }

static void test_settings(void)
{
    unsigned char keys[] = { 3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0 };
    printf("input %#x output %#x local %#x\n", fresh.c_iflag, fresh.c_oflag, fresh.c_lflag);
    check("the keys", memcmp(fresh.c_cc, keys, sizeof(keys)) == 0);
    check("the speed", cfgetospeed(&fresh) == B38400);
    struct winsize size = { 1, 1, 1, 1 };
    check("no size", ioctl(slave, TIOCGWINSZ, &size) == 0 && !size.ws_row && !size.ws_col);
    check("give it one", ioctl(master, TIOCSWINSZ, &(struct winsize){ 24, 80, 0, 0 }) == 0);
    check("and see",
          ioctl(slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 24 && size.ws_col == 80);
    check_errno(ioctl(slave, 0x5499, 0), ENOTTY);
    check_errno(ioctl(slave, TIOCGWINSZ, 16), EFAULT);
    check_errno(lseek(slave, 0, SEEK_SET), ESPIPE);
}

static void test_lines(void)
{
    type("abc");
    expect_screen("echo", "abc");
    expect_silence("no line yet");
    type("\n");
    expect_line("a line", "abc\n");
    expect_screen("its end", "\r\n");
    type("one\ntwo\r");
    expect_line("the first", "one\n");
    expect_line("the second, ended by a return", "two\n");
    expect_screen("both", "one\r\ntwo\r\n");
    char got[8];
    type("abcdef\n");
    check("a short read", events_of(slave, PATIENCE_MS) && read(slave, got, 3) == 3);
    expect_line("the rest", "def\n");
    expect_screen("echo", "abcdef\r\n");
    int count = 0;
    type("12\n345\nno");
    expect_screen("echo", "12\r\n345\r\nno");
    check("so much can be read", ioctl(slave, FIONREAD, &count) == 0 && count == 7);
    check("forget it", tcflush(slave, TCIFLUSH) == 0);
    expect_silence("nothing is left");
    type("end\n");
    expect_line("not even the unfinished line", "end\n");
    expect_screen("echo", "end\r\n");
}

static void test_editing(void)
{
    type("abx\177c\n");
    expect_line("erase", "abc\n");
    expect_screen("echo", "abx\b \bc\r\n");
    type("\177junk\025new\n");
    expect_line("kill", "new\n");
    expect_screen("echo", "junk\b \b\b \b\b \b\b \bnew\r\n");
    type("one two  \027x\n");
    expect_line("erase a word", "one x\n");
    expect_screen("echo", "one two  \b \b\b \b\b \b\b \b\b \bx\r\n");
    type("a\001b\177\177c\n");
    expect_line("erase a control character", "ac\n");
    expect_screen("echo", "a^Ab\b \b\b \b\b \bc\r\n");
    type("\026\003\026\n\n");
    expect_line("literally; a newline, too, is only a byte", "\003\n\n");
    expect_screen("echo", "^\b^C^\b^J\r\n");
    type("ab\022c\n");
    expect_line("show again", "abc\n");
    expect_screen("echo", "ab^R\r\nabc\r\n");
    type("ab\004");
    expect_line("end of file ends a line", "ab");
    type("\004");
    expect_line("or is an end", "");
    type("ab\004\004cd\n");
    expect_line("both", "ab");
    expect_line("end", "");
    expect_line("a line", "cd\n");
    expect_screen("echo", "ababcd\r\n");
}

static void test_echo(void)
{
    struct termios now = fresh;
    now.c_lflag &= ~(tcflag_t)ECHO;
    set(&now);
    type("secret\177\n");
    expect_line("no echo", "secre\n");
    expect_screen("at all", "");
    now.c_lflag |= ECHONL;
    set(&now);
    type("secret\n");
    expect_line("only newlines", "secret\n");
    expect_screen("are echoed", "\r\n");
    now = fresh;
    now.c_lflag &= ~(tcflag_t)(ECHOE | ECHOKE | ECHOCTL);
    set(&now);
    type("ab\177c\n");
    expect_line("no erasing on the screen", "ac\n");
    expect_screen("echo", "ab\177c\r\n");
    type("ab\025c\n");
    expect_line("no killing", "c\n");
    expect_screen("echo", "ab\025\r\nc\r\n");
    set(&fresh);
}

static void test_translation(void)
{
    struct termios now = fresh;
    now.c_iflag = IGNCR;
    set(&now);
    type("a\rb\n");
    expect_line("returns are ignored", "ab\n");
    now.c_iflag = INLCR;
    now.c_cc[VEOL] = '\r';
    set(&now);
    type("a\n");
    expect_line("newline becomes return, which ends a line", "a\r");
    now.c_iflag = 0;
    now.c_cc[VEOL] = ';';
    set(&now);
    type("a;b\r\n");
    expect_line("another end", "a;");
    expect_line("a return is only a byte", "b\r\n");
    expect_screen("echo", "ab\r\na^Ma;b^M\r\n");
    set(&fresh);
    (void)!write(slave, "x\ny\tz\r", 6);
    expect_screen("output", "x\r\ny\tz\r");
    now = fresh;
    now.c_oflag = OPOST | OCRNL | XTABS;
    set(&now);
    (void)!write(slave, "\r\n", 2);
    expect_screen("output: return, newline", "\n\n");
    now.c_oflag = 0;
    set(&now);
    (void)!write(slave, "x\ny\tz\r", 6);
    expect_screen("raw output", "x\ny\tz\r");
    set(&fresh);
}

static void test_raw(void)
{
    char got[16];
    struct termios now = fresh;
    type("part");
    expect_screen("echo", "part");
    cfmakeraw(&now);
    set(&now);
    expect_line("what was typed can be read", "part");
    type("a\003\177\r");
    expect_line("bytes as they are", "a\003\177\r");
    expect_screen("no echo", "");
    now.c_cc[VMIN] = 0;
    set(&now);
    check("VMIN 0, VTIME 0: at once nothing", read(slave, got, sizeof(got)) == 0);
    now.c_cc[VTIME] = 1;
    set(&now);
    long start = now_ms();
    check("VTIME 1: nothing", read(slave, got, sizeof(got)) == 0);
    check("after a tenth of a second", now_ms() - start >= 90);
    type("xy");
    expect_line("or what there is", "xy");
    now.c_cc[VMIN] = 4;
    now.c_cc[VTIME] = 0;
    set(&now);
    pid_t child = fork();
    if (!child) {
        for (int i = 0; i < 2; i++) {
            nanosleep(&(struct timespec){ 0, QUIET_MS * 1000000 }, NULL);
            type("pq");
        }
        _exit(0);
    }
    check("VMIN 4: waits for 4", read(slave, got, sizeof(got)) == 4);
    now.c_cc[VTIME] = 1;
    set(&now);
    type("z");
    check("unless the next is late", read(slave, got, sizeof(got)) == 1);
    now.c_cc[VTIME] = 0;
    now.c_cc[VMIN] = 9;
    set(&now);
    type("12");
    check("or as many as were asked for", read(slave, got, 2) == 2);
    fcntl(slave, F_SETFL, O_NONBLOCK);
    check_errno(read(slave, got, 1), EAGAIN);
    set(&fresh);
    check_errno(read(slave, got, 1), EAGAIN);
    fcntl(slave, F_SETFL, 0);
}

static void test_flow(void)
{
    fcntl(slave, F_SETFL, O_NONBLOCK);
    check("it flows", write(slave, "a", 1) == 1);
    type("\023");
    nanosleep(&(struct timespec){ 0, QUIET_MS * 1000000 }, NULL);
    check_errno(write(slave, "b", 1), EAGAIN);
    type("\021");
    nanosleep(&(struct timespec){ 0, QUIET_MS * 1000000 }, NULL);
    check("it flows again", write(slave, "c", 1) == 1);
    check("stop", tcflow(slave, TCOOFF) == 0);
    check_errno(write(slave, "b", 1), EAGAIN);
    check("go on", tcflow(slave, TCOON) == 0);
    check("it flows again", write(slave, "d", 1) == 1);
    fcntl(slave, F_SETFL, 0);
    expect_screen("all of it", "acd");
}

/* Packet mode: what the master reads has a byte in front, 0, or it is one that tells something. */
static void test_packets(void)
{
    char got[64];
    int on = 1;
    struct termios raw = fresh;
    struct pollfd entry = { master, POLLIN | POLLPRI, 0 };
    check("packet mode", ioctl(master, TIOCPKT, &on) == 0);
    check("is on", ioctl(master, TIOCGPKT, &on) == 0 && on == 1);
    (void)!write(slave, "abc", 3);
    check("data has a zero in front",
          read(master, got, sizeof(got)) == 4 && !memcmp(got, "\0abc", 4));
    tcflow(slave, TCOOFF);
    check("news are urgent", poll(&entry, 1, PATIENCE_MS) == 1 && entry.revents & POLLPRI);
    check("stopped", read(master, got, sizeof(got)) == 1 && got[0] == TIOCPKT_STOP);
    tcflow(slave, TCOON);
    check("started", read(master, got, sizeof(got)) == 1 && got[0] == TIOCPKT_START);
    tcflush(slave, TCIFLUSH);
    check("flushed", read(master, got, sizeof(got)) == 1 && got[0] == TIOCPKT_FLUSHREAD);
    raw.c_iflag &= ~(tcflag_t)IXON;
    set(&raw);
    check("no keys that stop",
          read(master, got, sizeof(got)) == 1 && got[0] & TIOCPKT_NOSTOP && got[0] < 64);
    set(&fresh);
    check("again", read(master, got, sizeof(got)) == 1 && got[0] & TIOCPKT_DOSTOP);
    (void)!write(slave, "x", 1);
    check("a byte alone", read(master, got, 1) == 1 && got[0] == 0);
    on = 0;
    check("off", ioctl(master, TIOCPKT, &on) == 0);
    expect_screen("the rest is plain", "x");
}

static void test_ends(void)
{
    char byte;
    (void)!write(slave, "last", 4);
    close(slave);
    expect_screen("what was written before the slave went", "last");
    check("then: hung up", events_of(master, PATIENCE_MS) & POLLHUP);
    check_errno(read(master, &byte, 1), EIO);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    type("x\n");
    expect_line("a slave comes back", "x\n");
    expect_screen("echo", "x\r\n");
    close(master);
    check("the master goes", events_of(slave, PATIENCE_MS) & POLLHUP);
    check("end of file", read(slave, &byte, 1) == 0);
    check_errno(write(slave, "x", 1), EIO);
    check_errno(tcgetattr(slave, &fresh), EIO);
    close(slave);
    master = posix_openpt(O_RDWR | O_NOCTTY);
    check_errno(open(ptsname(master), O_RDWR | O_NOCTTY), EIO);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    int other = posix_openpt(O_RDWR | O_NOCTTY);
    char names[2][32];
    strcpy(names[0], ptsname(master));
    strcpy(names[1], ptsname(other));
    check("another has another name", strcmp(names[0], names[1]) != 0);
    close(other);
    close_both();
    check_errno(open(names[0], O_RDWR | O_NOCTTY), ENOENT);
}

int main(void)
{
    open_both();
    test_settings();
    test_lines();
    test_editing();
    test_echo();
    test_translation();
    test_raw();
    test_flow();
    test_packets();
    test_ends();
    return finish();
}
