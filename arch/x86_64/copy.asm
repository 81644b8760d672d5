; Zeroing and copying on x86_64: whole pages, and what a user program points at.
;
; The user loops may fault, and are where the kernel may touch user memory at all.  They move
; quadwords, then the bytes that remain.  If a quadword faults, its bytes are tried one by one, so
; that the count of what is missing is exact; if a byte faults, that is the end.  A rep instruction
; that faults leaves its registers at the element it could not move.  Read beside
; arch/i386/copy.asm.

bits 64
default rel

%include "arch/x86/user_access.inc"

PAGE_BYTES equ 4096
QUAD       equ 8

; A row of the exception table: if the instruction at %1 faults, go on at %2.
%macro extable 2
    section extable
    dd %1 - $
    dd %2 - $
    section .text
%endmacro

section .text

global clear_page_words
clear_page_words:                       ; rdi = page
    mov     ecx, PAGE_BYTES / QUAD
    xor     eax, eax
    rep stosq
    ret

global clear_page_bytes
clear_page_bytes:                       ; rdi = page
    mov     ecx, PAGE_BYTES
    xor     eax, eax
    rep stosb
    ret

global clear_pages_words
clear_pages_words:                      ; rdi = address, rsi = pages
    mov     rcx, rsi
    shl     rcx, 9                      ; quadwords
    xor     eax, eax
    rep stosq
    ret

global clear_pages_bytes
clear_pages_bytes:                      ; rdi = address, rsi = pages
    mov     rcx, rsi
    shl     rcx, 12
    xor     eax, eax
    rep stosb
    ret

global copy_page_words
copy_page_words:                        ; rdi = to, rsi = from
    mov     ecx, PAGE_BYTES / QUAD
    rep movsq
    ret

global copy_page_bytes
copy_page_bytes:                        ; rdi = to, rsi = from
    mov     ecx, PAGE_BYTES
    rep movsb
    ret

global user_copy
user_copy:                              ; rdi = to, rsi = from, rdx = bytes
    mov     rcx, rdx
    shr     rcx, 3
    and     edx, QUAD - 1
    allow_user_pages
.quads:
    rep movsq
    mov     ecx, edx
.bytes:
    rep movsb
.end:
    forbid_user_pages
    mov     rax, rcx                    ; what is left
    ret
.quad_failed:
    lea     rcx, [rdx + rcx * QUAD]
    jmp     .bytes
extable .quads, .quad_failed
extable .bytes, .end

global user_clear
user_clear:                             ; rdi = to, rsi = bytes
    mov     rcx, rsi
    shr     rcx, 3
    and     esi, QUAD - 1
    xor     eax, eax
    allow_user_pages
.quads:
    rep stosq
    mov     ecx, esi
.bytes:
    rep stosb
.end:
    forbid_user_pages
    mov     rax, rcx
    ret
.quad_failed:
    lea     rcx, [rsi + rcx * QUAD]
    jmp     .bytes
extable .quads, .quad_failed
extable .bytes, .end
