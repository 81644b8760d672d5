/*
 * kmap_local of a host test: functions of the test's own, since there are no slots and no CPU.
 */
#ifndef TESTS_HOST_SHADOW_MM_KMAP_LOCAL_H
#define TESTS_HOST_SHADOW_MM_KMAP_LOCAL_H

#include "arch/x86/pte.h"
#include "lib/annotate.h"

struct page;

void *kmap_local_page(const struct page *page) MUST_CHECK;
void *kmap_local_pfn(pfn_t pfn) MUST_CHECK;
void kunmap_address(const void *address);
#define kunmap_local(address) kunmap_address(address)

struct page *kmap_page_of(const void *address);

#endif
