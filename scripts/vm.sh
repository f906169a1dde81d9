#!/bin/bash
# vm.sh [OPTION]... KERNEL CMD [ARG]...: boot KERNEL in qemu, run CMD in it as root, print its output, exit as it did.
#
#   -f FILE[:DEST]  put a file or folder into the guest, as /guest/NAME or DEST, with the shared libraries it needs;
#                   /guest is the folder that CMD runs in
#   -k MODULE       load this module of KERNEL first; more than one in the order given
#   -a WORDS        add to the kernel's command line
#   -m MB  -c CPUS  memory (512) and processors (1) of the guest
#   -t SECONDS      time limit, boot included (120)
#   -n              mount neither tracefs, debugfs nor bpffs
#
# KERNEL is a folder of vm-kernel.sh; its vmlinuz determines the architecture. The guest has busybox and the files of -f,
# no disk and no network. Needs neither root nor KVM: plain emulation boots in 2 to 4 s.
# Status: CMD's own; 124 the limit was reached; 125 the guest ended without one (panic, out of memory, reset), and the
# end of its log is printed; 126 something is missing here.
# VM_LOG=FILE keeps the kernel's log. VM_CPU and VM_ACCEL override qemu's -cpu and -accel.
set -u -o pipefail
usage() { fail "usage: vm.sh [-f FILE[:DEST]] [-k MODULE] [-a WORDS] [-m MB] [-c CPUS] [-t SECONDS] [-n] KERNEL CMD [ARG]..."; }
fail() {
	echo "vm.sh: $*" >&2
	exit 126
}

limit=120 memory=512 cpus=1 words='' mounts=all files=() modules=()
while getopts f:k:a:m:c:t:n option; do
	case $option in
		f) files+=("$OPTARG") ;;
		k) modules+=("$OPTARG") ;;
		a) words=$OPTARG ;;
		m) memory=$OPTARG ;;
		c) cpus=$OPTARG ;;
		t) limit=$OPTARG ;;
		n) mounts=few ;;
		*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
kernel=$1
shift
image=$(find "$kernel" -type f -name 'vmlinuz*' 2>/dev/null | head -n 1)
[ -n "$image" ] || fail "no vmlinuz in $kernel: make it with scripts/vm-kernel.sh"

# The machine to emulate. The kernel's log is on the first serial port; CMD's output and status are on three more.
# A guest with cmpxchg16b panics sometimes under qemu 7.2, so x86 does not have it (and GOAMD64 must be v1).
case $(head -c 59 "$image" | tail -c 3 | tr -d "\000") in
	ARM)
		machine=(qemu-system-aarch64 -M virt -cpu "${VM_CPU:-cortex-a72}")
		console=ttyAMA0 ports='0 1 2'
		serial() { echo "-chardev file,id=$1,path=$2 -device pci-serial,chardev=$1"; }
		;;
	*)
		machine=(qemu-system-x86_64 -cpu "${VM_CPU:-max,-cx16}")
		console=ttyS0 ports='1 2 3'
		serial() { echo "-serial file:$2"; }
		;;
esac
busybox=$kernel/busybox
[ -f "$busybox" ] || busybox=$(command -v busybox) || fail "busybox is missing: run scripts/deps.sh vm"
for tool in "${machine[0]}" cpio timeout; do
	command -v "$tool" >/dev/null || fail "$tool is missing: run scripts/deps.sh vm"
done

work=$(mktemp -d) qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root

# The shared libraries of an ELF file, including its loader; none for a static one.
libraries_of() {
	[ "$(head -c 4 "$1" | tail -c 3)" = ELF ] || return 0
	ldd "$1" 2>/dev/null | grep -o '/[^ )]*' || true
}

pack() { # FILE[:DEST]
	local source=${1%%:*} dest library
	dest=/guest/$(basename "$source")
	[ "$1" = "$source" ] || dest=${1#*:}
	[ -e "$source" ] || fail "no file $source"
	mkdir -p "$root$(dirname "$dest")"
	cp -RLT --preserve=mode,timestamps "$source" "$root$dest" || fail "cannot pack $source"
	while read -r library; do
		[ -e "$root$library" ] || { mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"; } ||
			fail "cannot pack $library for $source"
	done < <(find "$root$dest" -type f -perm /111 | while read -r file; do libraries_of "$file"; done | sort -u)
}

pack_module() { # NAME NUMBER
	local found
	found=$(find "$kernel" -name "$1.ko*" | head -n 1)
	case $found in
		*.ko) cat "$found" ;;
		*.xz) xz -dc "$found" ;;
		*.zst) zstd -dcq "$found" ;;
		*) false ;;
	esac > "$root/modules/$2-$1.ko" || fail "no module $1 in $kernel, or xz or zstd is missing"
}

mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,modules,guest}
cp "$busybox" "$root/bin/busybox" || fail "cannot copy $busybox"
ln -s busybox "$root/bin/sh"
config=$(find "$kernel" -name 'config*' -path '*/boot/*' -o -name config -path '*/modules/*' | head -n 1)
[ -z "$config" ] || pack "$config:/boot/config" # libbpf reads it for .kconfig
for file in ${files[@]+"${files[@]}"}; do pack "$file"; done
number=10
for module in ${modules[@]+"${modules[@]}"}; do pack_module "$module" "$((number += 1))"; done
echo 'root:x:0:0::/:/bin/sh
nobody:x:65534:65534::/:/bin/sh' > "$root/etc/passwd"
# busybox's shell reads it: single quotes, since bash's own quoting may use $'...'.
{
	printf 'exec'
	for word in "$@"; do printf " '%s'" "${word//\'/\'\\\'\'}"; done
	echo
} > "$root/command"
cat > "$root/init" <<END
#!/bin/sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp TMPDIR=/tmp VM_MOUNTS=$mounts
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t securityfs securityfs /sys/kernel/security
if [ \$VM_MOUNTS = all ]; then
	mount -t bpf bpf /sys/fs/bpf
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
fi
[ ! -e /boot/config ] || mv /boot/config "/boot/config-\$(uname -r)"
mkdir -p /dev/shm
ln -s /proc/self/fd /dev/fd
ip link set lo up
for module in /modules/*; do [ ! -e "\$module" ] || insmod "\$module"; done
set -- $ports
for port; do stty -F /dev/ttyS\$port raw -echo; done
cd /guest
sh /command </dev/null >/dev/ttyS\$1 2>/dev/ttyS\$2 # each port is drained as it is closed
echo \$? >/dev/ttyS\$3
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) > "$work/initrd" || fail "cpio failed"
rm -rf "$root"

log=${VM_LOG:-$work/log}
: > "$log" || fail "cannot write $log"
mkfifo "$work/out" "$work/err"
cat "$work/out" &
cat "$work/err" >&2 &
# shellcheck disable=SC2046 # words are meant
timeout -k 5 "$limit" "${machine[@]}" -accel "${VM_ACCEL:-tcg}" -m "$memory" -smp "$cpus" \
	-nodefaults -display none -no-reboot -kernel "$image" -initrd "$work/initrd" \
	-append "console=$console panic=-1 oops=panic lsm=bpf mitigations=off nokaslr $words" \
	-serial "file:$log" $(serial out "$work/out") $(serial err "$work/err") $(serial status "$work/status") </dev/null &
qemu=$!
wait "$qemu"
end=$? qemu=
: <>"$work/out" <>"$work/err" # ends both cats if qemu never opened the pipes
wait
status=$(tr -dc 0-9 < "$work/status" 2>/dev/null)
[ -z "$status" ] || exit "$status"
tail -n 25 "$log" | tr -d '\r' | sed 's/^/[guest] /' >&2
case $end in
	124 | 137) echo "vm.sh: no end within $limit s" >&2 && exit 124 ;;
	*) echo "vm.sh: the guest ended without a status (qemu: $end): panic, out of memory or reset" >&2 && exit 125 ;;
esac
