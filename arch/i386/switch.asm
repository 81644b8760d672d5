; The i386's change of stack: from one task to another, and into a new one.

%include "gen/offsets.inc"

global context_switch, task_entry, segments_reload
extern task_first_run, task_exit

section .text progbits alloc exec nowrite align=16
bits 32

; void context_switch(void **save_sp, void *next_sp)
; With: arch/i386/stack.h, struct switch_frame
context_switch:
        push ebp
        push ebx
        push esi
        push edi
        mov [eax], esp
        mov esp, edx
        pop edi
        pop esi
        pop ebx
        pop ebp
        ret

; A new kernel thread: ebx = its function, esi = the argument, interrupts off.
task_entry:
        call task_first_run
        mov eax, esi
        call ebx
        xor eax, eax
        call task_exit

; void segments_reload(void)
segments_reload:
        jmp KERNEL_CODE:.reloaded
.reloaded:
        mov eax, KERNEL_DATA
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov eax, PERCPU_DATA
        mov fs, eax
        xor eax, eax
        mov gs, eax
        ret
