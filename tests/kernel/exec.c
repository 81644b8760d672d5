/*
 * exec, when it fails early and late: the task goes on with what it had, and no memory is lost.
 */
#include "kernel/exec.h"

#include "arch/x86/pte.h"
#include "arch/x86/user_copy.h"
#include "kernel/elf.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/fs/iov.h"
#include "kernel/ktest.h"
#include "kernel/ktest_leak.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/string.h"
#include "mm/count.h"
#include "mm/fail.h"
#include "mm/gup.h"
#include "mm/mm.h"
#include "mm/vma.h"
#include "mm/zone.h"
#include "tests/kernel/user_space.h"

#define CODE_AT ((vaddr_t)0x400000)

struct image {
    struct elf_header header;
    struct elf_segment segment[2];
};

/* A program of a header and no code, whose second segment is a page of zeroes at @address. */
static struct image image_with(vaddr_t address)
{
    return (struct image){
        .header = {
            .magic = { 0x7f, 'E', 'L', 'F' },
            .class = ELF_CLASS,
            .data = ELF_DATA_LITTLE,
            .version = 1,
            .type = ELF_TYPE_EXEC,
            .machine = ELF_MACHINE,
            .entry = CODE_AT,
            .segments_offset = sizeof(struct elf_header),
            .segment_bytes = sizeof(struct elf_segment),
            .segments = 2,
        },
        .segment = {
            { .type = ELF_LOAD, .flags = ELF_READ | ELF_EXEC, .address = CODE_AT,
              .file_bytes = sizeof(struct image), .memory_bytes = sizeof(struct image) },
            { .type = ELF_LOAD, .flags = ELF_READ | ELF_WRITE, .address = (elf_word)address,
              .memory_bytes = PAGE_BYTES },
        },
    };
}

/* Make file /@text in the root, of @size bytes. */
static void make_file(const char *text, const void *bytes, size_t size)
{
    struct dentry *dentry;
    struct file *file;
    struct iov from = iov_kernel((void *)bytes, size);
    user_space_ensure_root();
    ktest_equal(dentry_make(path_root().root, &(struct name){ text, strlen(text) },
                            &(struct inode_spec){ .mode = S_IFREG | 0755 }, &dentry),
                0);
    ktest_equal(file_open(dentry, O_WRONLY, &file), 0);
    ktest_equal(file_write(file, &from, NULL), size);
    file_put(file);
    dentry_put(dentry);
}

static void remove_file(const char *text)
{
    ktest_equal(dentry_remove(path_root().root, &(struct name){ text, strlen(text) }, false), 0);
}

static int exec_path(const char *path, const char **why)
{
    static const char *const none[] = { NULL };
    struct exec_start start;
    int error = exec(&(struct exec_args){ .path = path, .argv = none, .envp = none }, &start);
    *why = start.why;
    return error;
}

static void become_process(void)
{
    user_space_ensure_root();
    current->files = files_create();
    current->fs = fs_create();
    user_space_enter(NULL);
    ktest_assert(current->files && current->fs);
    ktest_equal(process_create(), 0);
}

static void end_process(void)
{
    process_abandon();
    user_space_leave();
    task_set_files(current, NULL);
    task_set_fs(current, NULL);
}

KTEST(a_refused_program_leaves_the_task_as_it_was)
{
    const char text[] = "this is not a program";
    const char *why;
    make_file("text", text, sizeof(text));
    become_process();
    struct mm *mm = current->mm;
    ktest_equal(exec_path("/text", &why), -ENOEXEC);
    ktest_assert(why && strstr(why, "ELF"));
    ktest_equal(exec_path("/missing", &why), -ENOENT);
    ktest_equal(exec_path("/", &why), -EACCES);
    ktest_assert(current->mm == mm);
    end_process();
    remove_file("text");
}

KTEST(a_program_that_fails_while_it_is_loaded_gives_all_back)
{
    const struct image image = image_with(USER_TOP - PAGE_BYTES);
    const char *why;
    make_file("on_the_stack", &image, sizeof(image));
    become_process();
    struct mm *mm = current->mm;
    ktest_equal(exec_path("/on_the_stack", &why), -ENOEXEC); /* caches fill, once */
    ktest_assert(why && strstr(why, "stack"));
    unsigned long before = pages_free();
    for (unsigned i = 0; i < 20; i++)
        ktest_equal(exec_path("/on_the_stack", &why), -ENOEXEC);
    ktest_assert(current->mm == mm);
    ktest_equal(pages_free(), before);
    end_process();
    remove_file("on_the_stack");
}

KTEST(files_give_their_pages_back)
{
    static char block[PAGE_BYTES];
    struct walk_start start;
    struct dentry *dentry;
    make_file("large", block, sizeof(block));
    start = path_root();
    ktest_equal(path_walk(&start, "/large", 0, &dentry), 0);
    unsigned long before = pages_free();
    struct file *file;
    ktest_equal(file_open(dentry, O_WRONLY, &file), 0);
    for (unsigned i = 0; i < 500; i++) {
        struct iov from = iov_kernel(block, sizeof(block));
        ktest_equal(file_write(file, &from, NULL), sizeof(block));
    }
    ktest_assert(before - pages_free() >= 499);
    mutex_lock(&dentry->inode->lock);
    ktest_equal(dentry->inode->ops->truncate(dentry->inode, PAGE_BYTES), 0);
    mutex_unlock(&dentry->inode->lock);
    ktest_assert(pages_free() + 4 >= before); /* less what the tree's cache keeps */
    file_put(file);
    dentry_put(dentry);
    remove_file("large");
}

/* Execute /shared, touch its code, note what that took; which page holds the code. */
static struct page *page_of_code(unsigned long *mapped, unsigned long *fresh)
{
    const char *why;
    struct page *page;
    u8 byte = 0;
    become_process();
    ktest_equal(exec_path("/shared", &why), 0);
    const unsigned long files = count_read(COUNT_FAULT_FILE);
    const unsigned long made = count_read(COUNT_FAULT_FRESH) + count_read(COUNT_FAULT_COW);
    ktest_equal(get_user(byte, (u8 __user *)CODE_AT), 0);
    ktest_equal(byte, 0x7f);
    *mapped = count_read(COUNT_FAULT_FILE) - files;
    *fresh = count_read(COUNT_FAULT_FRESH) + count_read(COUNT_FAULT_COW) - made;
    struct mm *mm = current->mm;
    down_read(&mm->mmap_lock);
    ktest_equal(follow_page(vma_lookup(mm, CODE_AT), CODE_AT, 0, &page), 0);
    up_read(&mm->mmap_lock);
    end_process();
    return page;
}

KTEST(all_who_execute_a_program_share_its_pages)
{
    const struct image image = image_with(CODE_AT + 16 * PAGE_BYTES);
    unsigned long mapped, fresh;
    make_file("shared", &image, sizeof(image));
    const struct page *first = page_of_code(&mapped, &fresh);
    ktest_equal(mapped, 1);
    ktest_equal(fresh, 0);
    ktest_assert(page_of_code(&mapped, &fresh) == first); /* the file's own page */
    ktest_equal(mapped, 1);
    ktest_equal(fresh, 0);
    remove_file("shared");
}

static u8 byte_at(vaddr_t address)
{
    u8 byte = 0;
    ktest_equal(get_user(byte, (u8 __user *)address), 0);
    return byte;
}

KTEST(segments_that_meet_in_a_page_keep_what_is_theirs)
{
    static u8 file[2 * PAGE_BYTES];
    struct image image = image_with(CODE_AT + 0x800);
    const char *why;
    memset(file, 0xee, sizeof(file));
    image.segment[0].file_bytes = 0x400;
    image.segment[0].memory_bytes = 0x500;
    image.segment[1].offset = PAGE_BYTES + 0x800;
    image.segment[1].file_bytes = 0x100;
    image.segment[1].memory_bytes = 2 * PAGE_BYTES;
    memcpy(file, &image, sizeof(image));
    file[PAGE_BYTES + 0x800] = 0x55;
    make_file("meeting", file, sizeof(file));
    become_process();
    ktest_equal(exec_path("/meeting", &why), 0);
    ktest_equal(byte_at(CODE_AT), 0x7f);
    ktest_equal(byte_at(CODE_AT + 0x3ff), 0xee);
    ktest_equal(byte_at(CODE_AT + 0x400), 0);
    ktest_equal(byte_at(CODE_AT + 0x4ff), 0);
    ktest_equal(byte_at(CODE_AT + 0x800), 0x55);
    ktest_equal(byte_at(CODE_AT + 0x8ff), 0xee);
    ktest_equal(byte_at(CODE_AT + 0x900), 0);
    ktest_equal(byte_at(CODE_AT + 2 * PAGE_BYTES), 0);
    end_process();
    remove_file("meeting");
}

/* exec with its @nth allocation failing.  Returns: did it come so far? */
static bool exec_failing(unsigned nth)
{
    const char *why;
    become_process();
    struct mm *mm = current->mm;
    fail_arm(nth);
    int error = exec_path("/fine", &why);
    bool failed = fail_disarm();
    if (error != 0 && error != -ENOMEM)
        ktest_note("exec, failure %u: errno %d", nth, -error);
    ktest_assert(error == 0 || (error == -ENOMEM && failed));
    ktest_assert(error == 0 || current->mm == mm);
    end_process();
    return failed;
}

KTEST(exec_fails_cleanly_whichever_allocation_fails)
{
    const struct image image = image_with(CODE_AT + 16 * PAGE_BYTES);
    make_file("fine", &image, sizeof(image));
    exec_failing(1000); /* caches fill */
    const struct in_use before = in_use_now();
    unsigned nth = 1;
    for (; nth < 1000 && exec_failing(nth); nth++)
        ktest_assert(in_use_as_before(&before));
    ktest_note("exec: %u allocations failed, one at a time", nth - 1);
    ktest_assert(nth > 1 && nth < 1000);
    remove_file("fine");
}
