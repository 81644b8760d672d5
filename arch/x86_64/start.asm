; From the loader's 32-bit mode to kernel_main() in 64-bit mode in the upper half.
;
; The first page tables are coarse: 2 MiB pages, everything writable and executable.
;
;      virtual                                        physical
;      0x0000000000000000  ... +4 GiB                 0 ... 4 GiB      what runs now, loaders' data
;      PAGE_OFFSET         ... +4 GiB                 0 ... 4 GiB      the direct map's beginning
;      KERNEL_BASE         ... +1 GiB                 0 ... 1 GiB      the kernel's image
;
; paging_init() replaces them.  Loaders leave CR0 and CR4 as their firmware had them (Bochs' BIOS
; even with the caches off), so both are written whole.

%include "gen/offsets.inc"

global start, start_pvh, start_ap, early_gdt, boot_root, boot_stack
extern kernel_main, ap_start, refuse, require_cpuid, require_whole_image
extern boot_loader, boot_loader_data, boot_entry_tsc

MSR_EFER_NUMBER equ 0xc0000080
CODE32          equ 8
DATA            equ 16
CODE64          equ 24
ENTRY_TABLE     equ 3                   ; present, writable
ENTRY_HUGE      equ 0x83                ; present, writable, 2 MiB
HUGE_BYTES      equ 0x200000
GIB_TABLES      equ 4                   ; level-1 tables, of 512 entries and 1 GiB each

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
        call require_long_mode
        rdtsc                           ; for the count of what the boot costs
        mov [boot_entry_tsc - KERNEL_BASE], eax
        mov [boot_entry_tsc - KERNEL_BASE + 4], edx
        mov ebx, edi
        call require_whole_image
        call fill_tables
        xor esi, esi

enable_long_mode:                       ; esi = 0 for the boot CPU
        mov eax, CR4_PAE
        mov cr4, eax
        mov eax, boot_root
        mov cr3, eax
        mov ecx, MSR_EFER_NUMBER
        mov eax, EFER_LONG_MODE
        xor edx, edx
        wrmsr
        mov eax, CR0_BOOT_PAGING
        mov cr0, eax
        jmp CODE64:long_mode

start_ap:                               ; another CPU, from trampoline.asm
        mov ax, DATA
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov esi, 1
        jmp enable_long_mode

require_long_mode:                      ; changes all but ebp, edi
        call require_cpuid
        mov esi, no_long_mode
        mov eax, 0x80000000
        cpuid
        cmp eax, 0x80000001
        jb refuse
        mov eax, 0x80000001
        cpuid
        test edx, 1 << (CPU_LONG_MODE % 32)
        jz refuse
        ret

fill_tables:                            ; changes eax, ecx, edi
        mov edi, huge_entries
        mov eax, ENTRY_HUGE
        mov ecx, GIB_TABLES * 512
.huge:  mov [edi], eax
        add eax, HUGE_BYTES
        add edi, 8
        loop .huge

        mov eax, huge_entries + ENTRY_TABLE
        mov edi, low_gibs
        mov ecx, GIB_TABLES
.gib:   mov [edi], eax
        add eax, 4096
        add edi, 8
        loop .gib

        mov dword [image_gib + 510 * 8], huge_entries + ENTRY_TABLE
        mov dword [boot_root], low_gibs + ENTRY_TABLE
        mov dword [boot_root + ((PAGE_OFFSET >> 39) & 511) * 8], low_gibs + ENTRY_TABLE
        mov dword [boot_root + 511 * 8], image_gib + ENTRY_TABLE
        ret

bits 64
long_mode:
        mov ax, DATA
        mov ds, ax
        mov es, ax
        mov ss, ax
        xor eax, eax
        mov fs, ax
        mov gs, ax
        mov ecx, MSR_GS_BASE_NUMBER     ; per-CPU variables: the boot CPU's are in place
        xor edx, edx
        wrmsr
        test esi, esi
        jz .boot_cpu
        mov rax, ap_start
        jmp rax

.boot_cpu:
        mov rsp, boot_stack + KERNEL_STACK_BYTES
        mov rax, boot_loader
        mov [rax], ebp
        mov rax, boot_loader_data
        mov [rax], ebx
        xor ebp, ebp                    ; the end of the chain of frame pointers
        mov rax, kernel_main
        call rax                        ; never returns
        ud2

MSR_GS_BASE_NUMBER equ 0xc0000101

no_long_mode:
        db "this CPU has no long mode (64 bits): boot the i386 build", 0

        align 8, db 0
early_gdt:
        dq 0
        dq 0x00cf9b000000ffff           ; CODE32: base 0, 4 GiB, ring 0
        dq 0x00cf93000000ffff           ; DATA
        dq 0x00af9b000000ffff           ; CODE64
early_gdtr:
        dw early_gdtr - early_gdt - 1
        dd early_gdt

section .boot.bss nobits alloc noexec write align=4096
boot_root:    resb 4096
low_gibs:     resb 4096
image_gib:    resb 4096
huge_entries: resb 4096 * GIB_TABLES
early_stack:  resb 256
early_stack_top:

section .bss.page_aligned nobits alloc noexec write align=4096
              resb 4096                 ; its guard page: kernel_main() unmaps it
boot_stack:   resb KERNEL_STACK_BYTES
