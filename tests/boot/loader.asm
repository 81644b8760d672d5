; The test loader's entry: QEMU starts it as it would start a kernel, by a PVH note.
bits 32

section .note.Xen note alloc noexec nowrite align=4
    dd 4, 4, 18             ; lengths of owner and content; XEN_ELFNOTE_PHYS32_ENTRY
    db "Xen", 0
    dd start

section .text
global start, start_kernel
extern load

; ebx = QEMU's start info
start:
    mov esp, stack_top
    push ebx
    call load

; void start_kernel(entry, start info): never returns; the kernel finds what PVH promises
start_kernel:
    mov eax, [esp + 4]
    mov ebx, [esp + 8]
    jmp eax

section .bss nobits alloc noexec write align=16
    resb 16384
stack_top:
