/*
 * Storms of messages: through one pipe, and by signals.  Every byte and every signal is counted.
 */
#ifndef USER_STORM_IPC_H
#define USER_STORM_IPC_H

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include "storm.h"

/* --- pipes ----------------------------------------------------------------------------------- */

enum {
    PIPES_WRITERS = 8,
    PIPES_READERS = 4,
    PIPES_WORDS = 16, /* of a message: it fits into PIPE_BUF, and so is not torn */
};

struct pipe_message {
    uint32_t words[PIPES_WORDS];
};

/* What both ends count. */
struct pipes {
    uint64_t sent, received, sum_sent, sum_received, torn;
};

static struct pipe_message make_message(uint32_t *random)
{
    struct pipe_message message;
    message.words[0] = next_random(random);
    for (unsigned i = 1; i < PIPES_WORDS; i++)
        message.words[i] = message.words[i - 1] * 2654435761u + i;
    return message;
}

static _Noreturn void write_messages(int fd, uint32_t random, long count, struct pipes *pipes)
{
    for (long i = 0; i < count; i++) {
        struct pipe_message message = make_message(&random);
        if (write(fd, &message, sizeof(message)) != sizeof(message))
            _exit(1);
        __atomic_fetch_add(&pipes->sent, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&pipes->sum_sent, message.words[0], __ATOMIC_RELAXED);
    }
    _exit(0);
}

static _Noreturn void read_messages(int fd, struct pipes *pipes)
{
    struct pipe_message message;
    ssize_t got;
    while ((got = read(fd, &message, sizeof(message))) > 0) {
        int torn = got != sizeof(message);
        for (unsigned i = 1; i < PIPES_WORDS; i++)
            torn |= message.words[i] != message.words[i - 1] * 2654435761u + i;
        __atomic_fetch_add(&pipes->torn, torn, __ATOMIC_RELAXED);
        __atomic_fetch_add(&pipes->received, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&pipes->sum_received, message.words[0], __ATOMIC_RELAXED);
    }
    _exit(got < 0);
}

/* Writers and readers of one pipe: messages arrive whole, and once. */
static int storm_pipes(long count, long unused)
{
    struct pipes *pipes = shared_memory(PAGE);
    int ends[2], status, well = 1;
    (void)unused;
    if (pipe(ends))
        return 0;
    for (unsigned i = 0; i < PIPES_WRITERS + PIPES_READERS; i++) {
        if (fork())
            continue;
        close(ends[i < PIPES_WRITERS ? 0 : 1]);
        if (i < PIPES_WRITERS)
            write_messages(ends[1], 1 + i, count / PIPES_WRITERS, pipes);
        read_messages(ends[0], pipes);
    }
    close(ends[0]);
    close(ends[1]);
    for (unsigned i = 0; i < PIPES_WRITERS + PIPES_READERS; i++)
        well &= wait(&status) > 0 && status == 0;
    printf("pipes: %llu messages sent, %llu received, %llu torn, the sums are %s\n",
           (unsigned long long)pipes->sent, (unsigned long long)pipes->received,
           (unsigned long long)pipes->torn,
           pipes->sum_sent == pipes->sum_received ? "the same" : "NOT the same");
    well &= pipes->sent == (uint64_t)(count / PIPES_WRITERS * PIPES_WRITERS) && !pipes->torn &&
            pipes->sent == pipes->received && pipes->sum_sent == pipes->sum_received;
    munmap(pipes, PAGE);
    return well;
}

/* --- signals --------------------------------------------------------------------------------- */

enum {
    SIGNALS_PROCESSES = 4,
    SIGNALS_THREADS = 3, /* of each */
    SIGNALS_QUEUED = 8,  /* different ones that queue */
    SIGNALS_WAIT_MS = 30000,
};

/* What all processes count together. */
struct signals {
    pid_t pids[SIGNALS_PROCESSES];
    uint64_t sum_sent, sum_handled;
    unsigned ready, done, queued, handled, refused, plain, plain_handled, nested;
};

static struct signals *signals;
static __thread volatile int signals_depth;

static void handle_queued(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    if (signals_depth++)
        __atomic_fetch_add(&signals->nested, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&signals->sum_handled, (unsigned)info->si_value.sival_int, __ATOMIC_RELAXED);
    __atomic_fetch_add(&signals->handled, 1, __ATOMIC_RELAXED);
    for (volatile int i = 0; i < 1000; i++)
        ; /* long enough to be interrupted by the next one */
    signals_depth--;
}

static void handle_plain(int signal)
{
    (void)signal;
    __atomic_fetch_add(&signals->plain_handled, 1, __ATOMIC_RELAXED);
}

struct signal_sender {
    pthread_t thread;
    uint32_t random;
    long count;
};

/* Send to random processes what queues, with a number, and what does not. */
static void *send_signals(void *data)
{
    struct signal_sender *self = data;
    for (long i = 0; i < self->count; i++) {
        uint32_t dice = next_random(&self->random);
        pid_t to = signals->pids[dice % SIGNALS_PROCESSES];
        union sigval value = { .sival_int = (int)(dice >> 16) };
        if (dice >> 8 & 1) {
            kill(to, dice >> 9 & 1 ? SIGUSR1 : SIGUSR2);
            __atomic_fetch_add(&signals->plain, 1, __ATOMIC_RELAXED);
        } else if (sigqueue(to, SIGRTMIN + (int)(dice >> 9) % SIGNALS_QUEUED, value) == 0) {
            __atomic_fetch_add(&signals->queued, 1, __ATOMIC_RELAXED);
            __atomic_fetch_add(&signals->sum_sent, dice >> 16, __ATOMIC_RELAXED);
        } else {
            __atomic_fetch_add(&signals->refused, 1, __ATOMIC_RELAXED);
            usleep(1000);
        }
    }
    return NULL;
}

/* Wait until *@counter is @wanted, or too long. */
static void wait_for_count(const unsigned *counter, unsigned wanted)
{
    for (long start = now_ms();
         __atomic_load_n(counter, __ATOMIC_SEQ_CST) < wanted && now_ms() - start < SIGNALS_WAIT_MS;)
        usleep(2000);
}

static _Noreturn void exchange_signals(unsigned number, long count)
{
    struct signal_sender senders[SIGNALS_THREADS];
    struct sigaction queued = { .sa_sigaction = handle_queued, .sa_flags = SA_SIGINFO };
    struct sigaction plain = { .sa_handler = handle_plain, .sa_flags = SA_RESTART };
    for (int i = 0; i < SIGNALS_QUEUED; i++)
        sigaction(SIGRTMIN + i, &queued, NULL);
    sigaction(SIGUSR1, &plain, NULL);
    sigaction(SIGUSR2, &plain, NULL);
    signals->pids[number] = getpid();
    __atomic_fetch_add(&signals->ready, 1, __ATOMIC_SEQ_CST);
    wait_for_count(&signals->ready, SIGNALS_PROCESSES);
    for (unsigned i = 0; i < SIGNALS_THREADS; i++) {
        senders[i] = (struct signal_sender){ 0, 1 + number * SIGNALS_THREADS + i, count };
        if (pthread_create(&senders[i].thread, NULL, send_signals, &senders[i]))
            _exit(1);
    }
    for (unsigned i = 0; i < SIGNALS_THREADS; i++)
        pthread_join(senders[i].thread, NULL);
    __atomic_fetch_add(&signals->done, 1, __ATOMIC_SEQ_CST);
    wait_for_count(&signals->done, SIGNALS_PROCESSES);
    wait_for_count(&signals->handled, signals->queued);
    _exit(0);
}

/* Processes, each with threads, send each other signals: each that was queued is handled, once. */
static int storm_signals(long count, long unused)
{
    int status, well = 1;
    (void)unused;
    signals = shared_memory(PAGE);
    for (unsigned i = 0; i < SIGNALS_PROCESSES; i++)
        if (fork() == 0)
            exchange_signals(i, count / (SIGNALS_PROCESSES * SIGNALS_THREADS));
    for (unsigned i = 0; i < SIGNALS_PROCESSES; i++)
        well &= wait(&status) > 0 && status == 0;
    printf("signals: %u queued, %u handled, %u refused, %u nested; of %u plain ones some arrived: "
           "%s; the sums are %s\n",
           signals->queued, signals->handled, signals->refused, signals->nested, signals->plain,
           signals->plain_handled ? "yes" : "no",
           signals->sum_sent == signals->sum_handled ? "the same" : "NOT the same");
    well &= signals->queued == signals->handled && signals->sum_sent == signals->sum_handled &&
            signals->plain_handled && signals->plain_handled <= signals->plain;
    munmap(signals, PAGE);
    return well;
}

#endif
