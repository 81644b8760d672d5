/*
 * The parts of the kernel's image, each a run of whole pages with one kind of rights.
 */
#ifndef MM_IMAGE_H
#define MM_IMAGE_H

#include "arch/x86/pte.h"

/* Where linker.ld put things.  _boot is a physical address, the others are virtual ones. */
extern char _boot[], _eboot[], _text[], _etext[], _tests_text[], _etests_text[], _init_text[],
    _einit_text[], _rodata[], _tests_rodata[], _etests_rodata[], _erodata[], _data[], _init_data[],
    _einit_data[], _tests_data[], _etests_data[], _edata[], _bss[], _end[];

struct image_part {
    const char *start, *end;
    prot_t prot;
};

/* By address, without holes between them; the last has no start. */
extern const struct image_part image_parts[];

/*
 * Give back the memory of what only the boot needed: the start code, .init, and with
 * @keep_tests false the tests.  Nothing in there may be used any more.  Sleeps.
 *
 * Returns: how many pages.
 */
unsigned long image_free_unused(bool keep_tests);

#endif
