; Zeroing and copying on i386: whole pages, and what a user program points at.
;
; The user loops may fault, and are where the kernel may touch user memory at all.  They move
; doublewords, then the bytes that remain.  If a doubleword faults, its bytes are tried one by one,
; so that the count of what is missing is exact; if a byte faults, that is the end.  A rep
; instruction that faults leaves its registers at the element it could not move.  Arguments arrive
; in eax, edx, ecx.  Read beside arch/x86_64/copy.asm.

bits 32

%include "arch/x86/user_access.inc"

PAGE_BYTES equ 4096
DWORD_SIZE equ 4

; A row of the exception table: if the instruction at %1 faults, go on at %2.
%macro extable 2
    section extable
    dd %1 - $
    dd %2 - $
    section .text
%endmacro

section .text

global clear_page_words
clear_page_words:                       ; eax = page
    push    edi
    mov     edi, eax
    mov     ecx, PAGE_BYTES / DWORD_SIZE
    xor     eax, eax
    rep stosd
    pop     edi
    ret

global clear_page_bytes
clear_page_bytes:                       ; eax = page
    push    edi
    mov     edi, eax
    mov     ecx, PAGE_BYTES
    xor     eax, eax
    rep stosb
    pop     edi
    ret

global clear_pages_words
clear_pages_words:                      ; eax = address, edx = pages
    push    edi
    mov     edi, eax
    mov     ecx, edx
    shl     ecx, 10                     ; dwords
    xor     eax, eax
    rep stosd
    pop     edi
    ret

global clear_pages_bytes
clear_pages_bytes:                      ; eax = address, edx = pages
    push    edi
    mov     edi, eax
    mov     ecx, edx
    shl     ecx, 12
    xor     eax, eax
    rep stosb
    pop     edi
    ret

global copy_page_words
copy_page_words:                        ; eax = to, edx = from
    push    esi
    push    edi
    mov     edi, eax
    mov     esi, edx
    mov     ecx, PAGE_BYTES / DWORD_SIZE
    rep movsd
    pop     edi
    pop     esi
    ret

global copy_page_bytes
copy_page_bytes:                        ; eax = to, edx = from
    push    esi
    push    edi
    mov     edi, eax
    mov     esi, edx
    mov     ecx, PAGE_BYTES
    rep movsb
    pop     edi
    pop     esi
    ret

global user_copy
user_copy:                              ; eax = to, edx = from, ecx = bytes
    push    esi
    push    edi
    mov     edi, eax
    mov     esi, edx
    mov     edx, ecx
    shr     ecx, 2
    and     edx, DWORD_SIZE - 1
    allow_user_pages
.dwords:
    rep movsd
    mov     ecx, edx
.bytes:
    rep movsb
.end:
    forbid_user_pages
    mov     eax, ecx                    ; what is left
    pop     edi
    pop     esi
    ret
.dword_failed:
    lea     ecx, [edx + ecx * DWORD_SIZE]
    jmp     .bytes
extable .dwords, .dword_failed
extable .bytes, .end

global user_clear
user_clear:                             ; eax = to, edx = bytes
    push    edi
    mov     edi, eax
    mov     ecx, edx
    shr     ecx, 2
    and     edx, DWORD_SIZE - 1
    xor     eax, eax
    allow_user_pages
.dwords:
    rep stosd
    mov     ecx, edx
.bytes:
    rep stosb
.end:
    forbid_user_pages
    mov     eax, ecx
    pop     edi
    ret
.dword_failed:
    lea     ecx, [edx + ecx * DWORD_SIZE]
    jmp     .bytes
extable .dwords, .dword_failed
extable .bytes, .end
