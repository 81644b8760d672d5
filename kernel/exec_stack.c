/*
 * Building a program's first stack, from the top down: strings first, then, their addresses being
 * known, the words that point at them.
 */
#include "kernel/exec_stack.h"

#include "arch/x86/cpu.h"
#include "arch/x86/user_copy.h"
#include "arch/x86/vdso.h"
#include "kernel/exec_place.h"
#include "kernel/time.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "machine/vsyscall.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/vma.h"

enum {
    STACK_FIRST_BYTES = 128 << 10, /* mapped beyond what the strings need; the rest grows */
    STACK_ALIGN = 16,
};

/* Source: Linux uapi auxvec.h, getauxval(3). */
enum auxiliary_type {
    AT_NULL = 0,
    AT_PHDR = 3,
    AT_PHENT = 4,
    AT_PHNUM = 5,
    AT_PAGESZ = 6,
    AT_BASE = 7,
    AT_FLAGS = 8,
    AT_ENTRY = 9,
    AT_UID = 11,
    AT_EUID = 12,
    AT_GID = 13,
    AT_EGID = 14,
    AT_PLATFORM = 15,
    AT_HWCAP = 16,
    AT_CLKTCK = 17,
    AT_SECURE = 23,
    AT_RANDOM = 25,
    AT_HWCAP2 = 26,
    AT_EXECFN = 31,
    AT_SYSINFO = 32,
    AT_SYSINFO_EHDR = 33,
    AT_MINSIGSTKSZ = 51,
};

/* The end that grows; a copy that fails is remembered and noticed once, at the end. */
struct stack {
    vaddr_t sp;
    bool failed;
};

static vaddr_t push(struct stack *stack, const void *bytes, size_t size)
{
    stack->sp -= size;
    stack->failed |= copy_to_user((void __user *)stack->sp, bytes, size) != 0;
    return stack->sp;
}

static vaddr_t push_string(struct stack *stack, const char *string)
{
    return push(stack, string, strlen(string) + 1);
}

/* The strings of @list, the first one lowest. */
static vaddr_t push_strings(struct stack *stack, const char *const *list, size_t count)
{
    while (count--)
        push_string(stack, list[count]);
    return stack->sp;
}

/* Words are written upwards, once it is known where they begin. */
static void put_word(struct stack *stack, unsigned long word)
{
    stack->failed |= put_user(word, (unsigned long __user *)stack->sp) != 0;
    stack->sp += sizeof(word);
}

/* Pointers to @count strings that lie one after the other from @address on, and NULL. */
static void put_pointers(struct stack *stack, const char *const *list, size_t count,
                         vaddr_t address)
{
    for (size_t i = 0; i < count; i++) {
        put_word(stack, address);
        address += strlen(list[i]) + 1;
    }
    put_word(stack, 0);
}

/* The number of strings in @list; their bytes are added to *@bytes. */
static size_t measure(const char *const *list, size_t *bytes)
{
    size_t count = 0;
    for (; list[count]; count++)
        *bytes += strlen(list[count]) + 1 + sizeof(char *);
    return count;
}

static int map_stack(struct mm *mm, size_t bytes, bool is_exec)
{
    size_t size = align_up(bytes + STACK_FIRST_BYTES, PAGE_BYTES);
    struct map_request request = {
        .address = mm->stack_top - size,
        .bytes = size,
        .prot = PROT_READ | PROT_WRITE | (is_exec ? PROT_EXEC : 0),
        .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_GROWSDOWN,
    };
    if (vma_find(mm, request.address))
        return -EEXIST; /* not even above it */
    return mm_map(mm, &request, &(vaddr_t){ 0 });
}

int exec_stack_build(struct mm *mm, const struct exec_args *args, const struct exec_image *image,
                     vaddr_t *sp)
{
    const struct elf_plan *plan = image->plan;
    size_t bytes = 0;
    size_t argc = measure(args->argv, &bytes);
    size_t envc = measure(args->envp, &bytes);
    int error = map_stack(mm, bytes, plan->stack_is_exec);
    if (error)
        return error;

    struct stack stack = { .sp = mm->stack_top };
    push(&stack, &(unsigned long){ 0 }, sizeof(unsigned long));
    vaddr_t path = push_string(&stack, args->path);
    mm->env_end = stack.sp;
    mm->env_start = mm->arg_end = push_strings(&stack, args->envp, envc);
    mm->arg_start = push_strings(&stack, args->argv, argc);
    vaddr_t platform = push_string(&stack, MACHINE_NAME);
    vaddr_t random_bytes = push(&stack, image->random, EXEC_RANDOM_BYTES);

    const unsigned long auxiliary[][2] = {
        { AT_SYSINFO, VDSO_ADDRESS + VSYSCALL },
        { AT_SYSINFO_EHDR, VDSO_ADDRESS },
        { AT_HWCAP, cpu_features[0] },
        { AT_PAGESZ, PAGE_BYTES },
        { AT_CLKTCK, HZ },
        { AT_PHDR, plan->headers },
        { AT_PHENT, sizeof(struct elf_segment) },
        { AT_PHNUM, plan->header_count },
        { AT_BASE, image->interpreter_base },
        { AT_FLAGS, 0 },
        { AT_ENTRY, plan->entry },
        { AT_UID, 0 },
        { AT_EUID, 0 },
        { AT_GID, 0 },
        { AT_EGID, 0 },
        { AT_SECURE, 0 },
        { AT_RANDOM, random_bytes },
        { AT_HWCAP2, 0 },
        { AT_EXECFN, path },
        { AT_PLATFORM, platform },
        { AT_MINSIGSTKSZ, SIGNAL_FRAME_BYTES },
        { AT_NULL, 0 },
    };
    const size_t first = VSYSCALL ? 0 : 1;
    size_t words = 1 + argc + 1 + envc + 1 + 2 * (ARRAY_COUNT(auxiliary) - first);
    *sp = stack.sp = align_down(stack.sp - words * sizeof(long), STACK_ALIGN);
    put_word(&stack, argc);
    put_pointers(&stack, args->argv, argc, mm->arg_start);
    put_pointers(&stack, args->envp, envc, mm->env_start);
    for (size_t i = first; i < ARRAY_COUNT(auxiliary); i++) {
        put_word(&stack, auxiliary[i][0]);
        put_word(&stack, auxiliary[i][1]);
    }
    return stack.failed ? -ENOMEM : 0;
}
