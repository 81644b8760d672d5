/*
 * From program headers to a plan, trusting none of them.
 */
#include "kernel/elf.h"

#include "arch/x86/pte.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "machine/layout.h"
#include "mm/mm.h"

const char *elf_check(const struct elf_header *header, u64 file_bytes)
{
    if (file_bytes < sizeof(header->magic) || memcmp(header->magic, "\177ELF", 4))
        return "it is not an ELF file";
    if (file_bytes < sizeof(*header))
        return "it ends inside its ELF header";
    if (header->class != ELF_CLASS || header->machine != ELF_MACHINE)
        return "it is a program for another machine than " MACHINE_NAME;
    if (header->data != ELF_DATA_LITTLE || header->version != 1)
        return "its ELF header is damaged";
    if (header->type != ELF_TYPE_EXEC && header->type != ELF_TYPE_DYNAMIC)
        return "it is an ELF file, but not a program";
    if (header->segment_bytes != sizeof(struct elf_segment))
        return "its program headers have the wrong size";
    if (!header->segments)
        return "it has no program headers";
    if (header->segments > ELF_SEGMENTS_MAX)
        return "it has more than 64 program headers";
    u64 bytes = header->segments * sizeof(struct elf_segment);
    if (header->segments_offset > file_bytes || bytes > file_bytes - header->segments_offset)
        return "it ends before its program headers do";
    return NULL;
}

static int refuse(struct elf_plan *plan, const char *why)
{
    plan->why = why;
    return -ENOEXEC;
}

static unsigned prot_of(u32 flags)
{
    return (flags & ELF_READ ? PROT_READ : 0) | (flags & ELF_WRITE ? PROT_WRITE : 0) |
           (flags & ELF_EXEC ? PROT_EXEC : 0);
}

/* Add loadable @segment to the plan, behind all that are there. */
static int add_piece(struct elf_plan *plan, const struct elf_segment *segment, u64 file_bytes)
{
    const struct elf_piece *last = plan->pieces ? &plan->piece[plan->pieces - 1] : NULL;
    u64 address = segment->address;
    if (segment->offset > file_bytes || segment->file_bytes > file_bytes - segment->offset)
        return refuse(plan, "it ends inside a segment: the file is truncated");
    if (segment->file_bytes > segment->memory_bytes)
        return refuse(plan, "a segment is larger in the file than in memory");
    if (segment->memory_bytes > USER_TOP || address > USER_TOP - segment->memory_bytes)
        return refuse(plan, "a segment reaches into the kernel's addresses or wraps");
    if (address < MM_MIN_ADDRESS && !plan->is_movable)
        return refuse(plan, "a segment lies below 64 KiB, where nothing may");
    if ((address ^ segment->offset) % PAGE_BYTES)
        return refuse(plan, "a segment does not lie in its pages as in the file's");
    if (last && address < last->address + last->memory_bytes)
        return refuse(plan, "its segments overlap or are not in order");

    plan->piece[plan->pieces++] = (struct elf_piece){
        .address = (vaddr_t)address,
        .memory_bytes = (size_t)segment->memory_bytes,
        .file_bytes = (size_t)segment->file_bytes,
        .offset = segment->offset,
        .prot = prot_of(segment->flags),
    };
    plan->end = align_up((vaddr_t)(address + segment->memory_bytes), PAGE_BYTES);
    /* What is no power of 2, or larger than sensible, is ignored. */
    if (segment->align > plan->align && segment->align <= ELF_DYNAMIC_BASE &&
        !(segment->align & (segment->align - 1)))
        plan->align = (size_t)segment->align;
    return 0;
}

/* Where the program headers themselves end up in memory; 0: in no piece. */
static vaddr_t find_headers(const struct elf_header *header, const struct elf_plan *plan)
{
    u64 bytes = header->segments * sizeof(struct elf_segment);
    for (unsigned i = 0; i < plan->pieces; i++) {
        const struct elf_piece *piece = &plan->piece[i];
        if (header->segments_offset >= piece->offset && bytes <= piece->file_bytes &&
            header->segments_offset - piece->offset <= piece->file_bytes - bytes)
            return piece->address + (vaddr_t)(header->segments_offset - piece->offset);
    }
    return 0;
}

static bool is_in_code(const struct elf_plan *plan, vaddr_t address)
{
    for (unsigned i = 0; i < plan->pieces; i++)
        if (plan->piece[i].prot & PROT_EXEC &&
            address - plan->piece[i].address < plan->piece[i].memory_bytes)
            return true;
    return false;
}

static int set_interpreter(struct elf_plan *plan, const struct elf_segment *segment, u64 file_bytes)
{
    if (plan->interpreter_bytes)
        return 0; /* the first one counts */
    if (segment->file_bytes < 2 || segment->file_bytes > ELF_INTERPRETER_BYTES_MAX)
        return refuse(plan, "its interpreter's path is empty or too long");
    if (segment->offset > file_bytes || segment->file_bytes > file_bytes - segment->offset)
        return refuse(plan, "it ends before its interpreter's path does");
    plan->interpreter_offset = segment->offset;
    plan->interpreter_bytes = (size_t)segment->file_bytes;
    return 0;
}

/* Take from @segment what there is to know. */
static int take_segment(struct elf_plan *plan, const struct elf_segment *segment, u64 file_bytes)
{
    switch (segment->type) {
    case ELF_INTERPRETER:
        return set_interpreter(plan, segment, file_bytes);
    case ELF_GNU_STACK:
        plan->stack_is_exec = segment->flags & ELF_EXEC;
        return 0;
    case ELF_LOAD:
        return segment->memory_bytes ? add_piece(plan, segment, file_bytes) : 0;
    default:
        return 0;
    }
}

int elf_plan(const struct elf_header *header, const struct elf_segment *segment, u64 file_bytes,
             struct elf_plan *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->is_movable = header->type == ELF_TYPE_DYNAMIC;
    plan->align = PAGE_BYTES;
    for (unsigned i = 0; i < header->segments; i++) {
        int error = take_segment(plan, &segment[i], file_bytes);
        if (error)
            return error;
    }
    if (!plan->pieces)
        return refuse(plan, "it has nothing to load");
    plan->start = align_down(plan->piece[0].address, PAGE_BYTES);
    plan->entry = (vaddr_t)header->entry;
    if (header->entry > USER_TOP || !is_in_code(plan, plan->entry))
        return refuse(plan, "it starts outside of its code");
    plan->headers = find_headers(header, plan);
    plan->header_count = header->segments;
    return 0;
}

int elf_move(struct elf_plan *plan, vaddr_t place)
{
    /* Its first address keeps its remainder; the sum may wrap, the addresses that come out not. */
    const vaddr_t bias = place - align_down(plan->start, plan->align);
    const size_t size = plan->end - plan->start;
    if (size > USER_TOP || plan->start + bias < MM_MIN_ADDRESS ||
        plan->start + bias > USER_TOP - size)
        return refuse(plan, "it is too large for the room there is");
    for (unsigned i = 0; i < plan->pieces; i++)
        plan->piece[i].address += bias;
    plan->start += bias;
    plan->end += bias;
    plan->entry += bias;
    if (plan->headers)
        plan->headers += bias;
    return 0;
}
