#!/bin/sh
# Makes the root folder of the container image: container/root.sh BINARY FOLDER
#
# The binary, what it is linked with, and the few files that the C library reads. No shell, no packages.
set -eu
binary=$1
root=$2

install -D -m 755 "$binary" "$root/akrida"
# The loader, and each library by the path at which the loader looks for it.
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$library" "$root$library"
done

# Where tests are mounted, and where things are mounted that a container gets.
mkdir -p "$root/locust" "$root/etc" "$root/proc" "$root/dev" "$root/tmp"
chmod 1777 "$root/tmp"
echo 'akrida:x:10001:10001::/locust:/nonexistent' >"$root/etc/passwd"
echo 'akrida:x:10001:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

here=$(dirname "$0")/..
install -D -m 644 -t "$root/licenses" "$here/NOTICE" "$here/LICENSE-APACHE" "$here/LICENSE-MIT"
