/*
 * Threads as musl makes them: created, joined, excluding and waking each other.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"

enum { THREADS = 8, ROUNDS = 2000 };

/* Source: futex(2). */
enum {
    FUTEX_WAIT = 0,
    FUTEX_WAKE = 1,
    FUTEX_REQUEUE = 3,
    FUTEX_CMP_REQUEUE = 4,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET = 10,
    PRIVATE = 128,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter, turn;
static __thread long own = 5;

static void *add(void *data)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
        if (i % 64 == 0)
            sched_yield();
    }
    own += (long)data;
    return (void *)own;
}

static void test_mutex(void)
{
    pthread_t threads[THREADS];
    long sum = 0;
    for (long i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, add, (void *)i))
            check("a thread is created", 0);
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += (long)result;
    }
    check("a mutex excludes", counter == (long)THREADS * ROUNDS);
    check("each thread has its own variables", sum == 5 * THREADS + 28);
    check("and so has the first", own == 5);
}

/* Threads take turns in a ring. */
static void *take_turns(void *data)
{
    long self = (long)data;
    for (int round = 0; round < 100; round++) {
        pthread_mutex_lock(&mutex);
        while (turn % THREADS != self)
            pthread_cond_wait(&condition, &mutex);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void test_condition(void)
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, take_turns, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    check("a condition wakes whose turn it is", turn == 100 * THREADS);

    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_nsec += 30000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_nsec -= 1000000000;
        deadline.tv_sec++;
    }
    pthread_mutex_lock(&mutex);
    int error = pthread_cond_timedwait(&condition, &mutex, &deadline);
    pthread_mutex_unlock(&mutex);
    check("or the time runs out", error == ETIMEDOUT);
}

static sem_t ping, pong;

static void *answer(void *data)
{
    (void)data;
    for (int i = 0; i < 500; i++) {
        sem_wait(&ping);
        sem_post(&pong);
    }
    return NULL;
}

static void test_semaphores(void)
{
    pthread_t thread;
    sem_init(&ping, 0, 0);
    sem_init(&pong, 0, 0);
    pthread_create(&thread, NULL, answer, NULL);
    for (int i = 0; i < 500; i++) {
        sem_post(&ping);
        sem_wait(&pong);
    }
    pthread_join(thread, NULL);
    check("semaphores play ping-pong", 1);
}

static pid_t seen_tid;

static void *look_at_numbers(void *data)
{
    (void)data;
    seen_tid = (pid_t)syscall(SYS_gettid);
    return (void *)(long)getpid();
}

static void test_numbers(void)
{
    pthread_t thread;
    void *pid;
    pthread_create(&thread, NULL, look_at_numbers, NULL);
    pthread_join(thread, &pid);
    check("threads share their process's number", (pid_t)(long)pid == getpid());
    check("and have one of their own", seen_tid != getpid() && seen_tid > 0);
    check("the first thread's is the process's", syscall(SYS_gettid) == getpid());
    /* It was joined when the kernel cleared its number, which is not yet its end. */
    while (syscall(SYS_tgkill, getpid(), seen_tid, 0) == 0)
        sched_yield();
    check("of a thread that has ended nobody knows", errno == ESRCH);
}

/* --- the system call itself ------------------------------------------------------------------ */

#ifdef SYS_futex_time64
#define futex(...) syscall(SYS_futex_time64, __VA_ARGS__)
#else
#define futex(...) syscall(SYS_futex, __VA_ARGS__)
#endif

static unsigned word_a, word_b;
static int asleep;

static void *wait_for_a(void *data)
{
    __atomic_fetch_add(&asleep, 1, __ATOMIC_SEQ_CST);
    return (void *)futex(&word_a, FUTEX_WAIT_BITSET | PRIVATE, 0, NULL, NULL, (unsigned)(long)data);
}

static void start_waiters(pthread_t *threads, int count, unsigned bits)
{
    struct timespec moment = { 0, 50000000 };
    asleep = 0;
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, wait_for_a, (void *)(long)bits);
    while (__atomic_load_n(&asleep, __ATOMIC_SEQ_CST) < count)
        sched_yield();
    nanosleep(&moment, NULL); /* now they sleep */
}

static int join_all(pthread_t *threads, int count)
{
    int good = 0;
    for (int i = 0; i < count; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good += result == NULL;
    }
    return good;
}

static void test_futex(void)
{
    pthread_t threads[4];
    struct timespec moment = { 0, 20000000 }, past = { 1, 0 }, bad = { 0, 1000000000 };
    check_errno(futex(&word_a, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN);
    check_errno(futex(&word_a, FUTEX_WAIT, 0, &moment, NULL, 0), ETIMEDOUT);
    check_errno(futex(&word_a, FUTEX_WAIT_BITSET, 0, &past, NULL, 1), ETIMEDOUT);
    check_errno(futex(&word_a, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
    check_errno(futex(&word_a, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
    check_errno(futex((char *)&word_a + 1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
    check_errno(futex((void *)8, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
    check_errno(futex((void *)8, FUTEX_WAIT | PRIVATE, 0, NULL, NULL, 0), EFAULT);
    check_errno(futex(&word_a, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
    check_errno(futex(&word_a, 77, 1, NULL, NULL, 0), ENOSYS);
    check("nobody waits, nobody wakes", futex(&word_a, FUTEX_WAKE, 1, NULL, NULL, 0) == 0);

    start_waiters(threads, 4, 2);
    check("who waits for other bits sleeps on",
          futex(&word_a, FUTEX_WAKE_BITSET | PRIVATE, INT_MAX, NULL, NULL, 1) == 0);
    check("one is woken", futex(&word_a, FUTEX_WAKE | PRIVATE, 1, NULL, NULL, 0) == 1);
    check_errno(futex(&word_a, FUTEX_CMP_REQUEUE | PRIVATE, 1, (void *)1, &word_b, 7), EAGAIN);
    check("one is woken, one is moved",
          futex(&word_a, FUTEX_CMP_REQUEUE | PRIVATE, 1, (void *)1, &word_b, 0) == 2);
    check("the moved one waits there",
          futex(&word_b, FUTEX_WAKE | PRIVATE, INT_MAX, NULL, NULL, 0) == 1);
    check("and one is left", futex(&word_a, FUTEX_WAKE | PRIVATE, INT_MAX, NULL, NULL, 0) == 1);
    check("all four were woken", join_all(threads, 4) == 4);

    start_waiters(threads, 4, ~0u);
    check("without a look at the word",
          futex(&word_a, FUTEX_REQUEUE | PRIVATE, 1, (void *)(long)INT_MAX, &word_b, 0) == 4);
    check("all others were moved",
          futex(&word_b, FUTEX_WAKE | PRIVATE, INT_MAX, NULL, NULL, 0) == 3);
    join_all(threads, 4);
}

/* --- clone() --------------------------------------------------------------------------------- */

static void test_clone_flags(void)
{
    check_errno(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0), EINVAL);
    check_errno(syscall(SYS_clone, CLONE_THREAD | CLONE_VM | SIGCHLD, 0, 0, 0, 0), EINVAL);
    check_errno(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), EINVAL);
}

static void *nothing(void *data) { return data; }

static void test_many(void)
{
    int good = 0;
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        void *result;
        if (pthread_create(&thread, NULL, nothing, &good) == 0 &&
            pthread_join(thread, &result) == 0)
            good += result == &good;
    }
    check("300 threads came and went", good == 300);
}

/* --- locks whose holders die ----------------------------------------------------------------- */

static pthread_mutex_t *make_robust(void)
{
    const int prot = PROT_READ | PROT_WRITE;
    pthread_mutex_t *lock = mmap(NULL, 4096, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(lock, &attributes);
    return lock;
}

/* Somebody has the lock: a flag behind it. */
static volatile int *taken_flag(pthread_mutex_t *lock) { return (volatile int *)(lock + 1); }

static void await_taken(pthread_mutex_t *lock)
{
    while (!*taken_flag(lock))
        usleep(1000);
    *taken_flag(lock) = 0;
}

static void *die_with_lock(void *lock)
{
    pthread_mutex_lock(lock);
    *taken_flag(lock) = 1;
    usleep(30000); /* so that somebody waits */
    return NULL;
}

/* After the holder's death: EOWNERDEAD, and the lock can be used again. */
static int is_inherited(pthread_mutex_t *lock)
{
    return pthread_mutex_lock(lock) == EOWNERDEAD && pthread_mutex_consistent(lock) == 0 &&
           pthread_mutex_unlock(lock) == 0 && pthread_mutex_lock(lock) == 0 &&
           pthread_mutex_unlock(lock) == 0;
}

/* Lists that are none: the kernel must come to an end with each of them. */
static void *end_with_bad_list(void *data)
{
    static struct list {
        struct list *next;
        long offset;
        void *pending;
    } lists[5];
    lists[0] = (struct list){ (void *)16, 0, NULL };
    lists[1] = (struct list){ &lists[1], 1, &lists[2] };
    lists[2] = (struct list){ &lists[3], -0x7fffffff, (void *)-1 };
    lists[3] = (struct list){ &lists[4], 3, NULL };
    lists[4] = (struct list){ &lists[3], 0, NULL }; /* 2 and 3 lead into a circle */
    const long number = (long)data;
    struct list *head = number < 5 ? &lists[number] : (void *)-8;
    if (syscall(SYS_set_robust_list, head, sizeof(*head)))
        return (void *)1;
    return NULL;
}

static void test_robust(void)
{
    pthread_mutex_t *lock = make_robust();
    pthread_t thread;
    void *head = NULL, *result;
    size_t bytes = 0;
    long bad = 0;

    pthread_create(&thread, NULL, die_with_lock, lock);
    await_taken(lock);
    check("a waiter gets the lock of a thread that ends", is_inherited(lock));
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (!child) {
        die_with_lock(lock);
        raise(SIGKILL);
    }
    await_taken(lock);
    check("and of a process that is killed", is_inherited(lock));
    waitpid(child, NULL, 0);

    check("get_robust_list", syscall(SYS_get_robust_list, 0, &head, &bytes) == 0);
    check("says what was set", head && bytes == 3 * sizeof(long));
    check_errno(syscall(SYS_set_robust_list, head, 5), EINVAL);
    check_errno(syscall(SYS_get_robust_list, 99999, &head, &bytes), ESRCH);
    for (long i = 0; i < 6; i++) {
        pthread_create(&thread, NULL, end_with_bad_list, (void *)i);
        pthread_join(thread, &result);
        bad += result != NULL;
    }
    check("threads with bad lists end", !bad);
}

static void *sleep_forever(void *data)
{
    for (;;)
        pause();
    return data;
}

static void *spin_forever(void *data)
{
    for (;;)
        *(volatile long *)data += 1;
    return NULL;
}

int main(void)
{
    static long spun;
    pthread_t thread;
    test_mutex();
    test_condition();
    test_semaphores();
    test_numbers();
    test_futex();
    test_clone_flags();
    test_many();
    test_robust();
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, NULL, i % 2 ? sleep_forever : spin_forever, &spun);
    check("exit() ends threads that sleep and threads that run", 1);
    return finish();
}
