/*
 * The fault handlers of vmas that map files, or frames of physical memory; see mm/fault.h.
 */
#ifndef MM_FAULT_FILE_H
#define MM_FAULT_FILE_H

#include "mm/fault.h"

/* Pages of vma->mapping. */
enum fault_result file_fault(struct vma *vma, pte_t *slot, const struct fault *fault) MUST_CHECK;

/* VM_PFNMAP: the frames whose numbers are vma->offset / PAGE_BYTES and on. */
enum fault_result frame_fault(struct vma *vma, pte_t *slot, const struct fault *fault) MUST_CHECK;

#endif
