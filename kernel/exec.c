/*
 * exec: gather everything in a new address space, then commit to it.
 *
 * The new address space is made the current one before it is filled, so that the file and the
 * stack are copied to it as to any user memory, page faults included.  If something fails the old
 * one is put back, and nothing has happened.
 */
#include "kernel/exec.h"

#include "arch/x86/context.h"
#include "arch/x86/cpu.h"
#include "arch/x86/tlb.h"
#include "kernel/clone.h"
#include "kernel/elf.h"
#include "kernel/exec_stack.h"
#include "kernel/fs/files.h"
#include "kernel/fs/fs_context.h"
#include "kernel/fs/iov.h"
#include "kernel/process.h"
#include "kernel/task.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/mm.h"
#include "mm/mmap.h"

/* A program that is being started. */
struct program {
    struct file *file;
    struct elf_header header;
    struct elf_segment segment[ELF_SEGMENTS_MAX];
    struct elf_plan plan;
};

static int open_program(const char *path, struct file **file, const char **why)
{
    struct walk_start start = fs_start(current->fs);
    struct dentry *dentry;
    int error = path_walk(&start, path, WALK_FOLLOW, &dentry);
    walk_start_put(&start);
    if (error) {
        *why = error == -ENOENT ? "there is no such file" : "it cannot be reached";
        return error;
    }
    u32 mode = dentry->inode->mode;
    if (!mode_is_file(mode)) {
        *why = "it is not a file";
        error = -EACCES;
    } else if (!(mode & 0111)) {
        *why = "it may not be executed: no x in its rights";
        error = -EACCES;
    } else {
        error = file_open(dentry, O_RDONLY, file);
    }
    dentry_put(dentry);
    return error;
}

/* Read @size bytes at @offset that elf_check() has found to be there. */
static int read_all(struct file *file, void *buffer, size_t size, u64 offset)
{
    ssize_t got = file_read_kernel(file, buffer, size, offset);
    return got < 0 ? (int)got : (size_t)got < size ? -EIO : 0;
}

/* Read and check the headers, and make the plan. */
static int read_program(struct program *program, const char **why)
{
    struct file *file = program->file;
    struct elf_header *header = &program->header;
    u64 size = file->dentry->inode->size;
    ssize_t got = file_read_kernel(file, header, sizeof(*header), 0);
    if (got < 0)
        return (int)got;
    *why = elf_check(header, (u64)got < sizeof(*header) ? (u64)got : size);
    int error = *why ? -ENOEXEC : 0;
    if (!error)
        error = read_all(file, program->segment, header->segments * sizeof(struct elf_segment),
                         header->segments_offset);
    if (!error)
        error = elf_plan(header, program->segment, size, &program->plan);
    if (error == -ENOEXEC && !*why)
        *why = program->plan.why;
    return error;
}

/* Let the current task use @mm, NULL: none.  Returns: what it used before. */
static struct mm *use_mm(struct mm *mm)
{
    irqflags_t flags = irq_save();
    struct mm *old = task_set_mm(current, mm);
    mm_switch(mm);
    irq_restore(flags);
    return old;
}

/* Fill @piece's addresses: the file's bytes, and zeroes that come with the first touch. */
static int load_piece(struct mm *mm, struct file *file, const struct elf_piece *piece)
{
    vaddr_t start = align_down(piece->address, PAGE_BYTES);
    vaddr_t end = align_up(piece->address + piece->memory_bytes, PAGE_BYTES);
    struct map_request request = {
        .address = start,
        .bytes = end - start,
        .prot = PROT_READ | PROT_WRITE,
        .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
    };
    int error = mm_map(mm, &request, &(vaddr_t){ 0 });
    if (error)
        return error;
    struct iov to = iov_user(piece->address, piece->file_bytes);
    ssize_t got = file_read(file, &to, &(u64){ piece->offset });
    if (got < 0)
        return got == -EFAULT ? -ENOMEM : (int)got;
    if (to.left)
        return -EIO;
    return mm_protect(mm, start, end - start, piece->prot);
}

static int load(struct mm *mm, struct program *program)
{
    const struct elf_plan *plan = &program->plan;
    for (unsigned i = 0; i < plan->pieces; i++) {
        const struct elf_piece *piece = &plan->piece[i];
        int error = load_piece(mm, program->file, piece);
        if (error)
            return error;
        bool is_code = piece->prot & PROT_EXEC;
        *(is_code ? &mm->code_start : &mm->data_start) = piece->address;
        *(is_code ? &mm->code_end : &mm->data_end) = piece->address + piece->file_bytes;
    }
    mm_set_brk(mm, plan->end);
    return 0;
}

/* The last component of @path. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The old program is gone: nothing below can fail. */
static void commit(const struct exec_args *args, struct file *file)
{
    task_set_name(current, base_name(args->path));
    process_set_program(current->process, file->dentry);
    process_reset_signals(current->process);
    files_close_on_exec(current->files);
    current->clear_child_tid = NULL;
    machine_reset();
    vfork_done();
}

/* What close-on-exec closes is closed for this process alone. */
static int own_files(void)
{
    struct files *shared = current->files;
    if (READ_ONCE(shared->refs) == 1)
        return 0;
    struct files *copy = files_copy(shared);
    if (!copy)
        return -ENOMEM;
    task_set_files(current, copy);
    return 0;
}

static int replace_mm(const struct exec_args *args, struct program *program,
                      struct exec_start *start)
{
    struct mm *mm = mm_create();
    if (!mm)
        return -ENOMEM;
    struct mm *old = use_mm(mm);
    int error = load(mm, program);
    if (!error)
        error = exec_stack_build(mm, args, &program->plan, &start->sp);
    if (!error)
        error = process_make_single();
    if (!error)
        error = own_files();
    if (error) {
        use_mm(old);
        mm_put(mm);
        if (error != -EEXIST)
            return error;
        start->why = "a segment lies where the stack belongs";
        return -ENOEXEC;
    }
    process_set_mm(current->process, mm);
    if (old)
        mm_put(old);
    start->ip = program->plan.entry;
    commit(args, program->file);
    return 0;
}

int exec(const struct exec_args *args, struct exec_start *start)
{
    *start = (struct exec_start){ 0 };
    struct program *program = kmalloc(sizeof(*program), GFP_KERNEL);
    if (!program)
        return -ENOMEM;
    int error = open_program(args->path, &program->file, &start->why);
    if (!error) {
        error = read_program(program, &start->why);
        if (!error)
            error = replace_mm(args, program, start);
        file_put(program->file);
    }
    kfree(program);
    return error;
}
