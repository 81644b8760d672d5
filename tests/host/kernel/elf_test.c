/*
 * ELF files: what is accepted, what is refused and why, and noise.
 */
#include "kernel/elf.h"

#include "arch/x86/pte.h"
#include "lib/align.h"
#include "lib/errno.h"
#include "machine/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_BYTES = 0x9000, SEGMENTS = 4 };

struct program {
    struct elf_header header;
    struct elf_segment segment[SEGMENTS];
};

/* A program like those that linkers make: code, data with zeroes behind, a stack, a note. */
static struct program good(void)
{
    return (struct program){
        .header = {
            .magic = { 0x7f, 'E', 'L', 'F' },
            .class = ELF_CLASS,
            .data = ELF_DATA_LITTLE,
            .version = 1,
            .type = ELF_TYPE_EXEC,
            .machine = ELF_MACHINE,
            .entry = 0x401000,
            .segments_offset = sizeof(struct elf_header),
            .segment_bytes = sizeof(struct elf_segment),
            .segments = SEGMENTS,
        },
        .segment = {
            { .type = ELF_LOAD, .flags = ELF_READ | ELF_EXEC, .address = 0x400000,
              .file_bytes = 0x5000, .memory_bytes = 0x5000, .align = 0x1000 },
            { .type = ELF_LOAD, .flags = ELF_READ | ELF_WRITE, .offset = 0x5f80,
              .address = 0x406f80, .file_bytes = 0x200, .memory_bytes = 0x4000, .align = 0x1000 },
            { .type = ELF_GNU_STACK, .flags = ELF_READ | ELF_WRITE },
            { .type = 4, .offset = 0x100, .file_bytes = 0x20 },
        },
    };
}

/* What is wrong with @program, or "". */
static const char *refusal(const struct program *program, u64 file_bytes)
{
    static struct elf_plan plan;
    const char *why = elf_check(&program->header, file_bytes);
    if (why)
        return why;
    if (program->header.segments > SEGMENTS)
        return "";
    return elf_plan(&program->header, program->segment, file_bytes, &plan) ? plan.why : "";
}

static void a_plan_says_what_goes_where(void **state)
{
    struct program program = good();
    struct elf_plan plan;
    assert_null(elf_check(&program.header, FILE_BYTES));
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), 0);
    assert_int_equal(plan.pieces, 2);
    assert_int_equal(plan.piece[0].prot, PROT_READ | PROT_EXEC);
    assert_int_equal(plan.piece[1].address, 0x406f80);
    assert_int_equal(plan.piece[1].offset, 0x5f80);
    assert_int_equal(plan.piece[1].memory_bytes, 0x4000);
    assert_int_equal(plan.piece[1].prot, PROT_READ | PROT_WRITE);
    assert_int_equal(plan.entry, 0x401000);
    assert_int_equal(plan.headers, 0x400000 + sizeof(struct elf_header));
    assert_int_equal(plan.header_count, SEGMENTS);
    assert_int_equal(plan.start, 0x400000);
    assert_int_equal(plan.end, 0x40b000);
    assert_int_equal(plan.interpreter_bytes, 0);
    assert_false(plan.is_movable);
    assert_false(plan.stack_is_exec);
}

static void a_program_for_any_place_is_moved(void **state)
{
    struct program program = good();
    struct elf_plan plan;
    program.header.type = ELF_TYPE_DYNAMIC;
    program.segment[0].address = 0;
    program.segment[1].address = 0x6f80;
    program.header.entry = 0x1000;
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), 0);
    assert_true(plan.is_movable);
    assert_int_equal(elf_move(&plan, ELF_DYNAMIC_BASE), 0);
    assert_int_equal(plan.piece[0].address, ELF_DYNAMIC_BASE);
    assert_int_equal(plan.start, ELF_DYNAMIC_BASE);
    assert_int_equal(plan.end, ELF_DYNAMIC_BASE + 0xb000);
    assert_int_equal(plan.entry, ELF_DYNAMIC_BASE + 0x1000);
    assert_int_equal(plan.headers, ELF_DYNAMIC_BASE + sizeof(struct elf_header));
    assert_int_equal(elf_move(&plan, USER_TOP - 0xb000), 0);
    assert_int_equal(elf_move(&plan, USER_TOP - 0xa000), -ENOEXEC);
    assert_int_equal(elf_move(&plan, (vaddr_t)-0x1000), -ENOEXEC);
    assert_int_equal(elf_move(&plan, 0xf000), -ENOEXEC);
    program.segment[1].align = 0x200000;
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), 0);
    assert_int_equal(plan.align, 0x200000);
    program.segment[1].align = 0x300000; /* no power of 2 */
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), 0);
    assert_int_equal(plan.align, PAGE_BYTES);
}

static void an_interpreter_is_found(void **state)
{
    struct program program = good();
    struct elf_plan plan;
    program.segment[3].type = ELF_INTERPRETER;
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), 0);
    assert_int_equal(plan.interpreter_offset, 0x100);
    assert_int_equal(plan.interpreter_bytes, 0x20);
}

static void segments_may_share_a_page(void **state)
{
    struct program program = good();
    struct elf_plan plan;
    program.segment[1].address = 0x405800;
    program.segment[1].offset = 0x5800;
    program.segment[0].file_bytes = program.segment[0].memory_bytes = 0x5800;
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), 0);
    assert_int_equal(plan.pieces, 2);
    program.segment[0].memory_bytes++;
    assert_int_equal(elf_plan(&program.header, program.segment, FILE_BYTES, &plan), -ENOEXEC);
}

/* Each line damages one good program; @why is part of what must be said about it. */
#define REFUSED(why_part, damage)                                                      \
    do {                                                                               \
        struct program p = good();                                                     \
        u64 bytes = FILE_BYTES;                                                        \
        damage;                                                                        \
        if (!strstr(refusal(&p, bytes), why_part))                                     \
            fail_msg("%s: \"%s\", not \"%s\"", #damage, refusal(&p, bytes), why_part); \
    } while (0)

static void what_is_wrong_with_a_header_is_said(void **state)
{
    REFUSED("not an ELF", p.header.magic[3] = 'G');
    REFUSED("not an ELF", bytes = 3);
    REFUSED("ends inside its ELF header", bytes = sizeof(struct elf_header) - 1);
    REFUSED("another machine", p.header.class ^= 3);
    REFUSED("another machine", p.header.machine = 40);
    REFUSED("damaged", p.header.data = 2);
    REFUSED("not a program", p.header.type = 1);
    REFUSED("wrong size", p.header.segment_bytes++);
    REFUSED("no program headers", p.header.segments = 0);
    REFUSED("more than 64", p.header.segments = 65);
    REFUSED("before its program headers", p.header.segments_offset = (elf_word)-8);
    REFUSED("before its program headers", bytes = sizeof(struct elf_header) + 1);
}

static void what_is_wrong_with_segments_is_said(void **state)
{
    REFUSED("truncated", bytes = 0x6000);
    REFUSED("truncated", p.segment[1].offset = (elf_word)-0x1080);
    REFUSED("larger in the file", p.segment[0].memory_bytes = 0x4fff);
    REFUSED("wraps", p.segment[1].memory_bytes = (elf_word)-0x1000);
    REFUSED("kernel", p.segment[1].address = (elf_word)(KERNEL_BASE + 0x100f80));
    REFUSED("kernel", p.segment[1].address = (elf_word)(USER_TOP - 0x3080));
    REFUSED("64 KiB", p.segment[0].address = 0xf000);
    REFUSED("as in the file", p.segment[1].address += 8);
    REFUSED("overlap", p.segment[1].address = 0x404f80);
    REFUSED("in order", p.segment[1].address = 0x306f80);
    REFUSED("empty or too long",
            (p.segment[3].type = ELF_INTERPRETER, p.segment[3].file_bytes = 1));
    REFUSED("empty or too long",
            (p.segment[3].type = ELF_INTERPRETER, p.segment[3].file_bytes = 4097));
    REFUSED("interpreter's path does",
            (p.segment[3].type = ELF_INTERPRETER, p.segment[3].offset = FILE_BYTES - 0x1f));
    REFUSED("nothing to load", p.segment[0].type = p.segment[1].type = 0);
    REFUSED("outside of its code", p.header.entry = 0x407000);
    REFUSED("outside of its code", p.header.entry = (elf_word)-1);
}

static void noise_never_gets_a_plan_that_leaves_user_memory(void **state)
{
    srand(7);
    for (unsigned round = 0; round < 200000; round++) {
        struct program program = good();
        struct elf_plan plan;
        for (unsigned n = rand() % 3 + 1; n; n--) {
            u32 value = (u32)rand() << 16 ^ (u32)rand();
            if (rand() % 2)
                value = rand() % 2 ? UINT32_MAX << (rand() % 32) : 0x1000u << (rand() % 20);
            size_t at =
                sizeof(struct elf_header) + (size_t)rand() % (2 * sizeof(struct elf_segment));
            memcpy((u8 *)&program + (at & ~3ul), &value, sizeof(value));
        }
        if (rand() % 2)
            program.header.type = ELF_TYPE_DYNAMIC;
        if (elf_plan(&program.header, program.segment, FILE_BYTES, &plan))
            continue;
        if (plan.is_movable && elf_move(&plan, align_up((vaddr_t)ELF_DYNAMIC_BASE, plan.align)))
            continue;
        vaddr_t behind = 0;
        for (unsigned i = 0; i < plan.pieces; i++) {
            const struct elf_piece *piece = &plan.piece[i];
            assert_true(piece->address >= behind && piece->address >= 0x10000);
            behind = piece->address + piece->memory_bytes;
            assert_true(behind > piece->address && behind <= USER_TOP);
            assert_true(piece->file_bytes <= piece->memory_bytes);
            assert_true(piece->offset + piece->file_bytes <= FILE_BYTES);
        }
        assert_true(plan.end >= behind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_says_what_goes_where),
        cmocka_unit_test(a_program_for_any_place_is_moved),
        cmocka_unit_test(an_interpreter_is_found),
        cmocka_unit_test(segments_may_share_a_page),
        cmocka_unit_test(what_is_wrong_with_a_header_is_said),
        cmocka_unit_test(what_is_wrong_with_segments_is_said),
        cmocka_unit_test(noise_never_gets_a_plan_that_leaves_user_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
