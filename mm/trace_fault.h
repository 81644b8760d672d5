/*
 * Tracing faults: the only event that needs to look before and after.
 */
#ifndef MM_TRACE_FAULT_H
#define MM_TRACE_FAULT_H

#include "mm/fault.h"
#include "mm/trace.h"

typedef enum fault_result resolve_function(struct mm *mm, const struct fault *fault);

/*
 * What @resolve returns for the two others, with an event that says how the fault was answered.
 * For those who have seen trace_on.
 *
 * Locks: mmap_lock is held, at all.
 */
enum fault_result trace_fault(struct mm *mm, const struct fault *fault, resolve_function *resolve)
    MUST_CHECK;

#endif
