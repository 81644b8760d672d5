; The last steps of another CPU to C, from start_ap: long mode, with the first page tables.
;
; smp.c says which tables and which stack; ap_nx, whether those tables have no-execute entries,
; which the CPU would take for errors if it were not told.

%include "gen/offsets.inc"

global ap_start
extern ap_root, ap_stack, ap_nx, smp_ap_main

MSR_EFER_NUMBER equ 0xc0000080

section .text
bits 64

ap_start:
        cmp qword [ap_nx], 0
        je .tables
        mov ecx, MSR_EFER_NUMBER
        rdmsr
        or eax, EFER_NX
        wrmsr
.tables:
        mov rax, [ap_root]
        mov cr3, rax
        mov rsp, [ap_stack]
        xor ebp, ebp                    ; the end of the chain of frame pointers
        call smp_ap_main                ; never returns
        ud2
