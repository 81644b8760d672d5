/*
 * The system call execve(2): the strings come out of the old program before it goes.
 */
#include "arch/x86/pte.h"
#include "kernel/exec.h"
#include "kernel/fs/at.h"
#include "kernel/sys.h"
#include "kernel/task.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "machine/trapframe.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/vmalloc.h"

enum {
    STRING_BYTES_MAX = 32 * PAGE_BYTES,     /* one argument, with its end */
    STRINGS_BYTES_MAX = MM_STACK_LIMIT / 4, /* all, with the pointers to them */
    LIST_FIRST = 32,
};

/* A list of strings that grows, NULL at its end. */
struct strings {
    const char **list;
    size_t count, room;
};

static void strings_free(struct strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        kfree((void *)strings->list[i]);
    if (strings->list)
        vfree(strings->list);
}

/* Make room for one more and the NULL. */
static int strings_grow(struct strings *strings)
{
    if (strings->count + 1 < strings->room)
        return 0;
    size_t room = strings->room ? strings->room * 2 : LIST_FIRST;
    const char **list = vmalloc(room * sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < strings->count; i++)
        list[i] = strings->list[i];
    if (strings->list)
        vfree(strings->list);
    strings->list = list;
    strings->room = room;
    return 0;
}

/* Copy the string at @user, by way of @scratch, behind the others. */
static int add_string(struct strings *strings, const char __user *user, char *scratch,
                      size_t *bytes_left)
{
    int error = strings_grow(strings);
    if (error)
        return error;
    ssize_t length = strncpy_from_user(scratch, user, STRING_BYTES_MAX);
    if (length < 0)
        return (int)length;
    size_t bytes = (size_t)length + 1;
    if (bytes > STRING_BYTES_MAX || bytes + sizeof(char *) > *bytes_left)
        return -E2BIG;
    *bytes_left -= bytes + sizeof(char *);
    char *copy = kmalloc(bytes, GFP_KERNEL);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, scratch, bytes);
    strings->list[strings->count++] = copy;
    return 0;
}

/* Copy all strings of the list at @user, NULL: none. */
static int get_strings(struct strings *strings, const vaddr_t __user *user, char *scratch,
                       size_t *bytes_left)
{
    int error = 0;
    while (!error && user) {
        vaddr_t string;
        if (copy_from_user(&string, user, sizeof(string)))
            return -EFAULT;
        if (!string)
            break;
        error = add_string(strings, (const char __user *)string, scratch, bytes_left);
        user++;
    }
    if (!error)
        error = strings_grow(strings);
    if (!error)
        strings->list[strings->count] = NULL;
    return error;
}

/* Start the program, the strings being here. */
static long start(const struct exec_args *args)
{
    struct exec_start start;
    int error = exec(args, &start);
    if (error)
        return error;
    *task_frame(current) = trapframe_new_program(start.ip, start.sp);
    return 0;
}

long sys_execve(const char __user *path, const vaddr_t __user *argv, const vaddr_t __user *envp)
{
    struct strings arguments = { 0 }, environment = { 0 };
    size_t bytes_left = STRINGS_BYTES_MAX;
    char *name = NULL;
    long error = at_copy_path(path, &name);
    if (error)
        return error;
    char *scratch = vmalloc(STRING_BYTES_MAX);
    if (!scratch)
        error = -ENOMEM;
    if (!error)
        error = get_strings(&arguments, argv, scratch, &bytes_left);
    if (!error)
        error = get_strings(&environment, envp, scratch, &bytes_left);
    if (!error && !arguments.count) /* every program has a name */
        error = add_string(&arguments, (const char __user *)path, scratch, &bytes_left);
    if (scratch)
        vfree(scratch);
    if (!error) {
        arguments.list[arguments.count] = NULL;
        error = start(&(struct exec_args){ name, arguments.list, environment.list });
    }
    strings_free(&arguments);
    strings_free(&environment);
    kfree(name);
    return error;
}
