#!/bin/bash
# Run cppcheck over the kernel, as x86_64, and over what knows the machine as i386pae;
# tools/cppcheck.txt says what is not reported and why.
cd "$(dirname "$0")/.."
result=0
# Names it takes for the C library's macros, which are enumerators here.
ours="-USEEK_SET -USEEK_CUR -USEEK_END -USIGINT -USIGILL -USIGABRT -USIGFPE -USIGSEGV
    -USIGTERM -USIGKILL"
for build in i386pae x86_64; do
    make -s "ARCH=$build" flags >/dev/null
    memory=build/$build/cppcheck-$(cat tools/cppcheck.sh tools/cppcheck.txt | cksum | cut -d' ' -f1)
    mkdir -p "$memory"
    case $build in
    x86_64)
        platform=unix64 machine="-D__x86_64__ -U__i386__" other=arch/i386
        folders="boot arch mm kernel lib tests/kernel"
        ;;
    *)
        platform=unix32 machine="-D__i386__ -U__x86_64__" other=arch/x86_64
        folders="boot arch mm lib"
        ;;
    esac
    cppcheck --quiet -j2 --std=c11 --platform=$platform $machine -D__GNUC__=12 \
        "-D_Noreturn=__attribute__((noreturn))" -I. "-Ibuild/$build" $ours \
        --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppressions-list=tools/cppcheck.txt --cppcheck-build-dir="$memory" \
        --template='{file}:{line}: {message} [{id}]' -i"$other" \
        $folders || result=1
done
exit $result
