/*
 * Futexes: a hash table of waiters, by the word they wait for.
 *
 *     waiter                                     waker
 *     ----------------------------------------   ------------------------------
 *     lock the bucket                            *word = new;
 *     is *word still what the program saw?       lock the bucket
 *     yes: onto the bucket's list, asleep        take waiters off the list, wake
 *     unlock, schedule                           unlock
 *
 * The word is read with the bucket locked, so a change and its wake-up cannot pass between the
 * look and the sleep.  It is read with page faults off; if its page is not there, the lock is
 * left, the page brought in, and all done once more.
 *
 * A word is known by its place in what is mapped, if that is shared, else by mm and address.
 */
#include "kernel/futex.h"

#include "kernel/futex_op.h"
#include "kernel/process.h"
#include "kernel/sched.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/vma.h"

enum { FUTEX_BUCKETS = 256 };

/* (l) under lock */
struct bucket {
    struct spinlock lock;
    struct list_node waiters; /* (l) struct futex_waiter, longest first */
};

/* Where a word is: equal for all who mean the same one. */
struct futex_key {
    const void *owner; /* an mm, or what is mapped */
    u64 offset;
};

/* One sleeping thread; lives on its stack.  (b) under its bucket's lock; (c) constant */
struct futex_waiter {
    struct list_node node; /* (b) */
    struct futex_key key;  /* (b) requeueing changes it */
    struct bucket *bucket; /* (b) NULL: woken */
    struct task *task;     /* (c) */
    u32 bits;              /* (c) */
};

static struct bucket buckets[FUTEX_BUCKETS];

void futex_init(void)
{
    for (unsigned i = 0; i < FUTEX_BUCKETS; i++) {
        spin_lock_init(&buckets[i].lock, RANK_FUTEX, "futex");
        list_init(&buckets[i].waiters);
    }
}

static struct bucket *bucket_of(const struct futex_key *key)
{
    u64 mixed = ((u64)(uintptr_t)key->owner >> 4 ^ key->offset >> 2) * 0x9e3779b97f4a7c15ull;
    return &buckets[mixed >> 56];
}

static_assert(FUTEX_BUCKETS == 1 << 8, "the upper eight bits are its number");

static bool same_key(const struct futex_key *a, const struct futex_key *b)
{
    return a->owner == b->owner && a->offset == b->offset;
}

/* Bring in *@word's page.  Returns: 0 or -EFAULT. */
static int touch(const u32 __user *word)
{
    u32 now;
    return copy_from_user(&now, word, sizeof(now)) ? -EFAULT : 0;
}

/* The key of @address, which lies in @vma, for all who map the same. */
static struct futex_key shared_key(const struct vma *vma, vaddr_t address)
{
    return (struct futex_key){ vma->mapping, vma->offset + (address - vma->start) };
}

/* Find out which word the current thread means by @word. */
static int make_key(const u32 __user *word, u32 operation, struct futex_key *key)
{
    struct mm *mm = current->mm;
    vaddr_t address = (vaddr_t)word;
    if (address % sizeof(u32))
        return -EINVAL;
    if (!user_range_ok(word, sizeof(*word)))
        return -EFAULT;
    *key = (struct futex_key){ mm, address };
    if (operation & FUTEX_PRIVATE)
        return 0;
    if (touch(word))
        return -EFAULT;
    down_read(&mm->mmap_lock);
    const struct vma *vma = vma_lookup(mm, address);
    if (vma && vma->flags & VM_SHARED && vma->mapping)
        *key = shared_key(vma, address);
    up_read(&mm->mmap_lock);
    return 0;
}

/* --- waking ---------------------------------------------------------------------------------- */

/* Wake @waiter, which is on @bucket's list. */
static void wake_waiter(struct bucket *bucket, struct futex_waiter *waiter) MUST_HOLD(bucket->lock)
{
    list_del(&waiter->node);
    struct task *task = waiter->task;
    task_get(task); /* once its bucket is NULL it may end */
    __atomic_store_n(&waiter->bucket, NULL, __ATOMIC_RELEASE);
    task_wake(task);
    task_put(task);
}

/* Wake @count of those who wait for @key and for one of @bits.  Returns: how many. */
static u32 wake_some(struct bucket *bucket, const struct futex_key *key, u32 count, u32 bits)
    MUST_HOLD(bucket->lock)
{
    u32 woken = 0;
    struct futex_waiter *waiter, *after;
    list_for_each_entry_safe (waiter, after, &bucket->waiters, node) {
        if (woken == count)
            break;
        if (!same_key(&waiter->key, key) || !(waiter->bits & bits))
            continue;
        wake_waiter(bucket, waiter);
        woken++;
    }
    return woken;
}

/* The same for who has not locked its bucket; of @count at least one. */
static u32 wake_key(const struct futex_key *key, u32 count, u32 bits)
{
    struct bucket *bucket = bucket_of(key);
    spin_lock(&bucket->lock);
    u32 woken = wake_some(bucket, key, count ? count : 1, bits);
    spin_unlock(&bucket->lock);
    return woken;
}

static long wake(const struct futex_call *call, u32 bits)
{
    struct futex_key key;
    int error = make_key(call->word, call->operation, &key);
    if (error)
        return error;
    if (!bits)
        return -EINVAL;
    return wake_key(&key, call->value, bits);
}

/*
 * Change the second word, wake those who wait for the first, and if the second was as the caller
 * says, those who wait for it.  The change comes first: whoever saw the words as they were is in a
 * bucket by the time that is locked, so nobody sleeps on; the buckets need not be locked together.
 */
static long wake_after_change(const struct futex_call *call)
{
    bool holds;
    struct futex_key first, second;
    int error = make_key(call->word, call->operation, &first);
    if (!error)
        error = make_key(call->word2, call->operation, &second);
    if (!error)
        error = futex_apply(call->word2, call->value3, &holds);
    if (error)
        return error;
    u32 woken = wake_key(&first, call->value, FUTEX_ANY_BIT);
    return woken + (holds ? wake_key(&second, call->value2, FUTEX_ANY_BIT) : 0);
}

void futex_wake_word(u32 __user *word)
{
    struct futex_call call = { .word = word, .value = 1 };
    (void)wake(&call, FUTEX_ANY_BIT);
}

/* --- waiting --------------------------------------------------------------------------------- */

/* Read *@word without sleeping.  Returns: whether it could be read. */
static bool peek(u32 *value, const u32 __user *word)
{
    pagefault_disable();
    bool failed = copy_from_user(value, word, sizeof(*value)) != 0;
    pagefault_enable();
    return !failed;
}

/* Put @waiter, asleep, on its bucket's list if *@word is @value.  Returns: 0, -EAGAIN, -EFAULT. */
static int enqueue(struct futex_waiter *waiter, const u32 __user *word, u32 value)
{
    u32 now;
    struct bucket *bucket = waiter->bucket;
    for (;;) {
        spin_lock(&bucket->lock);
        if (peek(&now, word))
            break;
        spin_unlock(&bucket->lock);
        if (touch(word))
            return -EFAULT;
    }
    if (now == value) {
        list_add_tail(&waiter->node, &bucket->waiters);
        WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
    }
    spin_unlock(&bucket->lock);
    return now == value ? 0 : -EAGAIN;
}

/* Take @waiter off its list.  Returns: whether it was still there: nobody has woken it. */
static bool dequeue(struct futex_waiter *waiter) UNCHECKED_LOCKS
{
    struct bucket *bucket;
    while ((bucket = __atomic_load_n(&waiter->bucket, __ATOMIC_ACQUIRE))) {
        spin_lock(&bucket->lock);
        if (waiter->bucket == bucket) {
            list_del(&waiter->node);
            spin_unlock(&bucket->lock);
            return true;
        }
        spin_unlock(&bucket->lock); /* it was requeued, or woken */
    }
    return false;
}

/* Sleep until woken (0), or -ETIMEDOUT, or -EINTR. */
static int sleep_as(struct futex_waiter *waiter, const struct futex_call *call)
{
    int result = 0;
    while (!result && __atomic_load_n(&waiter->bucket, __ATOMIC_ACQUIRE)) {
        result = call->by_wall ? wait_sleep_until_wall(TASK_INTERRUPTIBLE, call->deadline_ns)
                               : wait_sleep_until(TASK_INTERRUPTIBLE, call->deadline_ns);
        __atomic_store_n(&current->state, (u8)TASK_INTERRUPTIBLE, __ATOMIC_SEQ_CST);
    }
    WRITE_ONCE(current->state, TASK_RUNNING);
    return dequeue(waiter) ? result : 0;
}

static long wait_again(const struct syscall_restart *restart)
{
    return futex(&(struct futex_call){
        .word = (u32 __user *)restart->address,
        .operation = restart->operation,
        .value = restart->value,
        .value3 = restart->value3,
        .deadline_ns = restart->deadline_ns,
        .by_wall = restart->operation & FUTEX_CLOCK_REALTIME,
    });
}

static long wait(const struct futex_call *call, u32 bits)
{
    struct futex_waiter waiter = { .task = current, .bits = bits };
    if (!bits)
        return -EINVAL;
    int error = make_key(call->word, call->operation, &waiter.key);
    if (error)
        return error;
    waiter.bucket = bucket_of(&waiter.key);
    error = enqueue(&waiter, call->word, call->value);
    if (!error)
        error = sleep_as(&waiter, call);
    if (error != -EINTR)
        return error;
    if (call->deadline_ns == NEVER_NS)
        return -ERESTART;
    current->restart = (struct syscall_restart){
        .function = wait_again,
        .deadline_ns = call->deadline_ns,
        .address = (vaddr_t)call->word,
        .value = call->value,
        .value3 = bits,
        .operation = FUTEX_WAIT_BITSET | (call->operation & FUTEX_PRIVATE) |
                     (call->by_wall ? FUTEX_CLOCK_REALTIME : 0),
    };
    return -ERESTART_BLOCK;
}

/* --- moving waiters from one word to another ------------------------------------------------- */

static void lock_both(struct bucket *a, struct bucket *b) UNCHECKED_LOCKS
{
    spin_lock(a < b ? &a->lock : &b->lock);
    if (a != b)
        spin_lock_nested(a < b ? &b->lock : &a->lock);
}

static void unlock_both(struct bucket *a, struct bucket *b) UNCHECKED_LOCKS
{
    if (a != b)
        spin_unlock(a < b ? &b->lock : &a->lock);
    spin_unlock(a < b ? &a->lock : &b->lock);
}

/* Move @count of @from's waiters behind @to's.  Both buckets are locked.  Returns: how many. */
static u32 move_some(struct futex_key *from, struct futex_key *to, u32 count) UNCHECKED_LOCKS
{
    u32 moved = 0;
    struct bucket *source = bucket_of(from), *target = bucket_of(to);
    struct futex_waiter *waiter, *after;
    list_for_each_entry_safe (waiter, after, &source->waiters, node) {
        if (moved == count)
            break;
        if (!same_key(&waiter->key, from))
            continue;
        waiter->key = *to;
        if (source != target) {
            list_move_tail(&waiter->node, &target->waiters);
            __atomic_store_n(&waiter->bucket, target, __ATOMIC_RELEASE);
        }
        moved++;
    }
    return moved;
}

static long requeue(const struct futex_call *call, bool compares) UNCHECKED_LOCKS
{
    struct futex_key from, to;
    u32 now = 0;
    if ((int)call->value < 0 || (int)call->value2 < 0)
        return -EINVAL;
    int error = make_key(call->word, call->operation, &from);
    if (!error)
        error = make_key(call->word2, call->operation, &to);
    if (error)
        return error;
    struct bucket *source = bucket_of(&from), *target = bucket_of(&to);
    for (;;) {
        lock_both(source, target);
        if (!compares || peek(&now, call->word))
            break;
        unlock_both(source, target);
        if (touch(call->word))
            return -EFAULT;
    }
    long result = -EAGAIN;
    if (!compares || now == call->value3) {
        result = wake_some(source, &from, call->value, FUTEX_ANY_BIT);
        result += move_some(&from, &to, call->value2);
    }
    unlock_both(source, target);
    return result;
}

long futex(const struct futex_call *call)
{
    switch (call->operation & FUTEX_COMMAND) {
    case FUTEX_WAIT:
        return wait(call, FUTEX_ANY_BIT);
    case FUTEX_WAIT_BITSET:
        return wait(call, call->value3);
    case FUTEX_WAKE:
        return wake(call, FUTEX_ANY_BIT);
    case FUTEX_WAKE_BITSET:
        return wake(call, call->value3);
    case FUTEX_WAKE_OP:
        return wake_after_change(call);
    case FUTEX_REQUEUE:
        return requeue(call, false);
    case FUTEX_CMP_REQUEUE:
        return requeue(call, true);
    default:
        return -ENOSYS;
    }
}
