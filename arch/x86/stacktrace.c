/*
 * Who called whom.
 *
 * Code is compiled with frame pointers: each function's frame begins with its caller's frame
 * pointer, above which lies the return address.  The chain is followed as long as it stays within
 * the stack it is on and goes upwards, so that nothing is read that might not be there: a trace
 * must not fault, not even in an NMI.
 *
 *     fp -> [ caller's fp | return address ]  ...  -> [ its caller's fp | return address ] ...
 *
 * A return into entry.asm means that a trap came between: its struct trapframe follows, and the
 * trace goes on with the registers in it, perhaps on another stack.
 */
#include "arch/x86/stacktrace.h"

#include "arch/x86/entry.h"
#include "kernel/printk.h"
#include "kernel/task.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "machine/stack.h"
#include "machine/trapframe.h"

enum { TRACE_DEPTH = 24 };

struct stack_frame {
    uintptr_t caller_fp;
    uintptr_t return_address;
};

extern const u32 symbol_count; /* tools/symbols.py */
extern const u32 symbol_offsets[];
extern const char symbol_names[];
extern const char _text[], _einit_text[]; /* linker.ld */

const char *symbol_lookup(vaddr_t address, size_t *offset)
{
    *offset = 0;
    if (address < (vaddr_t)_text || address >= (vaddr_t)_einit_text)
        return NULL;

    u32 wanted = (u32)(address - (vaddr_t)_text);
    u32 low = 0, high = symbol_count; /* the symbol is in [low, high) */
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        if (symbol_offsets[middle] <= wanted)
            low = middle;
        else
            high = middle;
    }
    if (high == low || symbol_offsets[low] > wanted)
        return NULL;

    const char *name = symbol_names;
    for (u32 i = 0; i < low; i++)
        name += strlen(name) + 1;
    *offset = wanted - symbol_offsets[low];
    return name;
}

/* Print @address, which is in the function that @inside is in. */
static void print_in_function(vaddr_t address, vaddr_t inside)
{
    size_t offset;
    const char *name = symbol_lookup(inside, &offset);
    if (name)
        printk(LOG_EMERG, "    %p  %s+%#zx", (void *)address, name, offset + (address - inside));
    else
        printk(LOG_EMERG, "    %p  (not in the kernel)", (void *)address);
}

static void print_address(vaddr_t address) { print_in_function(address, address); }

/* A call that never returns may be its function's end: the address behind it is another's. */
static void print_return_address(vaddr_t address) { print_in_function(address, address - 1); }

static bool within(vaddr_t at, vaddr_t start, size_t bytes)
{
    return at >= start && at - start < bytes;
}

/* Memory that is sure to be mapped. */
struct stack {
    vaddr_t start, end;
};

/* The stack that @sp points into, or into the guard page below. */
static struct stack stack_of(const struct task *task, vaddr_t sp)
{
    vaddr_t base = (vaddr_t)task->stack_base;
    if (within(sp, base - PAGE_BYTES, KERNEL_STACK_BYTES + PAGE_BYTES))
        return (struct stack){ base, base + KERNEL_STACK_BYTES };
    return (struct stack){ sp, (sp | (PAGE_BYTES - 1)) + 1 }; /* a trap's own stack, one page */
}

/* The frame that a trap left, if @frame is the one of the C function that entry.asm called. */
static const struct trapframe *trapframe_above(const struct stack_frame *frame)
{
    vaddr_t back = frame->return_address;
    if (back != (vaddr_t)trap_returns && back != (vaddr_t)syscall_returns &&
        back != (vaddr_t)ist_returns)
        return NULL;
    return (const struct trapframe *)(frame + 1);
}

static void walk(const struct task *task, vaddr_t fp, vaddr_t sp)
{
    struct stack stack = stack_of(task, sp);
    for (unsigned depth = 0; depth < TRACE_DEPTH; depth++) {
        if (fp < sp || fp < stack.start || fp % sizeof(fp) != 0 ||
            fp > stack.end - sizeof(struct stack_frame))
            return;
        const struct stack_frame *frame = (const struct stack_frame *)fp;
        if (frame->return_address == 0)
            return;

        const struct trapframe *trap = trapframe_above(frame);
        if (!trap) {
            print_return_address(frame->return_address);
            sp = fp + sizeof(struct stack_frame);
            fp = frame->caller_fp;
            continue;
        }
        if ((vaddr_t)(trap + 1) > stack.end || trap_is_user(trap))
            return;
        printk(LOG_EMERG, "    -- trap %u --", (unsigned)trap->vector);
        print_address(trapframe_ip(trap));
        sp = trapframe_sp(trap);
        fp = trapframe_fp(trap);
        stack = stack_of(task, sp);
    }
    printk(LOG_EMERG, "    ... and so on");
}

/* A call to where no code is has pushed its return address, but made no frame. */
static void print_bad_call(const struct task *task, const struct trapframe *frame)
{
    size_t offset;
    vaddr_t sp = trapframe_sp(frame);
    struct stack stack = stack_of(task, sp);
    if (!symbol_lookup(trapframe_ip(frame), &offset) && sp % sizeof(sp) == 0 && sp >= stack.start)
        print_return_address(*(const vaddr_t *)sp);
}

void stack_trace_print(const struct trapframe *frame)
{
    const struct task *task = current;
    if (frame && trap_is_user(frame))
        return;
    printk(LOG_EMERG, "stack of %s, innermost call first:", task->name);
    if (frame) {
        print_address(trapframe_ip(frame));
        print_bad_call(task, frame);
        walk(task, trapframe_fp(frame), trapframe_sp(frame));
    } else {
        vaddr_t fp = (vaddr_t)__builtin_frame_address(0);
        walk(task, fp, fp);
    }
}

void stack_trace_task(const struct task *task)
{
    vaddr_t sp = (vaddr_t)READ_ONCE(task->saved_sp);
    if (!within(sp, (vaddr_t)task->stack_base, KERNEL_STACK_BYTES - sizeof(struct switch_frame)))
        return;
    const struct switch_frame *frame = (const struct switch_frame *)sp;
    printk(LOG_EMERG, "stack of %s, innermost call first:", task->name);
    print_address(frame->ip);
    walk(task, frame->fp, sp);
}
