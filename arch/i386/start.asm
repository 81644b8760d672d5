; From the loader's flat 32-bit mode to kernel_main() in the upper half.
;
; The first page tables are coarse: huge pages, everything writable and executable.
;
;      virtual                                        physical
;      0x00000000  ... 3 GiB                          0 ... 3 GiB      what runs now, loaders' data
;      PAGE_OFFSET ... +768 MiB                       0 ... 768 MiB    the direct map, the image
;
; paging_init() replaces them.  Loaders leave CR0 and CR4 as their firmware had them (Bochs' BIOS
; even with the caches off), so both are written whole.

%include "gen/offsets.inc"

global start, start_pvh, start_ap, early_gdt, boot_root, boot_stack
extern kernel_main, ap_start, refuse, require_cpuid, require_whole_image
extern boot_loader, boot_loader_data, boot_entry_tsc

CODE32         equ 8
DATA           equ 16
ENTRY_PRESENT  equ 1
ENTRY_HUGE     equ 0x83                 ; present, writable, huge

%if CONFIG_PAE
HUGE_BYTES     equ 0x200000
ENTRY_BYTES    equ 8
NEEDED         equ 1 << CPU_PAE | 1 << CPU_TSC | 1 << CPU_CX8 | 1 << CPU_CMOV
CR4_BOOT       equ CR4_PAE
%else
HUGE_BYTES     equ 0x400000
ENTRY_BYTES    equ 4
NEEDED         equ 1 << CPU_PSE | 1 << CPU_TSC | 1 << CPU_CX8 | 1 << CPU_CMOV
CR4_BOOT       equ CR4_PSE
%endif

LOW_ENTRIES    equ 0xc0000000 / HUGE_BYTES
DIRECT_ENTRIES equ DIRECT_MAP_MAX / HUGE_BYTES

section .boot.text progbits alloc exec nowrite align=16
bits 32

start_pvh:                              ; ebx = struct hvm_start_info *
        mov eax, LOADER_PVH
start:                                  ; ebx = Multiboot2 information, eax = its magic
        cli
        cld
        mov ebp, eax                    ; ebp = which loader, ebx = its data, until the end
        mov edi, ebx
        mov esp, early_stack_top
        lgdt [early_gdtr]
        jmp CODE32:.reload
.reload:
        mov ax, DATA
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov fs, ax                      ; per-CPU variables: the boot CPU's are in place
        xor ax, ax
        mov gs, ax
        call require_features
        rdtsc                           ; for the count of what the boot costs
        mov [boot_entry_tsc - KERNEL_BASE], eax
        mov [boot_entry_tsc - KERNEL_BASE + 4], edx
        mov ebx, edi
        call require_whole_image
        call fill_tables
        xor esi, esi

enable_paging:                          ; esi = 0 for the boot CPU
        mov eax, CR4_BOOT
        mov cr4, eax
        mov eax, boot_root
        mov cr3, eax
        mov eax, CR0_BOOT_PAGING
        mov cr0, eax
        test esi, esi
        jz boot_cpu
        mov eax, ap_start
        jmp eax

start_ap:                               ; another CPU, from trampoline.asm
        mov ax, DATA
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov fs, ax
        xor ax, ax
        mov gs, ax
        mov esi, 1
        jmp enable_paging

boot_cpu:
        mov esp, boot_stack + KERNEL_STACK_BYTES
        mov [boot_loader], ebp
        mov [boot_loader_data], ebx
        xor ebp, ebp                    ; the end of the chain of frame pointers
        mov eax, kernel_main
        call eax                        ; never returns
        ud2

require_features:                       ; changes all but ebp, edi
        call require_cpuid
        mov eax, 1
        cpuid
        not edx
        mov esi, no_paging
        test edx, NEEDED & (1 << CPU_PAE | 1 << CPU_PSE)
        jnz refuse
        mov esi, no_cmov
        test edx, NEEDED
        jnz refuse
        ret

fill_tables:                            ; changes eax, ecx, edi
        mov edi, huge_entries
        mov ecx, LOW_ENTRIES
        call fill
        mov ecx, DIRECT_ENTRIES
        call fill
%if CONFIG_PAE
        mov eax, huge_entries + ENTRY_PRESENT
        mov edi, boot_root
        mov ecx, 4
.gib:   mov [edi], eax
        add eax, 4096
        add edi, 8
        loop .gib
%endif
        ret

fill:   mov eax, ENTRY_HUGE             ; ecx = entries to make at edi, for memory from 0 on
.huge:  mov [edi], eax
        add eax, HUGE_BYTES
        add edi, ENTRY_BYTES
        loop .huge
        ret

%if CONFIG_PAE
no_paging: db "this CPU has no PAE paging: boot the i386 build", 0
%else
no_paging: db "this CPU has no 4 MiB pages (PSE)", 0
%endif
no_cmov:   db "this CPU is older than an i686: no TSC, CMOV or CMPXCHG8B", 0

        align 8, db 0
early_gdt:
        dq 0
        dq 0x00cf9b000000ffff           ; CODE32: base 0, 4 GiB, ring 0
        dq 0x00cf93000000ffff           ; DATA
early_gdtr:
        dw early_gdtr - early_gdt - 1
        dd early_gdt

section .boot.bss nobits alloc noexec write align=4096
%if CONFIG_PAE
boot_root:    resb 4096
huge_entries: resb 4096 * 4
%else
boot_root:
huge_entries: resb 4096
%endif
early_stack:  resb 256
early_stack_top:

section .bss.page_aligned nobits alloc noexec write align=4096
              resb 4096                 ; its guard page: kernel_main() unmaps it
boot_stack:   resb KERNEL_STACK_BYTES
