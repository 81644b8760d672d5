/*
 * A piece of a program is mapped as mmap(2) would map it, privately:
 *
 *     pages of the file      read faults share the page cache's, write faults copy them
 *     the last one's tail    cleared, if the piece is larger than what the file has of it
 *     whole pages of zeroes  anonymous memory
 *
 * So all processes that run one program share its code.  Where two pieces meet in one page, the
 * later one's mapping comes on top, and what earlier ones have in that page is copied to it.
 */
#include "kernel/exec_load.h"

#include "arch/x86/user_copy.h"
#include "kernel/fs/iov.h"
#include "kernel/fs/map.h"
#include "kernel/fs/vfs.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/minmax.h"
#include "mm/mm.h"
#include "mm/mmap.h"

/* A piece's addresses: where what the file has ends, and where it ends. */
static vaddr_t file_end(const struct elf_piece *piece)
{
    return piece->address + piece->file_bytes;
}

static vaddr_t memory_end(const struct elf_piece *piece)
{
    return piece->address + piece->memory_bytes;
}

/* Are there bytes of the last page of the file's part to be cleared? */
static bool has_tail(const struct elf_piece *piece)
{
    return piece->file_bytes && piece->memory_bytes > piece->file_bytes &&
           file_end(piece) % PAGE_BYTES;
}

static int map_file_part(struct mm *mm, struct file *file, const struct elf_piece *piece)
{
    const vaddr_t start = align_down(piece->address, PAGE_BYTES);
    const struct map_request request = {
        .address = start,
        .bytes = align_up(file_end(piece), PAGE_BYTES) - start,
        .prot = piece->prot | (has_tail(piece) ? PROT_WRITE : 0),
        .flags = MAP_PRIVATE | MAP_FIXED,
        .file = file,
        .offset = align_down(piece->offset, PAGE_BYTES),
        .attach = map_attach_file,
    };
    return mm_map(mm, &request, &(vaddr_t){ 0 });
}

/* Clear what follows the file's part in its last page. */
static int clear_tail(struct mm *mm, const struct elf_piece *piece)
{
    const vaddr_t tail = file_end(piece), end = align_up(tail, PAGE_BYTES);
    const vaddr_t start = align_down(piece->address, PAGE_BYTES);
    if (clear_user((void __user *)tail, end - tail))
        return -ENOMEM;
    return piece->prot & PROT_WRITE ? 0 : mm_protect(mm, start, end - start, piece->prot);
}

static int map_rest(struct mm *mm, const struct elf_piece *piece)
{
    const vaddr_t start = piece->file_bytes ? align_up(file_end(piece), PAGE_BYTES)
                                            : align_down(piece->address, PAGE_BYTES);
    const vaddr_t end = align_up(memory_end(piece), PAGE_BYTES);
    if (start >= end)
        return 0;
    const struct map_request request = {
        .address = start,
        .bytes = end - start,
        .prot = piece->prot,
        .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
    };
    return mm_map(mm, &request, &(vaddr_t){ 0 });
}

/* Put back what @before, an earlier piece, has in @page, which a later one's mapping hides. */
static int restore(struct file *file, const struct elf_piece *before, vaddr_t page)
{
    const vaddr_t start = max(before->address, page);
    const vaddr_t zeroes = max(start, file_end(before));
    if (start < file_end(before)) {
        struct iov to = iov_user(start, file_end(before) - start);
        u64 position = before->offset + (start - before->address);
        ssize_t got = file_read(file, &to, &position);
        if (got < 0)
            return got == -EFAULT ? -ENOMEM : (int)got;
        if (to.left)
            return -EIO;
    }
    return clear_user((void __user *)zeroes, memory_end(before) - zeroes) ? -ENOMEM : 0;
}

/* The first page of piece @index may be that in which earlier ones end. */
static int join(struct mm *mm, struct file *file, const struct elf_plan *plan, unsigned index)
{
    const vaddr_t page = align_down(plan->piece[index].address, PAGE_BYTES);
    unsigned prot = plan->piece[index].prot, first = index;
    while (first && memory_end(&plan->piece[first - 1]) > page)
        prot |= plan->piece[--first].prot;
    if (first == index)
        return 0;
    int error = mm_protect(mm, page, PAGE_BYTES, PROT_READ | PROT_WRITE);
    for (unsigned i = first; i < index && !error; i++)
        error = restore(file, &plan->piece[i], page);
    return error ? error : mm_protect(mm, page, PAGE_BYTES, prot);
}

int exec_load(struct mm *mm, struct file *file, const struct elf_plan *plan)
{
    int error = 0;
    for (unsigned i = 0; i < plan->pieces && !error; i++) {
        const struct elf_piece *piece = &plan->piece[i];
        if (piece->file_bytes)
            error = map_file_part(mm, file, piece);
        if (!error && has_tail(piece))
            error = clear_tail(mm, piece);
        if (!error)
            error = map_rest(mm, piece);
        if (!error)
            error = join(mm, file, plan, i);
    }
    return error;
}

void exec_note(struct mm *mm, const struct elf_plan *plan)
{
    for (unsigned i = 0; i < plan->pieces; i++) {
        const struct elf_piece *piece = &plan->piece[i];
        bool is_code = piece->prot & PROT_EXEC;
        *(is_code ? &mm->code_start : &mm->data_start) = piece->address;
        *(is_code ? &mm->code_end : &mm->data_end) = piece->address + piece->file_bytes;
    }
}
