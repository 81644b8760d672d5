/*
 * The page-fault exception.
 */
#ifndef ARCH_X86_PAGE_FAULT_H
#define ARCH_X86_PAGE_FAULT_H

struct trapframe;

/* Handle vector 14.  Called by trap() with interrupts off; returns with them on or off. */
void page_fault(struct trapframe *frame);

#endif
