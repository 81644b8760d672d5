/*
 * A fuzzer of system calls: random calls with random arguments, by processes that may die of it.
 *
 *     init=/bin/fuzz -- [CALLS [SEED [WORKERS]]]
 *
 * The first program starts workers, each of which makes some calls and ends, or is ended by one of
 * them; another one takes its place.  Who has not come further for a second is killed.  After each
 * round all are killed, the file system they had is taken down, and the books of memory must
 * balance (/proc/audit); at the end no more may be in use than after the first round.
 *
 * It is a danger to any machine that is more than a test: so it runs as PID 1 or not at all.
 *
 * The same seed and one worker make the same calls; which of them the clock interrupts is chance.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "books.h"
#include "fuzz_draw.h"
#include "fuzz_place.h"
#include "now.h"

enum {
    WORKERS_MAX = 32,
    BATCH_CALLS = 1000, /* of one worker's life */
    ROUND_CALLS = 100000,
    CHILD_CALLS = 10, /* of a child that a random fork made */
    CARE_CALLS = 32,  /* so often a worker sees to it that the clock interrupts it */
    STUCK_MS = 1000,
    HUNG_MS = 60000,
};

/* What a worker tells, in memory that all share; it may write anything there. */
struct told {
    volatile unsigned calls, succeeded;
    volatile uint64_t digest;
    struct raw_call last;
};

/* What the first program knows of it. */
struct worker {
    pid_t pid; /* 0: none */
    unsigned seen;
    long seen_ms;
    int is_killed;
};

static struct told *told;
static struct worker workers[WORKERS_MAX];
static unsigned workers_count = 8;
static uint64_t seed, batches;
static unsigned long calls_done, calls_succeeded, deaths, killed;
static uint64_t digest;

/* --- a worker -------------------------------------------------------------------------------- */

static void interrupted(int signal) { (void)signal; }

/* Let the clock interrupt what waits, whatever became of masks and handlers. */
static void take_care(void)
{
    struct sigaction action = { .sa_handler = interrupted };
    struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
    sigset_t none;
    sigemptyset(&none);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void limit(int resource, rlim_t most)
{
    struct rlimit limit = { most, most };
    setrlimit(resource, &limit);
}

static void open_some_files(void)
{
    int pipes[2];
    sigset_t some;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR1);
    for (int fd = 0; fd < 3; fd++)
        open("/dev/null", O_RDWR);
    open("a", O_RDWR | O_CREAT, 0777);
    mkdir("b", 0777);
    open("b", O_RDONLY | O_DIRECTORY);
    (void)!pipe2(pipes, O_NONBLOCK);
    eventfd(1, EFD_NONBLOCK);
    epoll_create1(0);
    timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    signalfd(-1, &some, SFD_NONBLOCK);
    open("/dev/zero", O_RDWR);
    open("/dev/ptmx", O_RDWR | O_NOCTTY);
    open("/proc/self/maps", O_RDONLY);
    syscall(SYS_memfd_create, "memory", 2);
    open("c", O_RDWR | O_CREAT | O_APPEND, 0777);
}

static void prepare_worker(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    setsid();
    for (int fd = 0; fd < 3; fd++)
        close(fd); /* the console is not theirs */
    if (chroot(PLACE) || chdir("/"))
        _exit(1);
    limit(RLIMIT_FSIZE, 1 << 20);
    limit(RLIMIT_AS, 256 << 20);
    limit(RLIMIT_NPROC, 200);
    limit(RLIMIT_NOFILE, 64);
    open_some_files();
    mmap((void *)ARENA, ARENA_PAGES / 2 * PAGE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mmap((void *)(ARENA + ARENA_PAGES / 2 * PAGE), ARENA_PAGES / 4 * PAGE, PROT_READ | PROT_WRITE,
         MAP_SHARED | MAP_FIXED, 3, 0);
    scratch = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(scratch + PAGE / sizeof(long), PAGE, PROT_NONE);
    fixed = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(edge + PAGE, PAGE, PROT_NONE);
    memset(long_name, 'n', sizeof(long_name) - 1);
}

/* Does the call return twice?  1: each time in memory of its own, 2: in the same. */
static int makes_child(const struct raw_call *call)
{
    switch (call->word[0]) {
    case SYS_fork:
        return 1;
    case SYS_clone:
        return call->word[1] & CLONE_VM ? 2 : 1;
    case SYS_vfork:
    case SYS_clone3:
        return 2;
    default:
        return 0;
    }
}

static _Noreturn void live_as_child(void)
{
    struct raw_call call;
    take_care();
    for (unsigned i = 0; i < CHILD_CALLS; i++) {
        draw_call(&call);
        if (!makes_child(&call))
            raw_call(&call);
    }
    syscall(SYS_exit_group, 0);
    _exit(0);
}

static void work(struct told *mine)
{
    for (unsigned i = 0; i < BATCH_CALLS; i++) {
        struct raw_call call;
        if (i % CARE_CALLS == 0)
            take_care();
        draw_call(&call);
        mine->last = call;
        mine->digest += random_state;
        mine->calls++;
        int child = makes_child(&call);
        long result = child == 2 ? raw_call_once(&call) : raw_call(&call);
        if (child == 1 && result == 0)
            live_as_child();
        if (child && result > 0)
            others[1 + below(others_count - 1)] = (int)result;
        mine->succeeded += result >= 0 || result < -4095;
    }
}

/* --- the first program ----------------------------------------------------------------------- */

static void start_worker(unsigned slot)
{
    pid_t pid;
    told[slot] = (struct told){ 0 };
    batches++;
    while ((pid = fork()) < 0)
        usleep(1000);
    if (pid == 0) {
        random_state = seed + batches * 0x632be59bd9b4e019ull;
        others[0] = getpid();
        others_count = 1;
        for (unsigned i = 0; i < workers_count; i++)
            others[others_count++] = workers[i].pid ? workers[i].pid : getpid();
        prepare_worker();
        work(&told[slot]);
        syscall(SYS_exit_group, 0);
        _exit(0);
    }
    workers[slot] = (struct worker){ pid, 0, now_ms(), 0 };
}

static void account(unsigned slot, int status)
{
    const struct told *his = &told[slot];
    calls_done += his->calls <= BATCH_CALLS ? his->calls : BATCH_CALLS;
    calls_succeeded += his->succeeded <= BATCH_CALLS ? his->succeeded : 0;
    digest += his->digest;
    deaths += WIFSIGNALED(status);
    killed += workers[slot].is_killed;
    workers[slot].pid = 0;
}

/* Collect who has ended.  Returns: how many, -1: there are no children at all. */
static int collect(void)
{
    int status, count = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        count++;
        for (unsigned i = 0; i < workers_count; i++)
            if (workers[i].pid == pid)
                account(i, status);
    }
    return count ? count : pid < 0 ? -1 : 0;
}

static _Noreturn void give_up(const char *why, const struct raw_call *call)
{
    printf("fuzz: %s", why);
    for (int i = 0; call && i < 7; i++)
        printf(" %#lx", call->word[i]);
    printf("\nfuzz: FAILED after %lu calls, seed %llu\n", calls_done, (unsigned long long)seed);
    exit(1);
}

/* With what there is: there may be no memory. */
static void print_file(const char *path)
{
    static char text[4096];
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, text, sizeof(text));
    printf("fuzz: %s: %.*s", path, length < 0 ? 0 : (int)length, text);
    close(fd);
}

static _Noreturn void give_up_books(const struct books *first, const struct books *books)
{
    print_file("/proc/mounts");
    print_file("/proc/meminfo");
    books_print_growth(first, books);
    give_up("the books do not balance", NULL);
}

/* Kill who waits for something that does not come. */
static void kill_stuck(void)
{
    for (unsigned i = 0; i < workers_count; i++) {
        struct worker *worker = &workers[i];
        if (!worker->pid)
            continue;
        if (told[i].calls != worker->seen) {
            worker->seen = told[i].calls;
            worker->seen_ms = now_ms();
        }
        long waited = now_ms() - worker->seen_ms;
        if (waited > HUNG_MS)
            give_up("a worker cannot be killed; its last call:", &told[i].last);
        if (waited > STUCK_MS) {
            kill(worker->pid, SIGKILL);
            worker->is_killed = 1;
        }
    }
}

static void kill_all(void)
{
    const long start = now_ms();
    int collected;
    do {
        kill(-1, SIGKILL);
        collected = collect();
        if (collected == 0)
            usleep(1000);
        if (now_ms() - start > HUNG_MS)
            give_up("somebody cannot be killed", NULL);
    } while (collected >= 0);
}

/* Undo what a worker did to us by prlimit(2), whose own memory was no more what it had been. */
static void set_own_limits(void)
{
    static struct rlimit first[RLIM_NLIMITS];
    static int is_known;
    for (int i = 0; i < RLIM_NLIMITS; i++)
        if (is_known)
            setrlimit(i, &first[i]);
        else
            getrlimit(i, &first[i]);
    is_known = 1;
}

static void run_round(unsigned long calls)
{
    const unsigned long goal = calls_done + calls;
    set_up_place();
    while (calls_done < goal) {
        for (unsigned i = 0; i < workers_count; i++)
            if (!workers[i].pid)
                start_worker(i);
        if (collect() <= 0)
            usleep(2000);
        set_own_limits();
        kill_stuck();
    }
    kill_all();
    set_own_limits();
    take_down_place();
}

int main(int argc, char **argv)
{
    const unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
    unsigned long a_round = wanted / 4 < ROUND_CALLS ? wanted / 4 + 1 : ROUND_CALLS;
    static struct books first, books;
    if (getpid() != 1) {
        printf("fuzz: only as the first program of a machine that is there for nothing else\n");
        return 1;
    }
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
    if (argc > 3)
        workers_count = (unsigned)atoi(argv[3]) % (WORKERS_MAX + 1);
    told = mmap(NULL, sizeof(*told) * WORKERS_MAX, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    set_own_limits();
    learn_kinds();
    leave_a_place();
    printf("fuzz: %lu calls, seed %llu, %u workers\n", wanted, (unsigned long long)seed,
           workers_count);
    for (unsigned round = 0; calls_done < wanted; round++) {
        run_round(a_round);
        printf("fuzz: %lu calls, %lu succeeded, %lu workers died, %lu were killed\n", calls_done,
               calls_succeeded, deaths, killed);
        if (round == 0)
            books_read(&first);
        int balance = books_balance(&first, &books);
        if (!balance)
            give_up_books(&first, &books);
    }
    printf("fuzz: done, digest %016llx\n", (unsigned long long)digest);
    return 0;
}
