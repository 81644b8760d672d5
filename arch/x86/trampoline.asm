; Where another CPU wakes up: real mode, at the start of a page below 1 MiB.
;
; smp.c copies this there, so nothing here may depend on where it is: cs says which page, and ds is
; made to say the same.  It only reads its own page; a CPU that is emulated forgets the translation
; of code whose page is written to.  From here it is one jump to the start code of all CPUs, which
; lies where it was loaded.

%include "gen/offsets.inc"

global trampoline, trampoline_end
extern start_ap, early_gdt

CODE32 equ 8

section .rodata
bits 16

trampoline:
        cli
        cld
        mov ax, cs
        mov ds, ax
        o32 lgdt [gdtr - trampoline]
        mov eax, CR0_PROTECTED | CR0_EXTENSION_TYPE
        mov cr0, eax                    ; caches on, too: INIT leaves them off
        jmp dword CODE32:start_ap

        align 4, db 0
gdtr:   dw 31                           ; the largest of the early tables
        dd early_gdt
trampoline_end:
