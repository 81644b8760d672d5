# What busybox's applets do with files, pipes and redirections: the same everywhere.  Run by
# `busybox sh`; every command is an applet of the same busybox.
busybox=/bin/busybox
for applet in awk basename cat chmod cmp cp cut date dd dirname du echo env expr find grep head id \
    kill ln ls md5sum mkdir mkfifo mktemp mv od printf ps readlink realpath rm rmdir sed seq sha256sum \
    sleep sort stat tail tar tee test touch tr true uname uniq wc xargs yes gzip gunzip; do
    alias $applet="$busybox $applet"
done
say() { echo "== $1"; }
place=/tmp/quire-applets-$$
umask 022
mkdir $place
cd $place

say "files and directories"
mkdir -p a/b/c
echo one >a/one
echo two >>a/one
cp a/one a/b/two
ln a/one a/hard
ln -s ../one a/b/soft
ls -R a
cat a/b/soft
stat -c '%n %F %a %h %s' a/one a/b/soft
stat -c '%n %F %a %h' a/b
mv a/b a/moved
ls a a/moved
cp -r a copy
find copy | sort
rm -r copy
test -e copy || echo "copy is gone"
chmod 640 a/one
stat -c '%a %A' a/hard
touch -d '2001-02-03 04:05:06' a/one
stat -c '%Y' a/one
readlink a/moved/soft
realpath a/moved/../one | sed "s|$place|PLACE|"
rmdir a/moved 2>/dev/null || echo "not empty"
rm a/moved/two a/moved/soft
rmdir a/moved/c a/moved && echo "empty now"

say "text"
seq 1 1000 | grep 7 | wc -l
seq 1 1000 | awk '{ sum += $1 } END { print sum }'
printf 'b 2\na 1\nc 3\n' | sort | tee sorted | cut -d ' ' -f 2 | tr '\n' ' '
echo
sed 's/a/A/' sorted
sort -rn -k 2 sorted | head -n 1
printf 'x\nx\ny\n' | uniq -c | awk '{ print $2, $1 }'
tail -n 2 sorted
seq 1 5 | xargs echo
echo 'hello, world' | od -c | head -n 1
expr 6 \* 7
basename /usr/lib/x.so .so
dirname /usr/lib/x.so
grep -n b sorted
find . -name 'so*' -type f

say "bytes"
dd if=/dev/zero of=zeroes bs=4096 count=25 2>/dev/null
wc -c <zeroes
du -k zeroes | cut -f 1
md5sum zeroes
dd if=zeroes of=part bs=1 skip=100 count=10 2>/dev/null
stat -c %s part
seq 1 20000 >numbers
sha256sum numbers
gzip numbers
gunzip numbers.gz
sha256sum numbers | cut -c 1-16
tar cf all.tar a numbers sorted
rm -r a numbers
tar xf all.tar
ls
cmp sorted sorted && echo "the same"
head -c 5 /dev/zero | od -An -tx1

say "pipes and redirections"
yes | head -n 3
(echo out; echo err >&2) 2>&1 | sort
{ cat <<END
here $((3 * 4))
END
} >here
cat here
mkfifo pipe
(seq 1 3 >pipe) &
cat pipe
wait
rm pipe
(exit 3)
echo $?
false || echo "or"
true && echo "and"
cat missing 2>/dev/null || echo "there is no such file"
for i in 1 2 3; do echo $i; done | while read n; do echo "<$n>"; done
x=$(seq 1 3 | tail -n 1)
echo $x
sleep 100 &
{ kill $!; wait $!; status=$?; } 2>/dev/null
echo "killed: $status"
exec 3>third
echo "to 3" >&3
exec 3>&-
cat third
ls /proc/self/fd | head -n 3 | wc -l
ls *.tar s*
set -- p q r
echo $# $2
case abc in a*) echo "case" ;; esac

cd /
rm -r $place
ls $place 2>/dev/null || echo "nothing is left"
